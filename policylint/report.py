"""What a run found, as plain data for the report formats."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from policylint.findings import AffectedAccounts, Finding, Place, Related, Severity
from policylint.inheritance import Inheritance
from policylint.organization import Organization
from policylint.places import Location, locate
from policylint.printing import printable
from policylint.rules import Rule
from policylint.source import named_part
from policylint.wording import counted


@dataclass(frozen=True, slots=True)
class Setting:
    """What something outside of the policies changed of the run, and where it is: `policylint.yaml`, `never fails`."""

    source: str
    effect: str


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A policy file on its own that AWS would withhold if nothing else were attached, and why."""

    path: str
    reason: str  # "'selections' is missing"


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures that a report ends with."""

    accounts: int
    policies: int
    errors: int
    warnings: int
    notes: int
    accepted: int  # findings that are ignored, or in the baseline
    accounts_on_old_policy: int  # accounts for which AWS withholds a policy of some type
    accounts_unknown: int = 0  # accounts that inherit a broken file, so that what they get is not known
    settings: tuple[Setting, ...] = ()  # what a configuration, a baseline and ignores changed
    withheld_alone: tuple[Incomplete, ...] = ()  # of files on their own: what can't be judged without the others
    policies_not_checked: Mapping[str, int] = field(default_factory=dict)  # by AWS's name of their type


class SuppressedFinding(NamedTuple):
    """A finding that the project has accepted: in the source or elsewhere (SARIF's `inSource`, `external`), and why."""

    finding: Finding
    kind: str
    reason: str
    source: str = ""  # the path of the file that says so
    names_accounts: bool = False  # else a baseline records the accounts that were affected


class Terminal(NamedTuple):
    """What the reader's terminal can do. Nothing when the report goes to a file or a pipe: it is the same everywhere."""

    colour: bool = False
    links: bool = False

    def paint(self, text: str, *codes: int) -> str:
        """The text in ANSI colours and styles, where the terminal has them."""
        return f"\x1b[{';'.join(map(str, codes))}m{text}\x1b[0m" if self.colour and codes else text


PLAIN = Terminal()
VERSION = 1  # of the JSON


class Rendered(NamedTuple):
    """A report in some format: its text piece by piece, and notices for the user.

    The notices are asked for after the last piece, so that they may speak of what was written.
    """

    chunks: Iterable[str]
    notices: Iterable[str] = ()


SEVERITY_COLOURS = {Severity.ERROR: (1, 31), Severity.WARNING: (1, 33), Severity.NOTE: (1, 36)}


@dataclass(frozen=True, repr=False)
class Report:
    """The findings, sorted by path, line, column and rule, and the summary."""

    findings: list[Finding]
    summary: Summary
    failures: list[str] = field(default_factory=list)
    suppressed: list[SuppressedFinding] = field(default_factory=list)
    rules: Mapping[str, Rule] = field(default_factory=dict)  # those that were on, for any account, by id
    plugins: tuple[tuple[str, str], ...] = ()  # strangers' plugins: name and version
    named: tuple[str, ...] = ()  # the folder or the files that the user named
    exit_code: int = 0
    profile: str = "recommended"
    show_suppressed: bool = False  # in formats that can mark suppressed findings
    organization: Organization | None = None  # None where policy files were checked on their own
    inheritances: tuple[Inheritance, ...] = ()  # what was merged, for each enabled policy type in their order
    at: datetime | None = None  # the moment by which schedules were judged; None: at any
    homes: Mapping[str, str] = field(
        default_factory=dict
    )  # of files on their own: the organization's folder or "", by path
    count_fixes: Callable[[], int] | None = None  # tries in memory how many fixes --fix makes

    @cached_property
    def fixable(self) -> int:
        """How many safe fixes `--fix` makes, those included that come to light only once others are made."""
        offered = sum(finding.fix is not None and finding.fix.safe for finding in self.findings)
        return self.count_fixes() if offered and self.count_fixes else offered

    @property
    def settings_line(self) -> str:
        """What settings change, and where they come from, in one line; empty where they change nothing."""
        told = "; ".join(f"{one.source} {one.effect}" for one in self.summary.settings)
        return printable(f"Settings: {told}.") if told else ""

    @property
    def alone_line(self) -> str:
        """What can't be judged of files on their own, in one line; empty where all can."""
        found = self.summary.withheld_alone
        if not found:
            return ""
        which = f"'{found[0].path}'"
        if len(found) > 1:
            which = f"{len(found):,} of these files, such as {which}"
        home = self.homes.get(found[0].path)
        advice = "Put it into an organization to check the merged policy."
        if home:
            advice = f"Check the folder '{home}' to see the merged policy."
        return printable(f"Attached alone, AWS would withhold {which}: {found[0].reason}. {advice}")

    def __repr__(self) -> str:
        figures = self.summary
        counts = ((figures.errors, "error"), (figures.warnings, "warning"), (figures.notes, "note"))
        return f"Report({', '.join(counted(number, noun) for number, noun in counts)})"

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data: what `--format json` prints."""
        summary = {key: list(item) if isinstance(item, tuple) else item for key, item in asdict(self.summary).items()}
        findings = [_finding(self, finding) for finding in self.findings]
        return {"version": VERSION, "findings": findings, "summary": summary}

    def where(self, place: Place) -> Location:
        """The file, line and column of a place."""
        return locate(place)

    def controls(self, finding: Finding) -> tuple[str, ...]:
        """The controls that the finding's rule answers to, where the profile is a framework."""
        rule = self.rules.get(finding.rule)
        return tuple(one.control for one in rule.card.compliance if one.framework == self.profile) if rule else ()

    def fingerprint(self, finding: Finding) -> str:
        """What stays the same of a finding when lines move, the file is indented again or the organization's folder moves.

        No two findings of a report have the same.
        """
        return self._fingerprints[id(finding)]

    @cached_property
    def _fingerprints(self) -> dict[int, str]:
        import hashlib

        folder = os.path.dirname(self.organization.document.path) if self.organization else ""
        paths: dict[str, str] = {}
        alike: Counter[tuple[str, ...]] = Counter()
        found: dict[int, str] = {}
        for finding in (*self.findings, *(one.finding for one in self.suppressed)):
            place = finding.place
            source = place.document.source
            path = source.path
            if path not in paths:
                paths[path] = os.path.relpath(path, self.homes.get(path, folder) or ".").replace(os.sep, "/")
            key = (finding.rule, named_part(paths[path], source.part), place.pointer, place.part)
            # Problems of broken text have no pointers to distinguish them, and files of two organizations may have one path.
            number = (str(alike[key]),) if alike[key] else ()
            alike[key] += 1
            text = "\0".join((*key, *number))
            found[id(finding)] = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        return found


def joined(reports: list[Report]) -> Report:
    """One report of the parts of a run: an organization, if any, and files on their own by where they lie."""
    if len(reports) == 1:
        return reports[0]
    summaries = [report.summary for report in reports]
    figures = {
        one.name: sum((getattr(summary, one.name) for summary in summaries[1:]), getattr(summaries[0], one.name))
        for one in fields(Summary)
        if one.name not in ("policies_not_checked", "settings")
    }
    told = tuple(dict.fromkeys(one for summary in summaries for one in summary.settings))
    return replace(
        reports[0],
        findings=sorted((one for report in reports for one in report.findings), key=order),
        suppressed=sorted((one for report in reports for one in report.suppressed), key=lambda one: order(one.finding)),
        # Of types that are not checked there are none among files on their own.
        summary=Summary(**figures, settings=told, policies_not_checked=summaries[0].policies_not_checked),
        failures=list(dict.fromkeys(one for report in reports for one in report.failures)),
        rules={name: rule for report in reports for name, rule in report.rules.items()},
        named=tuple(name for report in reports for name in report.named),
        homes={path: home for report in reports for path, home in report.homes.items()},
        exit_code=max(report.exit_code for report in reports),
        count_fixes=lambda: sum(report.fixable for report in reports),
    )


def order(finding: Finding) -> tuple[str, int, int, str]:
    """By what findings are sorted in a report."""
    location = locate(finding.place)
    return location.path, location.line, location.column, finding.rule


def summarize(
    findings: list[Finding], accepted: int, accounts: int, policies: int, old: int, unknown: int = 0
) -> Summary:
    """Count the findings by severity."""
    errors, warnings, notes = (sum(finding.severity is severity for finding in findings) for severity in Severity)
    return Summary(accounts, policies, errors, warnings, notes, accepted, old, unknown)


# ---- as plain data: the keys and their order are a promise to those who parse them ---------------------------


def _finding(report: Report, finding: Finding) -> dict[str, Any]:
    """A finding as JSON shows it; the keys and their order are a promise to those who parse it."""
    place = _place(finding.place)
    aws = finding.aws
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "outcome": str(finding.outcome),
        "message": finding.message,
        **place,
        "policy_type": finding.policy_type,
        "accounts": _accounts(finding.accounts),
        "aws": {"ErrorCode": aws.error_code, "PathToError": aws.path_to_error} if aws else None,
        "related": [_related(related) for related in finding.related],
        "fingerprint": report.fingerprint(finding),
    }


def _place(place: Place) -> dict[str, Any]:
    """Where a place is: the columns count code points from 1 and the end is exclusive."""
    where = locate(place)
    return {
        "path": where.path,
        "line": where.line,
        "column": where.column,
        "end_line": where.end_line,
        "end_column": where.end_column,
        "pointer": where.pointer,
    }


def _related(related: Related) -> dict[str, Any]:
    """Another place that explains a finding."""
    return {**_place(related.place), "message": related.message}


def _accounts(accounts: AffectedAccounts) -> dict[str, Any]:
    """The accounts that a finding reaches, as folded by the linter."""
    return {
        "count": accounts.count,
        "organizational_units": list(accounts.organizational_units),
        "ids": list(accounts.ids),
    }
