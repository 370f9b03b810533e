"""Sorts out the findings that a project has accepted: by its configuration, by a comment in YAML, by its baseline.

What suppresses nothing, or has expired, is reported: silence must have a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import translate
from pathlib import Path
from typing import NamedTuple

from policylint.baseline import Baseline, Record
from policylint.document import Document
from policylint.files import display_path
from policylint.findings import Fault, Place
from policylint.folding import Range, intersection, without
from policylint.gathering import Gathered
from policylint.growth import Growth
from policylint.organization import Organization
from policylint.patterns import named_accounts
from policylint.places import Span, locate
from policylint.wording import counted, did_you_mean

COMMENT = re.compile(r"#[ \t]*policylint:[ \t]*([\w-]*)[ \t]*(?:\[([^\]\n]*)\])?[ \t]*([^\r\n]*)")
OTHER_WORDS = {"accept", "allow", "disable", "disable-line", "disable-next-line", "ignore-line", "noqa", "off", "skip"}

FORM = (
    "Write the rules in brackets and a reason after them, for example: # policylint: ignore[kept-forever] agreed "
    "with legal"
)

# What these find is about accepting itself, so that nothing accepts it.
ABOUT_ACCEPTANCE = frozenset(
    {"malformed-ignore", "expired-ignore", "unused-ignore", "stale-baseline", "old-baseline", "unrecorded-ignore"}
)


@dataclass(frozen=True)
class Ignore:
    """Findings that somebody has accepted: those that every given condition matches."""

    rule: str
    reason: str
    place: Place
    file: str = ""
    pointer: str = ""
    organizational_units: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    until: str = ""  # the last day, as YYYY-MM-DD


@dataclass(frozen=True)
class Acceptance:
    """What a project accepts. `today` decides which ignores have run out; None: none has."""

    ignores: tuple[Ignore, ...] = ()
    folder: Path = Path()  # that of the configuration, to which the ignores' files are relative
    baseline: Baseline | None = None
    today: date | None = None
    known: frozenset[str] = frozenset()  # the ids of all rules; empty where what comments name is not looked at
    whole: bool = True  # everything was looked at, so that what accepts nothing is of no use


class Suppressed(NamedTuple):
    """A finding that is not reported: who accepted it (`inSource` or `external`, as SARIF says), and why."""

    gathered: Gathered
    kind: str
    reason: str
    source: str  # the path of the file that says so
    names_accounts: bool = False  # else it accepts whatever accounts a finding affects, and a baseline records them


class Comment(NamedTuple):
    """`# policylint: ignore[rule, rule] reason` in a YAML file, and the lines that it speaks of."""

    rules: tuple[str, ...]
    reason: str
    place: Place
    lines: tuple[int, ...]
    word: str = "ignore"  # any other means nothing, and names no rules


class Sorted(NamedTuple):
    """The findings to report, those that are accepted, and what is wrong with the acceptances themselves."""

    kept: list[Gathered]
    suppressed: list[Suppressed]
    faults: list[tuple[str, Fault]]


def sort_out(
    gathered: Iterable[Gathered],
    acceptance: Acceptance,
    documents: Iterable[Document],
    organization: Organization | None,
    rules: Iterable[str],
) -> Sorted:
    """Sort findings out. `documents` may hold comments; `rules` are the ids of the rules that ran."""
    sorter = _Sorter(acceptance, documents, organization)
    kept = [left for one in gathered if (left := sorter.left_of(one))]
    faults = list(sorter.faults())
    if acceptance.whole:
        faults.extend(sorter.unused(set(rules)))
    return Sorted(kept, sorter.suppressed, faults)


class _Compiled:
    """An ignore with its patterns ready: each is held against every finding of its rule."""

    def __init__(self, ignore: Ignore, path: str) -> None:
        self.ignore = ignore
        self.file = re.compile(translate(path)) if path else None
        self.pointer = re.compile(translate(ignore.pointer)) if ignore.pointer else None

    def matches(self, place: Place) -> bool:
        return (self.file is None or self.file.match(place.document.path) is not None) and (
            self.pointer is None or self.pointer.match(place.pointer) is not None
        )


class _Sorter:
    def __init__(
        self, acceptance: Acceptance, documents: Iterable[Document], organization: Organization | None
    ) -> None:
        self.acceptance = acceptance
        self.organization = organization
        self.comments = {id(document): list(comments_of(document)) for document in documents}
        self.suppressed: list[Suppressed] = []
        self.ignores: dict[str, list[_Compiled]] = {}  # by rule: there may be hundreds, and thousands of findings
        for ignore in acceptance.ignores:
            if not self.has_run_out(ignore):
                self.ignores.setdefault(ignore.rule, []).append(_Compiled(ignore, self.path_of(ignore.file)))
        self.named: dict[int, list[Range]] = {}  # the accounts of an ignore, by its identity
        self.growth = Growth(organization)
        self.without_record: dict[int, Place] = {}  # of ignores without accounts, by their identity
        self.used: set[int] = set()  # the identities of what accepted something

    def left_of(self, one: Gathered) -> Gathered | None:
        """What of a finding nobody has accepted; None when all of it is."""
        for comment in self.comments.get(id(one.fault.place.document), ()):
            if comment.reason and one.rule.id in comment.rules and locate(one.fault.place).line in comment.lines:
                return self.accepted_as_recorded(one, comment, "inSource", comment.reason, comment.place)
        left: Gathered | None = one
        for compiled in self.ignores.get(one.rule.id, ()):
            if left and compiled.matches(left.fault.place):
                left = self.ignored(compiled.ignore, left)
        baseline = self.acceptance.baseline
        if left and baseline:
            record = baseline.entries.get(baseline.entry(left.rule.id, left.fault.place))
            if record is not None:
                return self.split(left, record, record.place, "external", "in the baseline")
        return left

    def accepted_as_recorded(self, one: Gathered, by: object, kind: str, reason: str, place: Place) -> Gathered | None:
        """What is left of a finding that an ignore without accounts accepts: what grew since the baseline recorded it."""
        baseline = self.acceptance.baseline
        record = baseline.ignored.get(baseline.entry(one.rule.id, one.fault.place)) if baseline else None
        self.used.add(id(by))
        if record is None:
            self.without_record.setdefault(id(by), place)
            self.accept(one, by, kind, reason, place)
            return None
        return self.split(one, record, place, kind, reason)

    def split(self, one: Gathered, record: Record, place: Place, kind: str, reason: str) -> Gathered | None:
        """Accept of a finding what was accepted before, and give what is new."""
        accepted, reported, note = self.growth.split(record, one.rule, one.fault.place, one.ranges)
        self.used.add(id(record))
        if accepted is not None:
            self.accept(replace(one, ranges=accepted), record, kind, reason, place)
        return None if reported is None else replace(one, ranges=reported, note=note)

    def accept(
        self, one: Gathered, by: object, kind: str, reason: str, place: Place, *, names_accounts: bool = False
    ) -> None:
        self.used.add(id(by))
        self.suppressed.append(Suppressed(one, kind, reason, place.document.path, names_accounts))

    def path_of(self, file: str) -> str:
        return display_path(self.acceptance.folder / file) if file else ""

    def has_run_out(self, ignore: Ignore) -> bool:
        today = self.acceptance.today
        return bool(ignore.until) and today is not None and date.fromisoformat(ignore.until) < today

    def ignored(self, ignore: Ignore, one: Gathered) -> Gathered | None:
        """What an ignore leaves of a finding: all other accounts, where it names some."""
        if not (ignore.organizational_units or ignore.accounts):
            return self.accepted_as_recorded(one, ignore, "external", ignore.reason, ignore.place)
        if self.organization is None:
            return one
        if id(ignore) not in self.named:
            self.named[id(ignore)] = named_accounts(self.organization, ignore.organizational_units, ignore.accounts)
        named = self.named[id(ignore)]
        reached = intersection(one.ranges, named)
        if not reached:
            return one
        place, found = ignore.place, replace(one, ranges=reached)
        self.accept(found, ignore, "external", ignore.reason, place, names_accounts=True)
        others = without(one.ranges, named)
        return replace(one, ranges=others) if others else None

    def faults(self) -> Iterator[tuple[str, Fault]]:
        """Comments that say too little, ignores that have run out, and acceptances without bounds."""
        yield from self.unrecorded()
        for comments in self.comments.values():
            for comment in comments:
                if slip := self.slip(comment):
                    yield "malformed-ignore", Fault(comment.place, slip)
        for ignore in self.acceptance.ignores:
            if self.has_run_out(ignore):
                message = (
                    f"This ignore of '{ignore.rule}' expired on {ignore.until}. Fix the finding, or set a later date."
                )
                yield "expired-ignore", Fault(ignore.place, message)

    def unrecorded(self) -> Iterator[tuple[str, Fault]]:
        """What accepts whatever a finding grows to, because nobody wrote down what it was."""
        baseline = self.acceptance.baseline
        old = [record for record in baseline.entries.values() if not record.is_whole] if baseline else []
        if old:
            entries = counted(len(old), "entry", "entries")
            message = (
                f"This baseline does not record the accounts and the value of {entries}, so it suppresses these "
                f"findings however they grow. Write it again with `policylint baseline`."
            )
            yield "old-baseline", Fault(old[0].place, message)
        for place in self.without_record.values():
            message = (
                "This ignore names no accounts, so it suppresses the finding however it grows. Name accounts, or "
                "record the finding with `policylint baseline`."
            )
            yield "unrecorded-ignore", Fault(place, message)

    def slip(self, comment: Comment) -> str:
        """What is wrong with an ignore comment; empty when nothing is."""
        if comment.word != "ignore":
            return f"'{comment.word}' has no meaning here, so this comment suppresses nothing. {FORM}"
        if not comment.rules or not comment.reason:
            lacking = "has no reason" if comment.rules else "names no rule"
            return f"This comment {lacking}, so it suppresses nothing. {FORM}"
        known = self.acceptance.known
        unknown = [rule for rule in comment.rules if known and rule not in known]
        if not unknown:
            return ""
        return f"No rule is named '{unknown[0]}'. {did_you_mean(unknown[0], known, '`policylint rules` lists them.')}"

    def unused(self, ran: set[str]) -> Iterator[tuple[str, Fault]]:
        """What accepts nothing, of the rules that ran."""
        for ignore in self.acceptance.ignores:
            if id(ignore) not in self.used and ignore.rule in ran and not self.has_run_out(ignore):
                message = f"This ignore of '{ignore.rule}' matches no finding. Remove it."
                yield "unused-ignore", Fault(ignore.place, message)
        for comments in self.comments.values():
            for comment in comments:
                if id(comment) not in self.used and comment.reason and comment.rules and ran.issuperset(comment.rules):
                    message = f"This comment on '{', '.join(comment.rules)}' matches no finding. Remove it."
                    yield "unused-ignore", Fault(comment.place, message)
        baseline = self.acceptance.baseline
        for entry, record in baseline.entries.items() if baseline else ():
            if id(record) not in self.used and entry.rule in ran:
                message = (
                    f"'{entry.rule}' is no longer found at '{entry.path}'. Remove this entry: `policylint baseline "
                    f"--prune` "
                    "removes all such entries."
                )
                yield "stale-baseline", Fault(record.place, message)


def comments_of(document: Document) -> Iterator[Comment]:
    """The ignore comments of a YAML file. One that is alone speaks of the next line that is not a comment."""
    if not document.is_yaml or "policylint:" not in document.text:
        return
    lines = document.lines
    for match in COMMENT.finditer(document.text):
        word = match[1].lower()
        if word != "ignore" and match[2] is None and word not in OTHER_WORDS:
            continue  # prose
        line, column = document.position(match.start())
        spoken = [line]
        if not lines[line - 1][: column - 1].strip():
            after = (number for number in range(line, len(lines)) if not lines[number].lstrip().startswith("#"))
            spoken.append(next(after, line) + 1)
        named = (match[2] or "").split(",") if word == "ignore" else []
        rules = tuple(name.strip() for name in named if name.strip())
        place = Place(document, "", "value", Span(match.start(), match.end()))
        yield Comment(rules, match[3].strip(), place, tuple(spoken), word)
