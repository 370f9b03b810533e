"""AWS's quotas on an organization as a whole, whichever layout it was read from.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from policylint.findings import Fault
from policylint.organization import Organization
from policylint.places import Place

MOST_UNITS = 2_000
MOST_ACCOUNTS = 50_000  # after AWS has raised an organization's own quota, which starts at 10


def too_many_organizational_units(organization: Organization) -> Iterator[Fault]:
    """More units than AWS allows."""
    units = sum(not unit.stub for unit in organization.root.walk()) - 1
    if units > MOST_UNITS and "tree" in organization.complete:
        message = f"The organization has {units:,} organizational units. AWS rejects more than {MOST_UNITS:,}."
        yield Fault(_root(organization), message)


def too_many_accounts(organization: Organization) -> Iterator[Fault]:
    """More accounts than AWS allows."""
    accounts = organization.count([organization.root.account_range])
    if accounts > MOST_ACCOUNTS and "tree" in organization.complete:
        message = f"The organization has {accounts:,} accounts. AWS allows {MOST_ACCOUNTS:,} at most, on request."
        yield Fault(_root(organization), message)


def too_many_policies(organization: Organization) -> Iterator[Fault]:
    """More policies of a type than AWS stores."""
    for kind, count in Counter(policy.type for policy in organization.policies.values()).items():
        if kind.organization_limit is not None and count > kind.organization_limit:
            message = (
                f"The organization stores {count:,} policies of type {kind.enum}. AWS rejects more than "
                f"{kind.organization_limit:,}."
            )
            yield Fault(_root(organization), message)


def _root(organization: Organization) -> Place:
    return Place(organization.document, organization.root.pointer, "key")
