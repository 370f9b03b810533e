"""Which entries of several sources are the same thing, and in which order policies are attached.

Entries of different sources that share a key are the same. Two entries of one source never are: what a file lists twice
is a mistake that a check reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Generic, Protocol, TypeVar

ROOT = "root"  # the key of the root, which an organization has one of
ID, ACCOUNT_NAME, PATH = "id:", "account-name:", "path:"
EXAMPLE_ID = re.compile(r"(r|ou|o|p)?[-x]*x{4}[-x]*")  # r-xxxx and the like, as documentation writes them


class Keyed(Protocol):
    """An entry of a source."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that say which thing is meant."""

    @property
    def id(self) -> str:
        """AWS's id of it, or an empty text."""

    @property
    def name(self) -> str:
        """What it is called, or an empty text."""


E = TypeVar("E", bound=Keyed)


class Thing(Generic[E]):
    """One thing, with what each source says of it; the first source wins."""

    __slots__ = ("entries",)

    def __init__(self, source: int, entry: E) -> None:
        self.entries: list[tuple[int, E]] = [(source, entry)]

    @property
    def first(self) -> E:
        """What the first source says."""
        return self.entries[0][1]

    @property
    def sources(self) -> set[int]:
        """The numbers of the sources that know it."""
        return {source for source, _ in self.entries}

    @property
    def id(self) -> str:
        """AWS's id of it, from the first source that knows it."""
        return next((entry.id for _, entry in self.entries if is_id(entry.id)), self.first.id)

    def told(self, field: str) -> E | None:
        """The first entry that says something in a field."""
        return next((entry for _, entry in self.entries if getattr(entry, field)), None)


def is_id(text: str) -> bool:
    """Whether a text may be an id: `r-xxxx` is one in an example only."""
    return bool(text) and not EXAMPLE_ID.fullmatch(text)


def keys_of(entry: Keyed) -> tuple[str, ...]:
    """The keys of an entry, its id among them."""
    return (*entry.keys, ID + entry.id) if is_id(entry.id) else entry.keys


def things(sources: Sequence[Iterable[E]]) -> list[Thing[E]]:
    """The things that the entries of each source are about, in the order in which they are first named."""
    if len(sources) == 1:
        return [Thing(0, entry) for entry in sources[0]]
    found: dict[Thing[E], None] = {}
    by_key: dict[str, Thing[E]] = {}
    for source, entries in enumerate(sources):
        for entry in entries:
            thing = Thing(source, entry)
            keys = keys_of(entry)
            for same in dict.fromkeys(by_key[key] for key in keys if key in by_key):
                if same in found and not same.sources & thing.sources:
                    thing = _joined(same, thing, found, by_key)
            found.setdefault(thing)
            for key in keys:
                by_key.setdefault(key, thing)
    return list(found)


def _joined(one: Thing[E], other: Thing[E], found: dict[Thing[E], None], by_key: dict[str, Thing[E]]) -> Thing[E]:
    """The first of two things with the entries of the other, which is no longer a separate thing."""
    if one not in found or (other in found and other.entries[0][0] < one.entries[0][0]):
        one, other = other, one
    one.entries = sorted([*one.entries, *other.entries], key=lambda part: part[0])
    found.pop(other, None)
    for key in [key for _, entry in other.entries for key in keys_of(entry)]:
        if by_key.get(key) is other:
            by_key[key] = one
    return one


def joined_by_name(candidates: Sequence[Thing[E]]) -> list[list[Thing[E]]]:
    """Things in the groups that are one: those of one name, where that is plain; the first of each has all entries.

    It is not plain where one source has the name twice, nor where two of them have ids that differ.
    """
    by_name: dict[str, list[Thing[E]]] = {}
    for thing in candidates:
        by_name.setdefault(thing.first.name, []).append(thing)
    groups: list[list[Thing[E]]] = []
    for name, same in by_name.items():
        numbers = [source for thing in same for source in thing.sources]
        ids = {thing.id for thing in same if is_id(thing.id)}
        if name and len(same) > 1 and len(numbers) == len(set(numbers)) and len(ids) < 2:
            same[0].entries = sorted((part for thing in same for part in thing.entries), key=lambda part: part[0])
            groups.append(same)
        else:
            groups += ([thing] for thing in same)
    return groups


def by_key(found: Iterable[Thing[E]]) -> dict[str, Thing[E]]:
    """The things by each of their keys; of two with one key it is the first."""
    result: dict[str, Thing[E]] = {}
    for thing in found:
        for _, entry in thing.entries:
            for key in keys_of(entry):
                result.setdefault(key, thing)
    return result


def in_order(names: Sequence[str], after: Mapping[str, Iterable[str]]) -> tuple[list[str], bool]:
    """Names so that each comes after those that it has to, else by name; and whether there is no other such order.

    Where they go round in circles, which no tool allows, the order is that of the names.
    """
    from graphlib import CycleError, TopologicalSorter

    known = set(names)
    sorter = TopologicalSorter({name: [one for one in after.get(name, ()) if one in known] for name in names})
    try:
        sorter.prepare()
    except CycleError:
        return sorted(names), False
    ordered: list[str] = []
    certain = True
    free = list(sorter.get_ready())
    heapify(free)
    while free:
        certain = certain and len(free) == 1
        ordered.append(heappop(free))
        sorter.done(ordered[-1])
        for name in sorter.get_ready():
            heappush(free, name)
    return ordered, certain


def is_before(one: str, other: str, after: Mapping[str, Iterable[str]]) -> bool:
    """Whether one name has to come before another, directly or by way of others."""
    waiting, seen = [other], {other}
    while waiting:
        for name in after.get(waiting.pop(), ()):
            if name == one:
                return True
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return False
