"""The report for GitLab's merge requests: Code Quality, the subset of Code Climate's format that GitLab reads.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from policylint import Finding, Rendered, Report, Severity
from policylint.printing import json_text

from .repository_paths import Paths
from .wording import told

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(report: Report) -> Rendered:
    """An array with an object for each finding, and what GitLab can't show."""
    paths = Paths(report.named)
    return Rendered(_array(report, paths), _notices(report, paths))


def _notices(report: Report, paths: Paths) -> Iterator[str]:
    yield from filter(None, (report.alone_line, report.settings_line))
    yield from paths.notices("GitLab")  # of the paths that the array has


def _array(report: Report, paths: Paths) -> Iterator[str]:
    before = "["
    for finding in report.findings:
        yield f"{before}\n{textwrap.indent(json_text(_issue(report, paths, finding), indent=2), '  ')}"
        before = ","
    yield "\n]\n" if report.findings else "[]\n"


def _issue(report: Report, paths: Paths, finding: Finding) -> dict[str, Any]:
    where = report.where(finding.place)
    return {
        "description": told(finding, "'"),
        "check_name": finding.rule,
        "fingerprint": report.fingerprint(finding),
        "severity": SEVERITIES[finding.severity],
        "location": {"path": paths.relative(where.path), "lines": {"begin": where.line}},
    }
