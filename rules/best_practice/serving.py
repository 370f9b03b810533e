"""Which rules back up the same resources: what a plan leaves open another plan of the effective policy may do.

What a selection takes is read as AWS Backup reads it: the values of a tag and the resource types are alternatives, conditions hold together.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

from policylint import EffectivePolicy, View, has_placeholder, listed

from .backup_plans import rules_of

EVERY_TYPE = "*"
TAG = "aws:ResourceTag/"
Condition = tuple[str, str, str]  # operator, key, value


class Taken(NamedTuple):
    """Resources that a selection takes: of a type, without those of others, under conditions that all hold."""

    type: str
    excluded: frozenset[str]
    conditions: frozenset[Condition]

    @property
    def is_known(self) -> bool:
        """Whether it is known which resources these are: nobody knows what a placeholder becomes."""
        texts = (self.type, *self.excluded, *(text for condition in self.conditions for text in condition))
        return not any(map(has_placeholder, texts))

    def described(self) -> str:
        """The resources in words."""
        tags = [f"{_is_not(operator)}'{key.removeprefix(TAG)}: {value}'" for operator, key, value in self.conditions]
        tagged = f" tagged {listed(sorted(tags))}" if tags else ""
        if self.type != EVERY_TYPE:
            return f"'{self.type}'{tagged}"
        return f"what is{tagged}" if tagged else "every resource"


def _is_not(operator: str) -> str:
    return "not " if "_not_" in operator else ""


class Served(NamedTuple):
    """Resources that a plan takes in some of its Regions, and the plans that back up all of them there."""

    regions: tuple[str, ...]
    plans: list[View]  # the plan itself among them, in the order of the policy
    maybe: list[View]  # those that may do so too

    def rules(self) -> list[tuple[View, View]]:
        """The rules that certainly back them up, each with its plan."""
        return [(plan, rule) for plan in self.plans for rule in rules_of(plan)]

    def candidates(self) -> list[View]:
        """The rules that back them up, or may do so as far as known."""
        return [rule for plan in (*self.plans, *self.maybe) for rule in rules_of(plan)]


def covers(wide: Taken, narrow: Taken) -> bool:
    """Whether all that the one takes the other takes too."""
    if wide.type not in (EVERY_TYPE, narrow.type):
        return False
    left_out = wide.excluded - narrow.excluded
    if left_out and (narrow.type == EVERY_TYPE or narrow.type in left_out):
        return False
    return all(_implied(condition, narrow.conditions) for condition in wide.conditions)


def _implied(wanted: Condition, given: frozenset[Condition]) -> bool:
    operator, key, value = wanted
    if wanted in given:
        return True
    equals = (there for name, own, there in given if name == "string_equals" and own == key)
    return operator == "string_like" and any(_is_like(there, value) for there in equals)


def _is_like(text: str, pattern: str) -> bool:
    """`*` is the only wildcard, and does not represent white space. No regular expression: these may take forever."""
    first, *middle = pattern.split("*")
    if not middle:
        return text == pattern
    last = middle.pop()
    start, end = len(first), len(text) - len(last)
    if start > end or not (text.startswith(first) and text.endswith(last)):
        return False
    between: list[str] = []
    for part in middle:
        found = text.find(part, start, end)
        if found < 0:
            return False
        between.append(text[start:found])
        start = found + len(part)
    return not any(map(str.isspace, "".join((*between, text[start:end]))))


_taken_by: WeakKeyDictionary[View, tuple[Taken, ...]] = WeakKeyDictionary()


def taken(plan: View) -> tuple[Taken, ...]:
    """What a plan's selections take, each alternative by itself."""
    found = _taken_by.get(plan)
    if found is None:
        found = _taken_by[plan] = tuple(dict.fromkeys(_taken(plan)))
    return found


