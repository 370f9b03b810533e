"""One finding for what is true of several plans of one policy, where the rule's card asks for that.

Findings are accepted one by one before they are joined here: a baseline or an ignore knows each plan by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from policylint.findings import Place, Related
from policylint.folding import merged
from policylint.gathering import Gathered
from policylint.wording import listed, some_of

SHOWN = 10  # so many plans are named; the rest is counted


@dataclass(slots=True)
class Joined:
    """A finding, and the other places of which it says the same."""

    gathered: Gathered
    also: tuple[Place, ...] = ()


def joined(found: Iterable[Gathered]) -> list[Joined]:
    """The findings, with those joined that say the same of other plans of one policy, to the same accounts."""
    groups: dict[object, list[Gathered]] = {}
    for one in found:
        groups.setdefault(_kind(one), []).append(one)
    return [_as_one(group) for group in groups.values()]


def _kind(one: Gathered) -> object:
    """What findings that can be joined have in common; of its own for one that can't."""
    fault = one.fault
    named = bool(fault.subject) and f"'{fault.subject[-1]}'" in fault.message
    if not (one.rule.card.grouped and named and fault.fix is None and len(one.messages) == 1):
        return id(one)
    ranges = tuple(merged(one.ranges))
    return one.rule.id, id(fault.place.document), one.severity, one.policy_type, ranges, one.note, _split(one)


def _split(one: Gathered) -> tuple[str, str]:
    """The message before and after the name of what it is said of."""
    before, _, after = one.fault.message.partition(f"'{one.fault.subject[-1]}'")
    return before, after


def _as_one(group: list[Gathered]) -> Joined:
    if len(group) == 1:
        return Joined(group[0])
    group = sorted(group, key=lambda one: one.fault.place.stretch.start)
    first = group[0]
    names = [f"'{'/'.join(one.fault.subject)}'" for one in group]
    before, after = _split(first)
    shown = listed(names) if len(names) <= SHOWN else some_of(names, SHOWN)
    message = f"{before}{shown}{after}"
    others = tuple(Related(one.fault.place, f"{name} too") for one, name in zip(group[1:], names[1:], strict=True))
    fault = first.fault._replace(message=message, related=(*first.fault.related, *others))
    return Joined(
        replace(first, fault=fault, messages={message: first.ranges}), tuple(one.fault.place for one in group[1:])
    )
