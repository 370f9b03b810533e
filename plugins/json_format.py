"""The report for programs: one JSON object, the same for the same input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from policylint import AffectedAccounts, Finding, Related
from policylint.printing import json_text

if TYPE_CHECKING:
    from policylint import Report

VERSION = 1


def render(report: Report) -> Iterator[str]:
    """The whole report as one JSON text that ends with a newline."""
    summary: Any = report.summary
    content = {
        "version": VERSION,
        "findings": [finding_object(report, finding) for finding in report.findings],
        "summary": asdict(summary) if is_dataclass(summary) and not isinstance(summary, type) else summary,
    }
    yield json_text(content, indent=2) + "\n"


def finding_object(report: Report, finding: Finding) -> dict[str, Any]:
    """A finding as JSON shows it; the keys and their order are a promise to those who parse it."""
    place = place_object(report, finding.place)
    aws = finding.aws
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "outcome": str(finding.outcome),
        "message": finding.message,
        **place,
        "policy_type": finding.policy_type,
        "accounts": accounts_object(finding.accounts),
        "aws": {"ErrorCode": aws.error_code, "PathToError": aws.path_to_error} if aws else None,
        "related": [related_object(report, related) for related in finding.related],
        "fingerprint": report.fingerprint(finding),
    }


def place_object(report: Report, place: Any) -> dict[str, Any]:
    """Where a place is: the columns count code points from 1 and the end is exclusive."""
    where = report.where(place)
    return {
        "path": where.path,
        "line": where.line,
        "column": where.column,
        "end_line": where.end_line,
        "end_column": where.end_column,
        "pointer": where.pointer,
    }


def related_object(report: Report, related: Related) -> dict[str, Any]:
    """Another place that explains a finding."""
    return {**place_object(report, related.place), "message": related.message}


def accounts_object(accounts: AffectedAccounts) -> dict[str, Any]:
    """The accounts that a finding reaches, as folded by the linter."""
    return {
        "count": accounts.count,
        "organizational_units": list(accounts.organizational_units),
        "ids": list(accounts.ids),
    }