def _taken(plan: View) -> Iterator[Taken]:
    for selection in plan.children("selections/tags"):
        key = selection.get("tag_key")
        more = _conditions(selection)
        for value in selection.texts("tag_value"):
            if isinstance(key, str):
                tag = ("string_equals", f"{TAG}{key}", value)
                yield Taken(EVERY_TYPE, frozenset(), frozenset((tag, *more)))
    for selection in plan.children("selections/resources"):
        excluded, conditions = frozenset(selection.texts("not_resource_types")), frozenset(_conditions(selection))
        types = selection.texts("resource_types") or ((EVERY_TYPE,) if conditions else ())
        yield from (Taken(kind, excluded, conditions) for kind in types)


def _conditions(selection: View) -> list[Condition]:
    return [
        (operator.folded, str(condition.get("condition_key") or ""), str(condition.get("condition_value") or ""))
        for operator in selection.children("conditions")
        for condition in operator.children()
    ]


class Serving:
    """The plans of an effective policy by what they take, so that many can be held against each other at once."""

    def __init__(self, policy: EffectivePolicy) -> None:
        self.plans = policy.plans()
        self.regions = [frozenset(plan.texts("regions")) for plan in self.plans]
        self.doubtful = [
            number
            for number, plan in enumerate(self.plans)
            if any(map(has_placeholder, self.regions[number])) or not all(one.is_known for one in taken(plan))
        ]
        self.known: dict[Taken, tuple[int, ...]] = {}
        self.by_key: dict[tuple[str, Condition | None], list[tuple[int, Taken]]] = {}
        for number, plan in enumerate(self.plans):
            for one in taken(plan):
                self.by_key.setdefault((one.type, _anchor(one)), []).append((number, one))

    def of(self, plan: View) -> Iterator[Served]:
        """What a plan takes, in as few parts as other plans take it apart; at least one, also where it takes nothing."""
        number = self.plans.index(plan)
        regions = plan.texts("regions")
        together = {self.covering(one) for one in taken(plan)}
        unknown = number in self.doubtful
        if not together or not regions:
            yield Served(regions, [plan], [])
            return
        for numbers in sorted(together):
            by_plans: dict[tuple[int, ...], list[str]] = {}
            for region in regions:
                here = tuple(other for other in numbers if region in self.regions[other])
                by_plans.setdefault(here, []).append(region)
            for here, inside in by_plans.items():
                others = range(len(self.plans)) if unknown else self.doubtful
                maybe = [self.plans[other] for other in others if other not in here]
                yield Served(tuple(inside), [self.plans[other] for other in here], maybe)

    def covering(self, one: Taken) -> tuple[int, ...]:
        """The numbers of the plans that take all of something that a plan takes; it is among them."""
        if one not in self.known:
            self.known[one] = self._covering(one)
        return self.known[one]

    def _covering(self, one: Taken) -> tuple[int, ...]:
        found: set[int] = set()
        for kind in {EVERY_TYPE, one.type}:
            for anchor in (None, *one.conditions):
                for other, wide in self.by_key.get((kind, anchor), ()):
                    if other not in found and covers(wide, one):
                        found.add(other)
        return tuple(sorted(found))

    @cached_property
    def overlapping(self) -> list[tuple[View, View, str]]:
        """Pairs of plans that surely take the same resources somewhere, the earlier first, with what these are."""
        found: dict[tuple[int, int], str] = {}
        for number, plan in enumerate(self.plans):
            for one in taken(plan):
                for other in self.covering(one) if one.is_known else ():
                    pair = (min(number, other), max(number, other))
                    if other != number and pair not in found and self.regions[number] & self.regions[other]:
                        found[pair] = one.described()
        pairs = sorted(found.items(), key=lambda pair: (pair[0][1], pair[0][0]))
        return [(self.plans[first], self.plans[second], what) for (first, second), what in pairs]


def _anchor(one: Taken) -> Condition | None:
    """One condition that whatever is covered must have itself; None where there is no such condition."""
    return min((condition for condition in one.conditions if condition[0] != "string_like"), default=None)


_last: WeakKeyDictionary[EffectivePolicy, Serving] = WeakKeyDictionary()


def serving(policy: EffectivePolicy) -> Serving:
    """The plans of an effective policy by what they take; several rules ask for one policy before the next has its turn."""
    found = _last.get(policy)
    if found is None:
        _last.clear()
        found = _last[policy] = Serving(policy)
    return found
