"""Whether fixes do what they are meant to and nothing else.

A safe fix leaves the document as policylint reads it, with the safe fixes applied (see reading.py), so it changes no
effective policy. A guess may change effective policies, but only at the settings that it is about.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from policylint.difference import Path, difference
from policylint.document import Document
from policylint.findings import Edit, Finding, Outcome
from policylint.fragments import Fragment, fragment_of
from policylint.inheritance import Inheritance
from policylint.operators import CONTROL
from policylint.organization import Policy
from policylint.pieces import Change
from policylint.places import join, split_pointer
from policylint.report import Report
from policylint.wording import counted

WORSE = (Outcome.REJECTED, Outcome.WITHHELD)


class Bundle(NamedTuple):
    """Findings that the same changes of one text fix: several aliases may represent one text."""

    findings: list[Finding]
    edits: list[Edit]
    changes: list[Change]
    document: Document


def reads_alike(before: Policy, after: Policy) -> bool:
    """Whether a policy gives the merge the same as before."""
    one, other = fragment_of(before), fragment_of(after)
    return _alike(one, other) if one and other else one is other


def _alike(one: Fragment, other: Fragment) -> bool:
    return (
        _given(one) == _given(other)
        and list(one.children) == list(other.children)
        and all(_alike(child, other.children[name]) for name, child in one.children.items())
    )


def _given(fragment: Fragment) -> list[Any]:
    # What is appended or removed twice counts once.
    lists = (tuple(dict.fromkeys(values or ())) for values in (fragment.append, fragment.remove))
    return [fragment.control, fragment.assign, *lists]


def amiss(before: Report, after: Report, bundles: list[Bundle]) -> str:
    """Why the report after fixes is not what it ought to be; empty where it is."""
    gone = Counter(_kind(finding) for bundle in bundles for finding in bundle.findings)
    expected = Counter(_kind(finding) for finding in before.findings)
    expected.subtract(gone)
    opened = _opened(bundles)
    findings = [finding for finding in after.findings if not _came_to_light(finding, opened)]
    left = Counter(_kind(finding) for finding in findings)
    for finding in findings:
        kind = _kind(finding)
        if left[kind] <= expected[kind]:
            continue
        if kind in gone:
            return "the same problem would be found again"
        if finding.outcome in WORSE:
            return f"AWS would then reject something else: {finding.message.rstrip('.')}"
    return ""


Opened = dict[tuple[str, str], set[str]]


def _opened(bundles: list[Bundle]) -> Opened:
    """What AWS rejected, whatever was in it, before it was fixed: by document and pointer afterwards, with the rules' ids."""
    names: dict[str, dict[str, str]] = {}
    for bundle in bundles:
        renamed = {edit.place.pointer: edit.new for edit in bundle.edits if edit.action == "rename"}
        names.setdefault(bundle.document.id, {}).update(renamed)
    opened: Opened = {}
    for bundle in bundles:
        if all(finding.outcome is Outcome.REJECTED for finding in bundle.findings):
            name = bundle.document.id
            for edit in bundle.edits:
                rules = opened.setdefault((name, _after(edit, names[name])), set())
                rules.update(finding.rule for finding in bundle.findings)
    return opened


def _came_to_light(found: Finding, opened: Opened) -> bool:
    """Whether a problem is inside of what was fixed."""
    name, pointer = found.place.document.id, found.place.pointer
    if found.outcome is not Outcome.REJECTED:
        return False
    if (name, pointer) in opened and found.rule not in opened[name, pointer]:
        return True
    while pointer:
        pointer = pointer.rpartition("/")[0]
        if (name, pointer) in opened:
            return True
    return False


def _after(edit: Edit, names: dict[str, str]) -> str:
    """The pointer of an edit's place when all renaming is done."""
    before = after = ""
    for part in split_pointer(edit.place.pointer):
        before = join(before, part)
        after = join(after, names.get(before, part))
    return after


def _kind(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.place.document.id


def intended(edit: Edit) -> set[Path]:
    """The nodes of an effective policy that an edit is about, with names in lower case."""
    path = [part.lower() for part in split_pointer(edit.place.pointer)]
    if CONTROL in (*path, edit.new.lower()) or edit.action == "reorder":
        return set()
    if edit.action != "rename":
        return {_node(path)}
    if edit.new.startswith("@@"):
        return {_node(path[:-1])}
    return {_node(path), _node([*path[:-1], edit.new.lower()])}


def _node(path: list[str]) -> Path:
    """The setting or container of a path, without its operator and what is inside of that."""
    operator = next((index for index, part in enumerate(path) if part.startswith("@@")), len(path))
    return tuple(path[:operator])


def moved(before: Inheritance, after: Inheritance, meant: set[Path]) -> str:
    """Which settings of effective policies change that are not meant to; empty where none does."""
    elsewhere: list[tuple[Path, int]] = []
    for group in difference(before, after).changed:
        paths = (setting.path for setting in group.settings)
        path = next((path for path in paths if not any(path[: len(node)] == node for node in meant)), None)
        if path is not None:
            elsewhere.append((path, len(group.accounts)))
    if not elsewhere:
        return ""
    number = sum(count for _, count in elsewhere)
    return f"the effective policy of {counted(number, 'account')} would change at '{'/'.join(elsewhere[0][0])}' too"
