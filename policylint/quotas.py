"""AWS's quotas on an organization as a whole, whichever layout it was read from.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from policylint.findings import Fault, Place
from policylint.organization import Organization

MOST_UNITS = 2_000
MOST_ACCOUNTS = 50_000  # after AWS has raised an organization's own quota, which starts at 10


def quota_faults(organization: Organization) -> Iterator[tuple[str, Fault]]:
    """Where the organization holds more than AWS allows, each with the rule that says so."""
    place = Place(organization.document, organization.root.pointer, "key")
    units = sum(1 for _ in organization.root.walk()) - 1
    if units > MOST_UNITS:
        message = f"The organization has {units:,} organizational units; AWS allows {MOST_UNITS:,}."
        yield "too-many-organizational-units", Fault(place, message)
    accounts = len(organization.accounts)
    if accounts > MOST_ACCOUNTS:
        message = f"The organization has {accounts:,} accounts; AWS allows {MOST_ACCOUNTS:,} at most, on request."
        yield "too-many-accounts", Fault(place, message)
    for kind, count in Counter(policy.type for policy in organization.policies.values()).items():
        if kind.organization_limit is not None and count > kind.organization_limit:
            message = f"The organization stores {count:,} policies of type {kind.enum}; AWS allows {kind.organization_limit:,}."
            yield "too-many-policies", Fault(place, message)
