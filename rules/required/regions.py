"""The two lists of Regions that Security Hub, Inspector and network security director policies must have."""

from __future__ import annotations

from collections.abc import Iterator

from policylint import EffectivePolicy, Fault, View, check

LISTS = ("enable_in_regions", "disable_in_regions")


@check("missing-region-list")
def missing_region_list(policy: EffectivePolicy) -> Iterator[Fault]:
    """One of the two lists without the other, in whatever policy on the path."""
    waiting: list[View] = [policy.top] if policy.top else []
    while waiting:
        view = waiting.pop()
        waiting.extend(reversed(view.children()))
        # A list that some policy mentions is there, though it may be empty: AWS's own example appends nothing to it.
        missing = [name for name in LISTS if name not in view.node.children]
        if len(missing) == 1:
            message = (
                f"'{view.name}' has no '{missing[0]}'; AWS requires both lists, though one may be empty. Write "
                f'"{missing[0]}": {{"@@assign": []}}.'
            )
            yield Fault(view.missing(missing[0]), message)
