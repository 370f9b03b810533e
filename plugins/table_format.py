"""The report for people: findings by file, then a summary."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby

from policylint.findings import AffectedAccounts
from policylint.report import Report, printable

MESSAGE_WIDTH = 60


def render(report: Report) -> Iterator[str]:
    """A table for each file, and the summary."""
    from tabulate import tabulate

    for path, findings in groupby(report.findings, key=lambda finding: report.where(finding.place).path):
        yield f"{printable(path)}\n"
        rows = []
        for finding in findings:
            spot = report.where(finding.place)
            message = f"{printable(finding.message)} [{finding.rule}]"
            reached = _reached(finding.accounts)
            text = textwrap.fill(message + (f" {reached}." if reached else ""), MESSAGE_WIDTH, break_on_hyphens=False)
            rows.append((f"{spot.line}:{spot.column}", str(finding.severity), str(finding.outcome), text))
        yield textwrap.indent(tabulate(rows, tablefmt="plain", disable_numparse=True), "  ") + "\n\n"
    yield from _summary(report)


def _reached(accounts: AffectedAccounts) -> str:
    if not accounts.count:
        return ""
    names = [*accounts.organizational_units, *accounts.ids]
    shown = ", ".join(printable(name) for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"Reaches {_count(accounts.count, 'account')}: {shown}{more}"


def _summary(report: Report) -> Iterator[str]:
    summary = report.summary
    looked = f"{_count(summary.policies, 'policy', 'policies')} checked"
    if summary.accounts:
        looked = f"{_count(summary.accounts, 'account')}, {looked}"
    if not report.findings:
        yield f"{looked}: nothing to complain about.\n"
        return
    yield (
        f"{looked}: {_count(summary.errors, 'error')}, {_count(summary.warnings, 'warning')}, "
        f"{_count(summary.notes, 'note')}.\n"
    )
    if summary.accounts_on_old_policy:
        count = _count(summary.accounts_on_old_policy, "account")
        yield f"AWS would leave {count} on an old policy, or on none.\n"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
