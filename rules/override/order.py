"""The order in which operators are written, and the one in which AWS applies them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from policylint import Fault, Fragment, Place, Policy, check, fragment_of
from policylint.operators import OPERATOR_NAMES
from policylint.remedies import reordered


@check("operators-out-of-order")
def operators_out_of_order(policy: Policy) -> Iterator[Fault]:
    """An operator that is before one that AWS applies earlier."""
    root = fragment_of(policy)
    for fragment in root.walk() if root else ():
        if len(fragment.written) < 2:  # as nearly all
            continue
        operators = [operator for operator in fragment.written if operator is not None]
        early = next((one for one, other in pairwise(operators) if one > other), None)
        if early is not None:
            done = ", then ".join(OPERATOR_NAMES[operator] for operator in sorted(operators))
            message = (
                f"AWS applies the operators of '{fragment.name}' as {done}, whatever their order here. Write them "
                f"in that order."
            )
            setting = Place(policy.document, fragment.pointer)
            fix = reordered(setting, _in_order(fragment)) if fragment.is_as_written else None
            yield Fault(fragment.operator_key_place(early), message, fix=fix)


def _in_order(fragment: Fragment) -> list[str]:
    """The members of a setting with its operators sorted; a child control stays where it is."""
    operators = iter(sorted(operator for operator in fragment.written if operator is not None))
    return [fragment.written[None if operator is None else next(operators)] for operator in fragment.written]
