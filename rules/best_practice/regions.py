"""Policies that turn a service on and off by Region."""

from __future__ import annotations

from policylint import Fault, Fragment, Policy, Related, View, check, fragment_of, has_placeholder
from policylint.operators import APPEND, ASSIGN

from .backup_plans import Found


@check("region-enabled-and-disabled")
def region_enabled_and_disabled(policy: Policy) -> Found:
    """A Region in both lists of one document."""
    root = fragment_of(policy)
    for fragment in root.walk() if root else ():
        enabled, disabled = (fragment.children.get(f"{verb}_in_regions") for verb in ("enable", "disable"))
        if enabled and disabled:
            off = _given(disabled)
            for region, operator in _given(enabled).items():
                if region in off and not has_placeholder(region):
                    message = (
                        f"'{region}' is in both lists of '{fragment.name}', and AWS disables what is in both. "
                        f"Remove it from one."
                    )
                    related = (Related(disabled.operator_place(off[region], region), "disabled here"),)
                    yield Fault(enabled.operator_place(operator, region), message, related)


def _given(fragment: Fragment) -> dict[str, int]:
    """What a list is given in this document, each with the operator that gives it."""
    values = ((operator, fragment.values(operator)) for operator in (ASSIGN, APPEND))
    return {text: operator for operator, texts in values if isinstance(texts, tuple) for text in texts}


@check("partial-region-block")
def partial_region_block(enablement: View) -> Found:
    """A Region of a GuardDuty policy that leaves out what the default enables."""
    default = enablement.direct_child("default")
    if default is None:
        return
    enabled = [feature for feature in default.children() if feature.get("status") == "enabled"]
    for block in enablement.children():
        lacking = [feature.name for feature in enabled if block.direct_child(feature.folded) is None]
        if lacking:
            names = ", ".join(f"'{name}'" for name in lacking)
            message = (
                f"The block of '{block.name}' replaces the whole default, so GuardDuty does not enable {names} there. "
                "List every wanted feature, or write 'disabled'."
            )
            yield Fault(block.place(), message, (Related(default.place(), "the default"),))
