"""Mends what the findings of a run know how to mend, and proves each step before it counts.

A fix counts only when its findings are gone, when AWS would refuse or withhold nothing that it did not before, and when
no account's effective policy changes but at the settings that the fix is about. A fix of a child control is about
settings of other policies, so it may change none. What AWS refuses may hide other faults inside of it, which then
come to light; that is no reason against the fix.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from policylint.document import Document, join, split_pointer
from policylint.edits import changes, conflict, edited
from policylint.findings import Edit, Finding, Outcome
from policylint.fragments import CONTROL
from policylint.inheritance import Inheritance, State
from policylint.organization import Organization, Policy
from policylint.pieces import CannotEdit, Change
from policylint.policy_types.shape import PolicyType
from policylint.report import Report, printable, where

Subject = Organization | list[Policy]
Check = Callable[[Subject], Report]
Resolve = Callable[[Organization, PolicyType], Inheritance]
Path = tuple[str, ...]

MOST_ROUNDS = 20  # a fix may bring another fault to light; so many layers no document has
WORSE = (Outcome.REJECTED, Outcome.WITHHELD)


class Refusal(NamedTuple):
    """A finding whose fix was not made, and why."""

    finding: Finding
    reason: str

    def __str__(self) -> str:
        """For the user, with the place."""
        spot = where(self.finding.place)
        return f"{spot.path}:{spot.line}:{spot.column}: not mended, because {self.reason}. [{self.finding.rule}]"


class Bundle(NamedTuple):
    """Findings that the same changes of one text mend: several aliases may stand for one text."""

    findings: list[Finding]
    edits: list[Edit]
    changes: list[Change]
    document: Document


@dataclass
class Mended:
    """What came of mending: the texts that change, by path, and the findings that had to stay."""

    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    fixed: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def diff(self) -> Iterator[str]:
        """The lines of a unified diff, as `patch -p0` reads it."""
        from difflib import unified_diff

        for path, text in sorted(self.after.items()):
            name = printable(path)
            for line in unified_diff(_lines(self.before[path]), _lines(text), name, name):
                yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    # Not splitlines: what else ends a line there stays inside of it here.
    lines = [f"{line}\n" for line in text.split("\n")]
    return [*lines[:-1], lines[-1][:-1]] if lines[-1] != "\n" else lines[:-1]


def mend(subject: Subject, check: Check, prove: Check, resolve: Resolve, *, unsafe: bool = False) -> Mended:
    """Mend in memory what can be mended.

    `check` finds what is to be mended. `prove` tells what AWS objects to, whatever rules the user has picked and
    whatever is accepted. `resolve` merges a policy type.
    """
    mender = _Mender(check, prove, resolve, unsafe)
    mender.run(subject)
    return mender.mended


class _Trial(NamedTuple):
    """What some bundles would make of the subject."""

    bundles: list[Bundle]
    subject: Subject
    report: Report
    proof: Report


class _Mender:
    def __init__(self, check: Check, prove: Check, resolve: Resolve, unsafe: bool) -> None:
        self.check = check
        self.prove = prove
        self.resolve = resolve
        self.unsafe = unsafe
        self.mended = Mended()
        self.tried: set[object] = set()

    def run(self, subject: Subject) -> None:
        state = _Trial([], subject, self.check(subject), self.prove(subject))
        for _ in range(MOST_ROUNDS):
            bundles = self.bundles(state)
            if not bundles:
                return
            base = state._replace(bundles=[])
            state = self.settle(base, base, bundles)
            self.note(base, state)

    def note(self, base: _Trial, state: _Trial) -> None:
        """Write down what a round changed."""
        old = {document.path: document.text for document in _documents(base.subject)}
        new = {document.path: document.text for document in _documents(state.subject)}
        for bundle in state.bundles:
            path = bundle.document.path
            self.mended.before.setdefault(path, old[path])
            self.mended.after[path] = new[path]
            self.mended.fixed += len(bundle.findings)

    def bundles(self, state: _Trial) -> list[Bundle]:
        """The fixes that can be made together, in the order of the report; overlapping ones wait for their round."""
        mine = {id(document) for document in _documents(state.subject)}
        bundles: dict[object, Bundle] = {}
        for finding in state.report.findings:
            fix, document = finding.fix, finding.place.document
            if fix is None or not (fix.safe or self.unsafe) or _key(finding) in self.tried or id(document) not in mine:
                continue
            try:
                made = [change for edit in fix.edits for change in changes(edit)]
            except CannotEdit as error:
                self.refuse([finding], str(error))
                continue
            same = bundles.get((document.path, tuple(made)))
            if same:
                same.findings.append(finding)
                same.edits.extend(edit for edit in fix.edits if edit not in same.edits)
            elif not any(conflict(made, one.changes) for one in bundles.values() if one.document.path == document.path):
                bundles[document.path, tuple(made)] = Bundle([finding], list(fix.edits), made, document)
        # A fix of a child control must change no account, which can be told only when nothing else changes them.
        settings = [bundle for bundle in bundles.values() if any(intended(edit) for edit in bundle.edits)]
        return settings or list(bundles.values())

    def refuse(self, findings: Iterable[Finding], reason: str) -> None:
        for finding in findings:
            self.tried.add(_key(finding))
            self.mended.refused.append(Refusal(finding, reason))

    def settle(self, base: _Trial, made: _Trial, bundles: list[Bundle]) -> _Trial:
        """As many of the bundles as do what they are meant to, beside those that are made already."""
        trial, reason = self.attempt(base, made.bundles + bundles)
        if trial:
            return trial
        if len(bundles) == 1:
            self.refuse(bundles[0].findings, reason)
            return made
        half = len(bundles) // 2
        return self.settle(base, self.settle(base, made, bundles[:half]), bundles[half:])

    def attempt(self, base: _Trial, bundles: list[Bundle]) -> tuple[_Trial | None, str]:
        """Try bundles together; None and the reason where they do not do what they are meant to."""
        try:
            documents = _edited(base.subject, bundles)
        except CannotEdit as error:
            return None, str(error)
        subject = with_documents(base.subject, documents)
        report, proof = self.check(subject), self.prove(subject)
        reason = _amiss(base.report, report, bundles) or _amiss(base.proof, proof, bundles)
        if not reason and isinstance(base.subject, Organization) and isinstance(subject, Organization):
            reason = self.moved(base.subject, subject, bundles)
        return (None, reason) if reason else (_Trial(bundles, subject, report, proof), "")

    def moved(self, before: Organization, after: Organization, bundles: list[Bundle]) -> str:
        """Which effective policies would change elsewhere than where the bundles are meant to change them."""
        touched = {id(bundle.document) for bundle in bundles}
        kinds = {policy.type.enum for policy in before.policies.values() if id(policy.document) in touched}
        meant = {path for bundle in bundles for edit in bundle.edits for path in intended(edit)}
        for kind in before.enabled_policy_types:
            if kind.enum in kinds and (reason := _moved(self.resolve(before, kind), self.resolve(after, kind), meant)):
                return reason
        return ""


def _key(finding: Finding) -> object:
    return finding.rule, finding.place.document.path, finding.place.pointer, finding.place.part


def _documents(subject: Subject) -> Iterator[Document]:
    policies = subject.policies.values() if isinstance(subject, Organization) else subject
    return (policy.document for policy in policies)


def _edited(subject: Subject, bundles: list[Bundle]) -> dict[int, Document]:
    """The documents that change, by the identity of what they replace."""
    documents: dict[int, Document] = {}
    for document in _documents(subject):
        own = [bundle for bundle in bundles if bundle.document.path == document.path]
        if own:
            edits = [edit for bundle in own for edit in bundle.edits]
            documents[id(document)] = edited(document, edits, [one for bundle in own for one in bundle.changes])
    return documents


def with_documents(subject: Subject, documents: Mapping[int, Document]) -> Subject:
    """The same with other documents, by the identity of those that they replace."""
    policies = subject.policies.values() if isinstance(subject, Organization) else subject
    fresh = {
        id(policy): Policy(policy.name, policy.type, documents[id(policy.document)])
        for policy in policies
        if id(policy.document) in documents
    }

    def renewed(held: Sequence[Policy]) -> tuple[Policy, ...]:
        return tuple(fresh.get(id(policy), policy) for policy in held)

    if not isinstance(subject, Organization):
        return list(renewed(subject))
    units = {id(unit): replace(unit, policies=renewed(unit.policies)) for unit in subject.root.walk()}
    for unit in units.values():
        unit.organizational_units = [units[id(below)] for below in unit.organizational_units]
        unit.accounts = [
            replace(account, policies=renewed(account.policies)) if account.policies else account
            for account in unit.accounts
        ]
    after = replace(
        subject,
        root=units[id(subject.root)],
        policies={name: fresh.get(id(policy), policy) for name, policy in subject.policies.items()},
    )
    after.accounts = [account for unit in after.root.walk() for account in unit.accounts]
    return after


def _amiss(before: Report, after: Report, bundles: list[Bundle]) -> str:
    """Why the report after a fix is not what it ought to be; empty where it is."""
    gone = Counter(_kind(finding) for bundle in bundles for finding in bundle.findings)
    expected = Counter(_kind(finding) for finding in before.findings)
    expected.subtract(gone)
    findings = [finding for finding in after.findings if not _came_to_light(finding, bundles)]
    left = Counter(_kind(finding) for finding in findings)
    for finding in findings:
        kind = _kind(finding)
        if left[kind] <= expected[kind]:
            continue
        if kind in gone:
            return "the same would be found again"
        if finding.outcome in WORSE:
            return f"AWS would then object to something else: {finding.message.rstrip('.')}"
    return ""


def _came_to_light(found: Finding, bundles: list[Bundle]) -> bool:
    """Whether a fault stands inside of what was mended: AWS refused that before, whatever was in it."""
    for bundle in bundles:
        if found.outcome is not Outcome.REJECTED or found.place.document.path != bundle.document.path:
            continue
        for edit in bundle.edits:
            pointer = _after(edit, bundles)
            inside = found.place.pointer.startswith(f"{pointer}/")
            other = found.place.pointer == pointer and all(found.rule != one.rule for one in bundle.findings)
            if (inside or other) and all(one.outcome is Outcome.REJECTED for one in bundle.findings):
                return True
    return False


def _after(edit: Edit, bundles: list[Bundle]) -> str:
    """The pointer of an edit's place when all renaming is done."""
    document = edit.place.document.path
    names = {
        one.place.pointer: one.new
        for bundle in bundles
        for one in bundle.edits
        if one.action == "rename" and bundle.document.path == document
    }
    before = after = ""
    for part in split_pointer(edit.place.pointer):
        before = join(before, part)
        after = join(after, names.get(before, part))
    return after


