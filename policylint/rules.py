"""The rules: what each id means, and what AWS does about it."""

from __future__ import annotations

from policylint.findings import DEFAULT_SEVERITY, Outcome, Severity

# id -> (outcome, title). One sentence in the terms of the user's file.
OUTCOMES: dict[str, tuple[Outcome, str]] = {
    "broken-syntax": (Outcome.REJECTED, "The file is no JSON or YAML"),
    "duplicate-key": (Outcome.REJECTED, "A name stands twice in one object"),
    "unreadable-file": (Outcome.REJECTED, "The file can't be read"),
    "document-too-large": (Outcome.REJECTED, "The file is too large to be read"),
    "document-over-limit": (Outcome.REJECTED, "The document is over the type's size limit"),
    "wrong-top-key": (Outcome.REJECTED, "The document lacks the type's top key, or has another beside it"),
    "unknown-field": (Outcome.REJECTED, "A field does not exist"),
    "unknown-operator": (Outcome.REJECTED, "An operator does not exist"),
    "missing-operator": (Outcome.REJECTED, "A value stands without operator"),
    "operator-on-container": (Outcome.REJECTED, "A value operator stands on a container"),
    "operator-on-single-value": (Outcome.REJECTED, "A list operator is used on a single-valued setting"),
    "object-expected": (Outcome.REJECTED, "A container is no object"),
    "list-expected": (Outcome.REJECTED, "A multi-valued setting is given a single value"),
    "single-value-expected": (Outcome.REJECTED, "A single-valued setting is given a list"),
    "empty-list": (Outcome.REJECTED, "A list is empty where AWS refuses that"),
    "malformed-value": (Outcome.REJECTED, "A value is not what the setting takes"),
    "malformed-name": (Outcome.REJECTED, "A name is not what AWS takes"),
    "malformed-control": (Outcome.REJECTED, "A child control is malformed"),
    "malformed-schedule": (Outcome.REJECTED, "A schedule is malformed"),
    "same-name-twice": (Outcome.REJECTED, "Two names differ only in case"),
    "incomplete-block": (Outcome.REJECTED, "A block lacks a field that every document must repeat"),
    "name-differs-from-tag-key": (Outcome.REJECTED, "An entry is named otherwise than its tag key"),
    "copy-differs-from-target": (Outcome.REJECTED, "A copy is named otherwise than its target"),
    "continuous-backup-incomplete": (Outcome.REJECTED, "Continuous backup without a short retention beside it"),
    "archive-opt-in-incomplete": (Outcome.REJECTED, "Archive opt-in without what it needs beside it"),
    "schedule-refused": (Outcome.REJECTED, "A schedule runs too often, or ends"),
    "schedule-depends-on-moment": (Outcome.RISK, "Whether AWS takes a schedule depends on the moment"),
    "schedule-read-otherwise": (Outcome.RISK, "AWS reads a schedule otherwise than it is written"),
    "ignored-operator": (Outcome.IGNORED, "An operator beside the top key is ignored"),
    "unknown-key": (Outcome.REJECTED, "The organization's file has an unknown key"),
    "unknown-policy": (Outcome.REJECTED, "A policy that does not exist is attached"),
    "unknown-policy-type": (Outcome.REJECTED, "A policy type does not exist"),
    "unattached-policy": (Outcome.RISK, "A policy is attached nowhere"),
    "duplicate-policy": (Outcome.REJECTED, "Two files hold one policy"),
    "duplicate-attachment": (Outcome.REJECTED, "A policy is attached twice to one target"),
    "duplicate-account": (Outcome.REJECTED, "An account is listed twice"),
    "duplicate-id": (Outcome.REJECTED, "An id is listed twice"),
    "duplicate-organizational-unit": (Outcome.REJECTED, "Two units of one parent have one name"),
    "malformed-id": (Outcome.REJECTED, "An id has not the form that AWS gives"),
    "missing-name": (Outcome.REJECTED, "A unit or an account has no name"),
    "wrong-shape": (Outcome.REJECTED, "The organization's file holds something of the wrong kind"),
    "too-deep": (Outcome.REJECTED, "A unit lies too deep"),
    "too-many-attachments": (Outcome.REJECTED, "Too many policies of one type on one target"),
    "too-many-organizational-units": (Outcome.REJECTED, "Too many organizational units"),
    "policy-type-not-enabled": (Outcome.REJECTED, "A policy is attached whose type is not enabled"),
    "invalid-effective-policy": (Outcome.WITHHELD, "The merged policy is invalid"),
    "locked-operator": (Outcome.IGNORED, "An operator is ignored because of a lock above"),
    "peers-assign-differently": (Outcome.IGNORED, "Two policies of one level assign one setting"),
    "operator-without-effect": (Outcome.IGNORED, "A value is removed that is not there, or appended that is"),
    "retention-shorter-than-cold-storage": (Outcome.FAILS, "Backups are deleted less than 90 days after cold storage"),
    "kept-forever": (Outcome.RISK, "Backups are never deleted"),
}
NOTES = frozenset({"unattached-policy", "kept-forever"})


def severity_of(rule: str) -> Severity:
    """How loud a rule is when the configuration does not say."""
    return Severity.NOTE if rule in NOTES else DEFAULT_SEVERITY[OUTCOMES[rule][0]]
