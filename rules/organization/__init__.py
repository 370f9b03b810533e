"""What is wrong with the organization's own file; most of it the reader finds."""

from __future__ import annotations

from collections.abc import Iterator

from policylint import Fault, Inheritance, check


@check("empty-organizational-unit")
def empty_organizational_unit(inheritance: Inheritance) -> Iterator[Fault]:
    """Policies attached where they affect no account. It is not known if a file lists no account at all."""
    organization = inheritance.organization
    if "tree" not in organization.complete:
        return
    for unit in organization.root.walk() if organization.accounts else ():
        start, stop = unit.account_range
        attached = [policy for policy in unit.policies if policy.type is inheritance.policy_type]
        if start == stop and attached:
            message = f"There is no account below '{unit.path}', so what is attached there affects none."
            yield Fault(organization.place_of(unit, "name"), message)
