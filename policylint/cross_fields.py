"""Fields that depend on each other, as the `rules` of their container say: judged once, for documents and after the merge.

Source: docs/aws-behaviour.md, "Admission" and "Validity of the effective policy".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import groupby
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

from policylint.findings import Fault, Place
from policylint.organization import Policy
from policylint.places import join
from policylint.policy_types.shape import (
    INTEGER,
    Apart,
    Container,
    Excludes,
    FieldRule,
    Needs,
    RarerThan,
    SameAsName,
    When,
)
from policylint.remedies import renamed
from policylint.scalars import Placeholder, has_placeholder, text_of
from policylint.schedules import ScheduleError, Verdict, judge, judge_at, parse

Found = tuple[str, Fault]  # rule id, problem


class Thing(Protocol):
    """Something with fields: a container of a document, with what is assigned there, or of a merged policy."""

    @property
    def name(self) -> str: ...

    def has(self, path: str) -> bool:
        """Whether a field is there."""

    def text(self, path: str) -> str | None:
        """The value of a single-valued setting; a placeholder that represents it or what it is in."""

    def entries(self, path: str) -> Iterable[Self]:
        """The containers in the one at a path."""


T = TypeVar("T", bound=Thing)


class Answer(Enum):
    """Whether a rule between fields holds."""

    KEPT = auto()
    BROKEN = auto()
    MALFORMED = auto()  # a value that makes no sense, which another rule reports
    OPEN = auto()  # a placeholder: nobody knows


class Judged(NamedTuple, Generic[T]):
    """A rule, the thing that was held to it (the container or one of its entries), and the answer."""

    rule: FieldRule
    thing: T
    answer: Answer


def judged(rules: Iterable[FieldRule], container: T, at: datetime | None) -> Iterator[Judged[T]]:
    """Every rule of a container, also for its entries where the rule says so; the rules of one entry together."""
    for each, together in groupby(rules, key=_each):
        group = list(together)
        for thing in (container, *container.entries(each)) if each else (container,):
            for rule in group:
                yield Judged(rule, thing, _answer(rule, container, thing, at))


def _each(rule: FieldRule) -> str:
    return rule.each if isinstance(rule, Apart | RarerThan) else ""


def _answer(rule: FieldRule, container: Thing, thing: Thing, at: datetime | None) -> Answer:
    if isinstance(rule, SameAsName):
        return _same(rule, thing)
    if not _applies(rule.when, thing):
        return Answer.KEPT
    match rule:
        case Excludes():
            return Answer.BROKEN if thing.has(rule.field) else Answer.KEPT
        case Needs(at_most=None):
            return Answer.KEPT if thing.has(rule.field) else Answer.BROKEN
        case Needs():
            return _numbers(thing, (rule.field,), lambda number: number <= (rule.at_most or 0))
        case Apart():
            return _numbers(thing, (rule.low, rule.high), lambda low, high: high - low >= rule.days)
        case RarerThan():
            return _rare(container.text(rule.schedule), rule.days, at)


def _applies(when: When, thing: Thing) -> bool:
    return thing.text(when.field) == when.text if when.text else thing.has(when.field)


def _same(rule: SameAsName, thing: Thing) -> Answer:
    text = thing.text(rule.field)
    if text is None:
        return Answer.KEPT
    if has_placeholder(text + thing.name):
        return Answer.OPEN
    same = text.lower() == thing.name.lower() if rule.any_case else text == thing.name
    return Answer.KEPT if same else Answer.BROKEN


def _numbers(thing: Thing, fields: tuple[str, ...], holds: Callable[..., bool]) -> Answer:
    texts = [thing.text(field) for field in fields]
    given = [text for text in texts if text is not None]
    if any(map(has_placeholder, given)):
        return Answer.OPEN
    if len(given) < len(texts):
        return Answer.BROKEN
    if not all(map(INTEGER.fullmatch, given)):
        return Answer.MALFORMED
    return Answer.KEPT if holds(*map(int, given)) else Answer.BROKEN


def _rare(expression: str | None, days: int, at: datetime | None) -> Answer:
    if expression is None:
        return Answer.BROKEN  # AWS runs it daily then
    if has_placeholder(expression):
        return Answer.OPEN
    try:
        schedule = parse(expression)
    except ScheduleError:
        return Answer.KEPT  # AWS takes no document that holds it, and another rule says so
    apart = timedelta(days=days)
    verdict = judge_at(schedule, at, apart) if at else judge(schedule, apart)
    return Answer.BROKEN if verdict.verdict is Verdict.REJECTED else Answer.KEPT


# ---- one document --------------------------------------------------------------------------------------------


class _Written:
    """A container of a document, at a pointer: what it assigns, by names in any case."""

    def __init__(self, value: dict[str, Any], name: str, pointer: str) -> None:
        self.value = value
        self.name = name
        self.pointer = pointer

    def at(self, path: str) -> Any:
        """What is at a path; a placeholder where one is on the way; None where nothing does."""
        found: Any = self.value
        for name in path.split("/"):
            if not isinstance(found, dict):
                return found if isinstance(found, Placeholder) else None
            found = next((item for key, item in found.items() if key.lower() == name), None)
        return found

    def has(self, path: str) -> bool:
        found = self.at(path)
        return self.text(path) is not None or (isinstance(found, dict) and any(key[:2] != "@@" for key in found))

    def text(self, path: str) -> str | None:
        found = self.at(path)
        if isinstance(found, dict):
            found = next((item for key, item in found.items() if key.lower() == "@@assign"), None)
            return None if found is None or isinstance(found, dict | list) else text_of(found)
        return found if isinstance(found, Placeholder) else None

    def entries(self, path: str) -> list[_Written]:
        found, pointer = self.at(path), self.pointer_to(path)
        members = found.items() if isinstance(found, dict) else ()
        return [_Written(item, key, join(pointer, key)) for key, item in members if isinstance(item, dict)]

    def pointer_to(self, path: str) -> str:
        """The pointer to a field, as the document spells it; of what is not there, as far as it leads."""
        found: Any = self.value
        pointer = self.pointer
        for name in path.split("/"):
            key = next((key for key in found if key.lower() == name), None) if isinstance(found, dict) else None
            if key is None:
                break
            found, pointer = found[key], join(pointer, key)
        return pointer


def cross_faults(
    shape: Container, policy: Policy, value: dict[str, Any], pointer: str, name: str, at: datetime | None
) -> Iterator[Found]:
    """What a document has wrong between the fields of the container at a pointer, each with the rule that it breaks."""
    container = _Written(value, name, pointer)
    told: set[tuple[int, str]] = set()  # a rejection that two rules share is one where both point at one place
    # Of what is at one place the first is reported: that fields are missing, before how often something runs.
    rules = sorted((rule for rule in shape.rules if rule.rejection), key=lambda rule: isinstance(rule, RarerThan))
    for rule, thing, answer in judged(rules, container, at):
        if rule.rejection is None or answer not in (Answer.BROKEN, Answer.MALFORMED):
            continue
        field = rule.field if isinstance(rule, SameAsName) else rule.when.field
        place = Place(policy.document, pointer, "key")
        if rule.rejection.at == "setting":
            place = Place(policy.document, thing.pointer_to(field))
        if (id(rule.rejection), place.pointer) in told:
            continue
        told.add((id(rule.rejection), place.pointer))
        text = thing.text(field) or ""
        fix = None
        if isinstance(rule, SameAsName) and text.lower() == name.lower():
            fix = renamed(Place(policy.document, pointer), text)  # the setting counts, and the name only repeats it
        message = rule.rejection.message.format(name=thing.name, value=text)
        yield rule.rejection.rule, Fault(place, message, fix=fix)
