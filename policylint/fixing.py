"""Fixes what the findings of a run know how to fix, and proves each step before it counts.

A fix counts only when its findings are gone and AWS would reject or withhold nothing that it did not before. A safe fix
has to leave what the merge is made of as it was, so each document is proved for itself. A guess may change effective
policies, but only at the settings that it is about; one of a child control is about settings of other policies, so it may
change none. What AWS rejects may hide other problems inside of it, which then come to light; that is not a reason against it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

from policylint.document import Document
from policylint.edits import changes, edited
from policylint.findings import Finding
from policylint.fix_proofs import Bundle, amiss, intended, moved, reads_alike
from policylint.inheritance import Inheritance
from policylint.organization import Organization, Policy
from policylint.pieces import CannotEdit, Change, in_file
from policylint.places import Edit, Span, locate
from policylint.policy_types.shape import PolicyType
from policylint.printing import printable
from policylint.reading import has_room
from policylint.report import Report

Subject = Organization | list[Policy]
Check = Callable[[Subject], Report]
Resolve = Callable[[Organization, PolicyType], Inheritance]

MOST_ROUNDS = 20  # a fix may bring another problem to light; so many layers no document has
MOST_FAILURES = 100  # of attempts to fix one document: each reads it again


class Refusal(NamedTuple):
    """A finding whose fix was not made, and why."""

    finding: Finding
    reason: str

    def __str__(self) -> str:
        """For the user, with the place."""
        return f"{locate(self.finding.place)}: not fixed, because {self.reason}. [{self.finding.rule}]"


@dataclass
class Mended:
    """What came of fixing: the texts that change, by path, and the findings that had to stay."""

    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    fixed: int = 0
    refused: list[Refusal] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)  # what is found once all is fixed
    uncovered: list[Finding] = field(default_factory=list)  # those of them that the fixes brought to light

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


def mend(
    subject: Subject, check: Check, prove: Check, resolve: Resolve, *, unsafe: bool = False, found: Report | None = None
) -> Mended:
    """Fix in memory what can be fixed.

    `check` finds what is to be fixed; `found` is what it finds first, where that is known. `prove` says what AWS objects
    to, whatever rules the user has picked and whatever is accepted. `resolve` merges a policy type.
    """
    mender = _Mender(check, prove, resolve, unsafe)
    mender.run(subject, found)
    return mender.mended


class _Trial(NamedTuple):
    """What some bundles would make of the subject, and what is found in it then."""

    bundles: list[Bundle]
    subject: Subject
    report: Report


class _Mender:
    def __init__(self, check: Check, prove: Check, resolve: Resolve, unsafe: bool) -> None:
        self.check = check
        self.prove = prove
        self.resolve = resolve
        self.unsafe = unsafe
        self.mended = Mended()
        self.tried: set[object] = set()
        self.failures: Counter[str] = Counter()

    def run(self, subject: Subject, found: Report | None) -> None:
        first = report = found or self.check(subject)
        for _ in range(MOST_ROUNDS):
            if bundles := self.bundles(subject, report, safe=True):
                made = self.settle_safe(subject, bundles)
            elif self.unsafe and (bundles := self.bundles(subject, report, safe=False)):
                made = self.settle_guesses(subject, bundles)
            else:
                break
            if made:
                after = with_documents(subject, edited_documents(subject, made))
                self.note(subject, after, made)
                subject, report = after, self.check(after)
        self.mended.uncovered = _uncovered(first, report) if self.mended.fixed else []
        self.mended.left = report.findings

    def note(self, before: Subject, after: Subject, made: list[Bundle]) -> None:
        """Write down what a round changed."""
        old = {document.path: document.source.whole for document in _documents(before)}
        new = {document.path: document.source.whole for document in _documents(after)}
        for bundle in made:
            path = bundle.document.path
            self.mended.before.setdefault(path, old[path])
            self.mended.after[path] = new[path]
            self.mended.fixed += len(bundle.findings)

    def bundles(self, subject: Subject, report: Report, *, safe: bool) -> list[Bundle]:
        """The fixes that can be made together, in the order of the report; overlapping ones wait for their round."""
        mine = {id(document) for document in _documents(subject)}
        shared = _in_one_piece(_documents(subject))
        bundles: dict[object, Bundle] = {}
        room: dict[str, Room] = {}
        for finding in report.findings:
            fix, document = finding.fix, finding.place.document
            if fix is None or fix.safe is not safe or _key(finding) in self.tried or id(document) not in mine:
                continue
            try:
                if document.id in shared:
                    raise CannotEdit("its text is that of several policies")
                made = [change for edit in fix.edits for change in changes(edit)]
            except CannotEdit as error:
                self.refuse([finding], str(error))
                continue
            same = bundles.get((document.id, tuple(made)))
            if same:
                same.findings.append(finding)
                same.edits.extend(edit for edit in fix.edits if edit not in same.edits)
                continue
            here = room.setdefault(document.id, Room(document.value))
            if not here.takes_names(fix.edits):
                self.refuse([finding], "another member here has that name already")
            elif here.takes(made):
                bundles[document.id, tuple(made)] = Bundle([finding], list(fix.edits), made, document)
        return list(bundles.values())

    def refuse(self, findings: Iterable[Finding], reason: str) -> None:
        for finding in findings:
            self.tried.add(_key(finding))
            self.mended.refused.append(Refusal(finding, reason))

    # ---- safe fixes: each document for itself ---------------------------------------------------------------

    def settle_safe(self, subject: Subject, bundles: list[Bundle]) -> list[Bundle]:
        """As many of the bundles as do what they are meant to."""
        by_document: dict[str, list[Bundle]] = {}
        for bundle in bundles:
            by_document.setdefault(bundle.document.id, []).append(bundle)
        made: list[Bundle] = []
        for name, own in by_document.items():
            policies = [policy for policy in _policies(subject) if policy.document.id == name]
            made += self.halve([], own, partial(self.attempt_safe, policies, self.prove(policies)))
        return made

    def attempt_safe(self, policies: list[Policy], before: Report, bundles: list[Bundle]) -> str:
        """Why safe fixes of one document can't be made together; empty where they can.

        They leave what the merge is made of as it was, so what AWS may object to is in the document alone.
        """
        try:
            after = with_documents(policies, edited_documents(policies, bundles))
        except CannotEdit as error:
            return str(error)
        if not all(map(reads_alike, policies, _policies(after))):
            return "its effective value would change"
        return amiss(before, self.prove(after), bundles)

    # ---- guesses: the whole organization --------------------------------------------------------------------

    def settle_guesses(self, subject: Subject, bundles: list[Bundle]) -> list[Bundle]:
        """As many of the bundles as do what they are meant to."""
        # A fix of a child control must change no account, which is only known when nothing else changes them.
        settings = [bundle for bundle in bundles if any(intended(edit) for edit in bundle.edits)]
        base = _Trial([], subject, self.check(subject)), self.prove(subject)
        return self.halve([], settings or bundles, partial(self.attempt_guesses, *base))

    def attempt_guesses(self, base: _Trial, proof: Report, bundles: list[Bundle]) -> str:
        """Why guesses can't be made together; empty where they can."""
        try:
            documents = edited_documents(base.subject, bundles)
        except CannotEdit as error:
            return str(error)
        after = with_documents(base.subject, documents)
        reason = amiss(base.report, self.check(after), bundles) or amiss(proof, self.prove(after), bundles)
        if not reason and isinstance(base.subject, Organization) and isinstance(after, Organization):
            reason = self.moved(base.subject, after, bundles)
        return reason

    def moved(self, before: Organization, after: Organization, bundles: list[Bundle]) -> str:
        """Which effective policies would change elsewhere than where the bundles are meant to change them."""
        touched = {id(bundle.document) for bundle in bundles}
        kinds = {policy.type.enum for policy in before.policies.values() if id(policy.document) in touched}
        meant = {path for bundle in bundles for edit in bundle.edits for path in intended(edit)}
        for kind in before.enabled_policy_types:
            if kind.enum in kinds and (reason := moved(self.resolve(before, kind), self.resolve(after, kind), meant)):
                return reason
        return ""

    def halve(
        self, made: list[Bundle], bundles: list[Bundle], objection: Callable[[list[Bundle]], str]
    ) -> list[Bundle]:
        """Those of the bundles that raise no objection next to those that are made already, and these."""
        name = bundles[0].document.id
        if self.failures[name] >= MOST_FAILURES:
            self.refuse(
                (finding for bundle in bundles for finding in bundle.findings),
                "too many other problems could not be fixed here",
            )
            return made
        reason = objection(made + bundles)
        if not reason:
            return made + bundles
        self.failures[name] += 1
        if len(bundles) == 1:
            self.refuse(bundles[0].findings, reason)
            return made
        half = len(bundles) // 2
        return self.halve(self.halve(made, bundles[:half], objection), bundles[half:], objection)


