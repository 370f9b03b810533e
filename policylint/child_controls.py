"""Child controls: the members that AWS takes in `@@operators_allowed_for_child_policies`.

Source: docs/aws-behaviour.md, "Admission".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policylint.cross_fields import Found
from policylint.findings import Edit, Fault, Fix, Place
from policylint.operators import CONTROL_MEMBERS
from policylint.policy_types.shape import PolicyType
from policylint.remedies import in_list, operator_meant, replaced
from policylint.scalars import text_of


def control_faults(place: Place, item: Any, policy_type: PolicyType) -> Iterator[Found]:
    """The problems of the child control whose value is at a place."""
    if not isinstance(item, list) or not item:
        known = isinstance(item, str) and item.lower() in CONTROL_MEMBERS
        fix = in_list(place, item) if known else None
        yield (
            "malformed-control",
            Fault(place, "A child control must be a list of operators. AWS rejects anything else.", fix=fix),
        )
        return
    for index, member in enumerate(item):
        if not isinstance(member, str) or member.lower() not in CONTROL_MEMBERS:
            yield "malformed-control", _unknown_member(_member(place, index), member)
    yield from _repeated(place, item)
    documented = policy_type.documented_controls
    odd = [text for text in item if isinstance(text, str) and documented and text.lower() not in documented]
    if odd:
        message = (
            f"'{odd[0]}' is in a child control, where AWS documents only {' and '.join(sorted(documented))} for "
            f"this type. AWS accepts it today. Don't rely on it."
        )
        yield "undocumented-control", Fault(place, message)


def _unknown_member(place: Place, member: Any) -> Fault:
    shown = "…" if isinstance(member, dict | list) else text_of(member)
    message = f"'{shown}' is not an operator of a child control. AWS rejects the document. Known are {', '.join(CONTROL_MEMBERS)}."
    meant = operator_meant(member, control=False) if isinstance(member, str) else None
    return Fault(place, message, fix=replaced(place, meant))


def _repeated(place: Place, item: list[Any]) -> Iterator[Found]:
    texts = [member for member in item if isinstance(member, str)]
    folded = {text.lower() for text in texts}
    if len(set(texts)) < len(texts):
        message = "A child control names an operator twice. AWS rejects the document. Keep one."
        yield "malformed-control", Fault(place, message, fix=_once(place, item))
    elif len(texts) > 1 and "@@none" in folded:
        message = "'@@none' is next to another operator in a child control. AWS rejects the document. Keep one of them."
        yield "malformed-control", Fault(place, message)
    elif len(folded) < len(texts):
        message = "A child control names one operator in two spellings. Write it once, in lower case."
        yield "operator-spelled-twice", Fault(place, message, fix=_once(place, item))


def _once(place: Place, item: list[Any]) -> Fix:
    """Keep the first of each operator that a child control names."""
    members = [text_of(member).lower() for member in item]
    again = (index for index, member in enumerate(members) if member in members[:index])
    return Fix("Name it once.", tuple(Edit("delete", _member(place, index)) for index in again))


def _member(place: Place, index: int) -> Place:
    return Place(place.document, f"{place.pointer}/{index}")
