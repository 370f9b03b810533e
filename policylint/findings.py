"""What policylint reports: a finding, its outcome and severity, and the place it points at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from policylint.places import Edit as Edit
from policylint.places import Location, locate
from policylint.places import Place as Place


class Outcome(StrEnum):
    """What AWS does about the problem that a finding names."""

    REJECTED = "rejected"  # rejects the document when it is saved or attached the document
    WITHHELD = "withheld"  # the merged policy is invalid: accounts stay on their last valid one
    IGNORED = "ignored"  # accepts the document and silently drops a part of it
    FAILS = "fails"  # makes the plan, but backups fail or are never made
    RISK = "risk"  # works, against good practice


class Severity(StrEnum):
    """How loud a finding is, loudest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


SEVERITIES = [str(severity) for severity in Severity]
DEFAULT_SEVERITY = {
    Outcome.REJECTED: Severity.ERROR,
    Outcome.WITHHELD: Severity.ERROR,
    Outcome.IGNORED: Severity.WARNING,
    Outcome.FAILS: Severity.ERROR,
    Outcome.RISK: Severity.WARNING,
}


class Related(NamedTuple):
    """Another place that explains a finding, with a short sentence on why."""

    place: Place
    message: str


class AwsError(NamedTuple):
    """How AWS itself reports the problem (ListEffectivePolicyValidationErrors)."""

    error_code: str
    path_to_error: str


class Fix(NamedTuple):
    """How to fix a problem: a sentence, and the edits. Safe where nobody can have meant anything else."""

    message: str
    edits: tuple[Edit, ...]
    safe: bool = True


class Fault(NamedTuple):
    """What a check yields: a place and a sentence; a plain (place, sentence) pair will do too."""

    place: Place
    message: str
    related: tuple[Related, ...] = ()
    aws: AwsError | None = None
    account_ranges: tuple[tuple[int, int], ...] | None = (
        None  # where the check knows better than its scope whom it reaches
    )
    fix: Fix | None = None
    subject: tuple[
        str, ...
    ] = ()  # what it is said of: a plan, or a plan and a rule; the message has the last in quotes


@dataclass(frozen=True, slots=True)
class AffectedAccounts:
    """The accounts that a finding reaches, folded: whole OUs by path, the rest by id (or name, if it has no id)."""

    count: int = 0
    organizational_units: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()  # of indexes into the organization's accounts, sorted and apart
    names: tuple[str, ...] = ()  # those of `ids` as people know them: by name, with the id where names repeat


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """One rule broken at one place of a source file, however many accounts that reaches."""

    rule: str
    severity: Severity
    outcome: Outcome
    message: str
    place: Place
    policy_type: str | None = None  # AWS's enum, e.g. BACKUP_POLICY
    accounts: AffectedAccounts = AffectedAccounts()
    aws: AwsError | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    also: tuple[Place, ...] = ()  # where the same is true, if it is said of several plans at once

    @property
    def location(self) -> Location:
        """The file, line and column; as a text path:line:column."""
        return locate(self.place)

    def __repr__(self) -> str:
        return f"Finding({self.rule!r} at {self.location})"
