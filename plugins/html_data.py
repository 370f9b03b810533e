"""What the page shows, as plain data: names made printable, everything that accounts share held once.

Accounts, units, policies, documents and nodes are named by their index in a list; sets of accounts are flat lists of
half-open ranges of account indexes. So the work follows distinct policies and findings, not accounts.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from policylint.document import Document
from policylint.effective import effective_policies
from policylint.findings import Finding, Place
from policylint.organization import Organization, Policy
from policylint.policy_types.shape import PolicyType
from policylint.printing import printable
from policylint.reading import FIXED, NOT_KNOWN
from policylint.rejected import rejected
from policylint.report import Report

from .card_links import help_uri
from .html_policies import PolicyTables
from .html_timeline import timeline
from .wording import summary

Json = dict[str, Any]
AROUND = 1  # lines shown before and after that of a finding
WIDTH_MOST = 240  # characters of a line that an excerpt shows
TEXT_MOST = 200_000  # characters of a document that the page brings along
TEXTS_MOST = 24_000_000  # and of all of them


class Documents:
    """The files that the page speaks of, by their path."""

    def __init__(self) -> None:
        self.rows: list[Json] = []
        self._indexes: dict[str, int] = {}
        self._room = TEXTS_MOST

    def index(self, document: Document) -> int:
        """The index of a document. Its lines come along while there is room."""
        known = self._indexes.get(document.path)
        if known is None:
            known = self._indexes[document.path] = len(self.rows)
            size = len(document.source.whole)
            fits = size <= min(TEXT_MOST, self._room)
            self._room -= size if fits else 0
            self.rows.append({"path": printable(document.path), "lines": lines_of(document) if fits else None})
        return known


def page_data(report: Report, now: datetime | None = None) -> Json:
    """Everything that the page shows. `now` is where the timeline starts when the report was judged at no moment."""
    documents = Documents()
    organization = report.organization
    return {
        "named": [printable(name) for name in report.named],
        "summary": asdict(report.summary),
        "twoStates": f"What is shown is the merge {FIXED}. {NOT_KNOWN}",
        "sentences": list(summary(report)),
        "failures": [printable(failure) for failure in report.failures],
        "rules": {rule_id: _rule(report, rule_id) for rule_id in sorted(report.rules)},
        "organization": _organization(report, organization, documents, now) if organization else None,
        "findings": [_finding(report, finding, documents) for finding in report.findings],
        "documents": documents.rows,
    }


def _rule(report: Report, rule_id: str) -> Json:
    card = report.rules[rule_id].card
    return {"title": printable(card.title), "family": printable(card.family), "card": help_uri(card)}


# ---- the organization --------------------------------------------------------------------------------------


def _organization(report: Report, organization: Organization, documents: Documents, now: datetime | None) -> Json:
    policies = list(organization.policies.values())
    tables = PolicyTables(policies)
    effective = [effective_policies(inheritance) for inheritance in report.inheritances]
    pairs = list(zip(report.inheritances, effective, strict=True))
    types = [
        {
            "enum": inheritance.policy_type.enum,
            "title": inheritance.policy_type.title,
            "effective": tables.add(inheritance, found),
            "timeline": _timeline_words(inheritance.policy_type),
        }
        for inheritance, found in pairs
    ]
    start = (report.at or now or datetime.now(UTC)).replace(second=0, microsecond=0)
    return {
        "accounts": [[printable(account.id), printable(account.name)] for account in organization.accounts],
        "attached": {
            account.index: [tables.indexes[id(policy)] for policy in account.policies]
            for account in organization.accounts
            if account.policies
        },
        "units": _units(organization, tables),
        "policies": [
            [printable(p.name), p.type.title, documents.index(p.document), p.type.checked, _rejected(p)]
            for p in policies
        ],
        "types": types,
        "nodes": tables.nodes,
        "levels": tables.levels,
        "timeline": timeline([policy for found in effective for policy in found], tables, start),
        "management": printable(organization.management_account),
    }


def _timeline_words(kind: PolicyType) -> Json | None:
    """The names by which the page finds what runs, and where; None for types of which nothing runs."""
    words = kind.timeline
    return {"top": kind.top_key, "runs": words.runs, "places": words.places} if words else None


def _rejected(policy: Policy) -> list[Any] | None:
    """The line at which AWS rejects a policy's document, and why; None where it accepts it."""
    found = rejected(policy) if policy.type.checked else None
    return [found.location.line, printable(found.sentence)] if found else None


def _units(organization: Organization, tables: PolicyTables) -> list[list[Any]]:
    """A row for each unit, parents first: name, id, parent, the range of its accounts, own accounts, policies."""
    rows: list[list[Any]] = []
    indexes: dict[int, int] = {}
    parents: dict[int, int] = {id(organization.root): -1}
    for unit in organization.root.walk():
        indexes[id(unit)] = len(rows)
        parents.update((id(below), len(rows)) for below in unit.organizational_units)
        attached = [tables.indexes[id(policy)] for policy in unit.policies]
        name = printable(unit.name)
        rows.append([name, printable(unit.id), parents[id(unit)], *unit.account_range, len(unit.accounts), attached])
    return rows


# ---- findings ----------------------------------------------------------------------------------------------


def _finding(report: Report, finding: Finding, documents: Documents) -> Json:
    row = {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "outcome": str(finding.outcome),
        "message": printable(finding.message),
        "type": finding.policy_type,
        "accounts": [index for span in finding.accounts.ranges for index in span],
        "controls": [printable(control) for control in report.controls(finding)],
        **_spot(report, finding.place, documents),
        "excerpt": _excerpt(report, finding.place),
        "related": [
            {**_spot(report, related.place, documents), "message": printable(related.message)}
            for related in finding.related
        ],
    }
    if finding.fix:
        row["fix"] = {"message": printable(finding.fix.message), "safe": finding.fix.safe}
    return row


def _spot(report: Report, place: Place, documents: Documents) -> Json:
    where = report.where(place)
    return {"document": documents.index(place.document), "line": where.line, "column": where.column}


def _excerpt(report: Report, place: Place) -> Json:
    """The line of a finding and its neighbours, as `[number, text]`, and what to mark in it: columns from 0."""
    where = report.where(place)
    lines = place.document.lines
    first, last = max(where.line - AROUND, 1), min(where.line + AROUND, len(lines))
    shown = [[number, _cut(lines[number - 1])] for number in range(first, last + 1)]
    text = lines[where.line - 1] if where.line <= len(lines) else ""
    start = len(_cut(text[: where.column - 1]))
    end = max(len(_cut(text[: where.end_column - 1])), start + 1)
    if start >= WIDTH_MOST:
        # Far into a long line, as minified files have it: the page shows what is around.
        begin = where.column - 1 - WIDTH_MOST // 2
        shown = [[where.line, "…" + _cut(text[begin:])]]
        start = len(_cut(text[begin : where.column - 1])) + 1
        end = max(len(_cut(text[begin : where.end_column - 1])) + 1, start + 1)
    return {"lines": shown, "line": where.line, "start": start, "end": end}


def _cut(line: str) -> str:
    line = line[:WIDTH_MOST]
    return printable(line.replace("\t", "    "))


def lines_of(document: Document) -> list[str]:
    """A document's lines, ready to be shown; the end of the last line starts no other."""
    lines = document.lines
    return [printable(line.replace("\t", "    ")) for line in (lines[:-1] if lines[-1] == "" else lines)]
