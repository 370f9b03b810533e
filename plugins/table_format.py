"""The report for people: findings by file, then a summary."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby

from policylint import SEVERITY_COLOURS, Finding, Location, Report, Terminal, printable

from .wording import reached, summary

WIDTH = 80
INDENT, GAP = "  ", "  "


def render(report: Report, terminal: Terminal) -> Iterator[str]:
    """A table for each file, no wider than 80 columns, and the summary."""
    located = [(finding, report.where(finding.place)) for finding in report.findings]
    room = WIDTH - len(INDENT) - sum(_widest(located)) - 3 * len(GAP)
    for path, findings in groupby(located, key=lambda found: found[1].path):
        yield terminal.paint(printable(path), 1) + "\n"
        yield _table(report, list(findings), room, terminal) + "\n\n"
    for line in summary(report):
        yield line + "\n"


def _widest(located: list[tuple[Finding, Location]]) -> tuple[int, int, int]:
    return (
        max((len(_spot(where)) for _, where in located), default=0),
        max((len(finding.severity) for finding, _ in located), default=0),
        max((len(finding.outcome) for finding, _ in located), default=0),
    )


def _table(report: Report, findings: list[tuple[Finding, Location]], room: int, terminal: Terminal) -> str:
    from tabulate import tabulate

    rows = [
        (
            _spot(where),
            terminal.paint(str(finding.severity), *SEVERITY_COLOURS[finding.severity]),
            str(finding.outcome),
            textwrap.fill(_message(report, finding), room, break_on_hyphens=False, break_long_words=False),
        )
        for finding, where in findings
    ]
    return textwrap.indent(tabulate(rows, tablefmt="plain", disable_numparse=True), INDENT)


def _spot(where: Location) -> str:
    return str(where.position)


def _message(report: Report, finding: Finding) -> str:
    names = ", ".join((finding.rule, *report.controls(finding)))
    return " ".join(filter(None, (printable(finding.message), reached(finding.accounts), f"[{names}]")))
