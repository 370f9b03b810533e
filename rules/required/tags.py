"""Tag policies that ask for less than they seem to, or for what no resource can have."""

from __future__ import annotations

from collections.abc import Iterator

from policylint import EffectivePolicy, Fault, Related, View, check

Found = Iterator[Fault]
SHOWN = 3


@check("enforced-without-values")
def enforced_without_values(policy: EffectivePolicy) -> Found:
    """Tags that are enforced and have no values: one remark for each policy that enforces them."""
    by_document: dict[int, list[View]] = {}
    for tag in policy.plans():
        if tag.texts("enforced_for") and tag.get("tag_value") in (None, ("*",)):
            by_document.setdefault(id(tag.place("enforced_for").document), []).append(tag)
    for tags in by_document.values():
        names = ", ".join(f"'{tag.name}'" for tag in tags[:SHOWN])
        more = f" and {len(tags) - SHOWN} more" if len(tags) > SHOWN else ""
        message = (
            f"'enforced_for' of {names}{more} has no 'tag_value' next to it, so AWS only checks the spelling of "
            f"the key, and accepts resources without the tag. To require the tag, add 'report_required_tag_for', "
            f"or a service control "
            "policy on 'aws:RequestTag'."
        )
        others = tuple(Related(tag.place("enforced_for"), "no values either") for tag in tags[1:])
        yield Fault(tags[0].place("enforced_for"), message, others)


@check("no-value-allowed")
def no_value_allowed(tag: View) -> Found:
    """A tag whose list of values was assigned empty."""
    found = tag.direct_child("tag_value")
    if found is not None and found.value == ():
        message = (
            f"'tag_value' of '{tag.name}' is an empty list, so no value of the tag complies. List the values, or "
            f"remove "
            "'tag_value' to allow any."
        )
        yield Fault(found.place(), message)