def _kind(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.place.document.path


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


def _moved(before: Inheritance, after: Inheritance, meant: set[Path]) -> str:
    seen: dict[tuple[int, int], tuple[Path, int]] = {}
    for account in before.organization.accounts:
        old, new = before.state_of(account), after.state_of(account)
        pair = (id(old), id(new))
        if pair not in seen:
            seen[pair] = (_elsewhere(old, new, meant), 0)
        path, count = seen[pair]
        seen[pair] = (path, count + 1)
    moved = [(path, count) for path, count in seen.values() if path]
    if not moved:
        return ""
    number = sum(count for _, count in moved)
    return (
        f"the effective policy of {number:,} account{'' if number == 1 else 's'} would change "
        f"at '{'/'.join(moved[0][0])}' too"
    )


def _elsewhere(old: State, new: State, meant: set[Path]) -> Path:
    """The first setting that changes and is not meant to; empty where none does."""
    if old is new:
        return ()
    before, after = dict(_settings(old, ())), dict(_settings(new, ()))
    for path in {**before, **after}:
        about = any(path[: len(node)] == node for node in meant)
        if before.get(path) != after.get(path) and not about:
            return path
    return ()


def _settings(state: State, path: Path) -> Iterator[tuple[Path, Any]]:
    if state.value is not None:
        yield path, state.value
    for name, child in state.children.items():
        yield from _settings(child, (*path, name.lower()))
