"""The report for programs that read line by line: a JSON object for each account that a finding reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from policylint import Finding, Rendered, Report
from policylint.printing import json_text


def render(report: Report) -> Rendered:
    """A line for each finding and account, and what they do not say."""
    return Rendered(_lines(report), tuple(filter(None, (report.alone_line, report.settings_line))))


def _lines(report: Report) -> Iterator[str]:
    """The lines, findings in the report's order and accounts in the organization's.

    A large organization has millions of them: each is made when it is asked for, from two halves that are made once.
    """
    head = _heads(report)
    for finding in report.findings:
        rest = _rest_of_line(report, finding)
        if not finding.accounts.ranges:
            yield f'{{"account": null, {rest}'
        for start, stop in finding.accounts.ranges:
            for index in range(start, stop):
                yield head(index) + rest


def _heads(report: Report) -> Callable[[int], str]:
    """What the line of the account with an index begins with."""

    @cache
    def head(index: int) -> str:
        assert report.organization is not None  # where there is none, findings reach no account
        account = report.organization.accounts[index]
        found = {"id": account.id, "name": account.name, "path": account.path}
        return f'{{"account": {json_text(found)}, '

    return head


def _rest_of_line(report: Report, finding: Finding) -> str:
    """What is the same for every account; the keys and their order are a promise to those who parse it."""
    where = report.where(finding.place)
    found = {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "outcome": str(finding.outcome),
        "message": finding.message,
        "path": where.path,
        "line": where.line,
        "column": where.column,
        "pointer": where.pointer,
        "policy_type": finding.policy_type,
        "fingerprint": report.fingerprint(finding),
    }
    return json_text(found)[1:] + "\n"
