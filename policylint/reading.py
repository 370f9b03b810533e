"""A document with the safe fixes applied: what the merge is made of where AWS rejects a document as it is.

The fixes are those that admission.py offers, and `--fix` makes the same. So an effective policy is the same before and
after `--fix`, whichever of the fixes are made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from policylint.admission import inspect, inspection
from policylint.edited_values import edited_value, moved_pointers
from policylint.findings import Edit, Fault, Fix, Place
from policylint.organization import Policy, kept_with_policy
from policylint.places import split_pointer

# The rules of admission.py that AWS rejects no document for, or not for certain. The cards say the same.
NOT_REJECTED = frozenset(
    {
        "doubtful-field",
        "ignored-operator",
        "null-as-text",
        "older-form",
        "operator-spelled-twice",
        "placeholder",
        "repeated-value",
        "schedule-depends-on-moment",
        "schedule-read-otherwise",
        "undocumented-control",
        "unlisted-value",
        "value-over-backup-limit",
        "white-space-over-limit",
    }
)
# The two states of what a rejected document is part of, in the words that every command uses.
FIXED = "with the safe fixes applied"
NOT_KNOWN = "What AWS serves is not known while a document on the path is rejected."
MOST_ROUNDS = 20  # a fix may uncover another; so many layers no document has
AS_WRITTEN: Mapping[str, str] = MappingProxyType({})


class Left(NamedTuple):
    """A problem that no safe fix makes sense of: its rule, its pointer into the fixed values, and itself in the document."""

    rule: str
    pointer: str
    fault: Fault


class Reading(NamedTuple):
    """The values of a document with the safe fixes applied.

    `places` holds, for each pointer into them, the pointer of what they come from in the document; it is empty where
    nothing was fixed. `left` are the problems that no safe fix makes sense of.
    """

    value: Any
    places: Mapping[str, str] = AS_WRITTEN
    left: tuple[Left, ...] = ()

    def origin(self, pointer: str) -> str:
        """The pointer into the document of what is at a pointer into the fixed values."""
        return self.places.get(pointer, pointer)


def rejections(policy: Policy) -> list[Fault]:
    """Why AWS rejects a document that can be read; empty where it takes it."""
    return [fault for rule, faults in inspection(policy, None).items() if rule not in NOT_REJECTED for fault in faults]


@kept_with_policy
def reading(policy: Policy) -> Reading:
    """The policy's document with the safe fixes applied. What AWS takes is read as it is written."""
    value = policy.document.value
    if not rejections(policy):
        return Reading(value)
    places: Mapping[str, str] = AS_WRITTEN
    faults = list(inspect(policy))
    for _ in range(MOST_ROUNDS):
        edits = list(_together(value, (fault.fix for _, fault in faults if fault.fix and fault.fix.safe)))
        if not edits:
            break
        moved = moved_pointers(value, edits)
        value = edited_value(value, edits)
        places = {new: places.get(old, old) for new, old in moved.items()}
        faults = list(inspect(Policy(policy.name, policy.type, policy.document.with_value(value))))
    left = ((rule, fault) for rule, fault in faults if rule not in NOT_REJECTED)
    return Reading(value, places, tuple(_left(rule, fault, policy, places) for rule, fault in left))


def _left(rule: str, fault: Fault, policy: Policy, places: Mapping[str, str]) -> Left:
    pointer = fault.place.pointer
    place = Place(policy.document, places.get(pointer, pointer), fault.place.part)
    return Left(rule, pointer, fault._replace(place=place))


def _together(value: Any, fixes: Iterable[Fix]) -> Iterator[Edit]:
    """The edits of the fixes that can be made at once, the first ones first; others wait for the next round."""
    changed: set[str] = set()
    names: dict[str, Counter[str]] = {}
    for fix in fixes:
        pointers = [edit.place.pointer for edit in fix.edits]
        if changed.isdisjoint(pointers) and all(has_room(edit, value, names) for edit in fix.edits):
            changed.update(pointers)
            yield from fix.edits


def has_room(edit: Edit, value: Any, names: dict[str, Counter[str]]) -> bool:
    """Whether no other member has the new name already; `names` are those of the objects that were looked at."""
    if edit.action != "rename":
        return True
    above, old = edit.place.pointer.rpartition("/")[0], split_pointer(edit.place.pointer)[-1].lower()
    if above not in names:
        names[above] = Counter(name.lower() for name in value_at(value, above) or ())
    new = edit.new.lower()
    if names[above][new] - (old == new):
        return False
    names[above][new] += old != new
    return True


def value_at(value: Any, pointer: str) -> Any:
    """The value at a pointer; None where there is nothing."""
    for part in split_pointer(pointer):
        value = value.get(part) if isinstance(value, dict) else value[int(part)] if isinstance(value, list) else None
    return value
