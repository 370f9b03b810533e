"""The report as annotations of GitHub Actions, and as the summary of the job.

The commands: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
How they are escaped: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from policylint import Finding, Rendered, Report, Severity, counted, printable

from .markdown_format import render as render_markdown
from .repository_paths import Paths
from .wording import by_severity, summary, told

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
MOST = 10  # so many of each level does GitHub show of a step
SUMMARY = "GITHUB_STEP_SUMMARY"


def render(report: Report) -> Rendered:
    """The annotations and the log; the job's summary gets the report as Markdown, and problems with that are reported."""
    paths = Paths(report.named)
    return Rendered(_log(report, paths), _notices(report, paths))


def _notices(report: Report, paths: Paths) -> Iterator[str]:
    yield from paths.notices("GitHub")  # of the paths that the log has
    if path := os.environ.get(SUMMARY):
        yield from _append(path, "".join(render_markdown(report)))


def _log(report: Report, paths: Paths) -> Iterator[str]:
    """A command for each annotation that GitHub shows, the worst first, then plain lines for the log."""
    more = []
    for level, findings in _by_level(report.findings).items():
        yield from (_command(report, paths, level, finding) for finding in findings[:MOST])
        more += findings[MOST:]
    if more:
        number = counted(len(more), "more finding")
        yield f"And {number} ({by_severity(more)}): GitHub shows {MOST} annotations of each level for a step.\n"
    yield from (line + "\n" for line in summary(report))


def _by_level(findings: list[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {level: [] for level in LEVELS.values()}
    for finding in findings:
        found[LEVELS[finding.severity]].append(finding)
    return found


def _command(report: Report, paths: Paths, level: str, finding: Finding) -> str:
    where = report.where(finding.place)
    properties: dict[str, str | int] = {"file": paths.relative(where.path), "line": where.line}
    properties["endLine"] = where.end_line
    if where.line == where.end_line:  # GitHub takes columns of a single line alone
        properties |= {"col": where.column, "endColumn": where.end_column}
    properties["title"] = ", ".join((finding.rule, *report.controls(finding)))
    given = ",".join(f"{name}={_property(printable(str(value)))}" for name, value in properties.items())
    return f"::{level} {given}::{_data(told(finding))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _append(path: str, text: str) -> Iterator[str]:
    """Add to the job's summary, below what is there; what went wrong."""
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"\n{text}" if file.tell() else text)
    except OSError as error:
        yield f"The job's summary, {path}, can't be written: {(error.strerror or str(error)).lower()}."