def _uncovered(before: Report, after: Report) -> list[Finding]:
    """The findings that fixing brought to light: more of a rule in a document than there were."""
    known = Counter((finding.rule, finding.place.document.id) for finding in before.findings)
    uncovered = []
    for finding in after.findings:
        kind = finding.rule, finding.place.document.id
        known[kind] -= 1
        if known[kind] < 0:
            uncovered.append(finding)
    return uncovered


class Room:
    """What the fixes of one document have taken already in this round: spans of the text, and names."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.names: dict[str, Counter[str]] = {}
        self.spans: list[Span] = []

    def takes_names(self, edits: Iterable[Edit]) -> bool:
        """Whether the new names of members are free; then they are taken."""
        return all(has_room(edit, self.value, self.names) for edit in edits)

    def takes(self, made: Iterable[Change]) -> bool:
        """Whether changes overlap with none that were made before; then they are made."""
        spans = [change.span for change in made]
        for span in spans:
            index = bisect_left(self.spans, span.start, key=lambda one: one.start)
            if index < len(self.spans) and self.spans[index].start < max(span.end, span.start + 1):
                return False
            if index and self.spans[index - 1].end > span.start:
                return False
        for span in spans:
            insort(self.spans, span)
        return True


def _key(finding: Finding) -> object:
    return finding.rule, finding.place.document.id, finding.place.pointer, finding.place.part


def _policies(subject: Subject) -> Iterable[Policy]:
    return subject.policies.values() if isinstance(subject, Organization) else subject


def _documents(subject: Subject) -> Iterator[Document]:
    return (policy.document for policy in _policies(subject))


def edited_documents(subject: Subject, bundles: list[Bundle]) -> dict[int, Document]:
    """The documents that change, by the identity of what they replace.

    Those that lie in one file with them are among them: there they move.
    """
    own: dict[str, list[Bundle]] = {}
    in_files: dict[str, list[Change]] = {}
    for bundle in bundles:
        own.setdefault(bundle.document.id, []).append(bundle)
        if bundle.document.source.outer is not None:
            in_files.setdefault(bundle.document.path, []).extend(in_file(bundle.document.source, bundle.changes))
    documents: dict[int, Document] = {}
    for document in _documents(subject):
        mine = own.get(document.id, ())
        if mine or (document.source.outer is not None and document.path in in_files):
            edits = [edit for bundle in mine for edit in bundle.edits]
            made = [change for bundle in mine for change in bundle.changes]
            documents[id(document)] = edited(document, edits, made, in_files.get(document.path, ()))
    return documents


def _in_one_piece(documents: Iterable[Document]) -> set[str]:
    """The documents that share a piece of their file with another: a template, which represents several policies."""
    pieces = sorted(
        {
            (one.path, one.source.outer_offset(0), one.source.outer_offset(len(one.text)), one.id)
            for one in documents
            if one.source.outer is not None
        }
    )
    found: set[str] = set()
    last = ("", 0, "")  # the path and the end of the piece that reaches furthest, and whose it is
    for path, start, end, name in pieces:
        if path == last[0] and start < last[1]:
            found |= {last[2], name}
        if path != last[0] or end > last[1]:
            last = (path, end, name)
    return found


def with_documents(subject: Subject, documents: Mapping[int, Document]) -> Subject:
    """The same with other documents, by the identity of those that they replace."""
    fresh = {
        id(policy): Policy(policy.name, policy.type, documents[id(policy.document)])
        for policy in _policies(subject)
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
