"""What AWS checks on a tree, whichever layout it was read from: one function for each rule of the scope `tree`.

A check gets the Organization and yields problems. What only the text of a layout shows (a key that nobody reads, a list
that is none) its reader reports. A finding that something is absent needs a source that says everything; see
`Organization.complete`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from policylint.findings import Fault, Related
from policylint.lookalikes import look_alike_letters
from policylint.organization import ACCOUNT_ID, ROOT_ID, UNIT_ID, Organization, OrganizationalUnit, Target
from policylint.places import Place
from policylint.quotas import too_many_accounts, too_many_organizational_units, too_many_policies
from policylint.wording import did_you_mean

DEEPEST_UNIT = 5
STATUSES = ("ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "PENDING_ACTIVATION", "CLOSED")


# ---- names and ids -------------------------------------------------------------------------------------------


def missing_name(organization: Organization) -> Iterator[Fault]:
    """Units without a name, and accounts with neither name nor id."""
    for unit in organization.root.walk():
        if not unit.name:
            yield Fault(organization.place_of(unit), "An organizational unit has no name. Add name: to it.")
        for account in unit.accounts:
            if not account.name and not account.id:
                yield Fault(organization.place_of(account), "An account has neither id nor name. Add at least one.")


def malformed_id(organization: Organization) -> Iterator[Fault]:
    """Ids that AWS never gives to such a thing."""
    for target in _targets(organization):
        if not target.id:
            continue
        pattern, example = _form(organization, target)
        if not pattern.fullmatch(target.id):
            message = f"'{target.id}' is not an id of AWS. An id looks like {example}."
            yield Fault(organization.place_of(target, "id"), message)


def duplicate_id(organization: Organization) -> Iterator[Fault]:
    """Two units of one id."""
    yield from _listed_twice(organization, (unit for unit in _units(organization) if UNIT_ID.fullmatch(unit.id)))


def duplicate_account(organization: Organization) -> Iterator[Fault]:
    """Two accounts of one id, or of one name where an id does not distinguish them."""
    yield from _listed_twice(
        organization, (account for account in organization.accounts if ACCOUNT_ID.fullmatch(account.id))
    )
    has_id: dict[str, bool] = {}  # by name: whether each account that bears it has an id
    for account in organization.accounts:
        name, identity = account.name, account.id
        if name in has_id and not (identity and has_id[name]):
            yield Fault(organization.place_of(account), f"The account '{name}' is listed twice.")
        if name:
            has_id[name] = bool(identity) and has_id.get(name, True)


def _listed_twice(organization: Organization, targets: Iterator[Target]) -> Iterator[Fault]:
    first: dict[str, Target] = {}
    for target in targets:
        known = first.setdefault(target.id, target)
        if known is not target:
            related = (Related(organization.place_of(known, "id"), "first listed here"),)
            yield Fault(organization.place_of(target, "id"), f"The id '{target.id}' is listed twice.", related)


def duplicate_organizational_unit(organization: Organization) -> Iterator[Fault]:
    """Two units of one name directly below the same unit."""
    for unit in organization.root.walk():
        first: dict[str, OrganizationalUnit] = {}
        for below in unit.organizational_units:
            known = first.setdefault(below.name, below)
            if known is not below:
                message = (
                    f"Two organizational units of '{unit.path}' are named '{below.name}'. AWS rejects the second "
                    f"one. Rename one."
                )
                related = (Related(organization.place_of(known, "name"), "the first of the two"),)
                yield Fault(organization.place_of(below, "name"), message, related)


def unknown_management_account(organization: Organization) -> Iterator[Fault]:
    """A management account that is not in the tree. Without ids in a tree it is not known."""
    named = organization.management_account
    if not named or "tree" not in organization.complete:
        return
    if any(account.id for account in organization.accounts) and not organization.find_accounts(named):
        message = f"No account of the tree has the id '{named}'. Add the management account to the tree, or fix the id."
        yield Fault(organization.management_place or Place(organization.document), message)


def account_status(organization: Organization) -> Iterator[Fault]:
    """Accounts with a status that AWS does not have."""
    for account in organization.accounts:
        if account.status and account.status.upper().replace(" ", "_") not in STATUSES:
            hint = did_you_mean(account.status.upper(), STATUSES, f"Known are {', '.join(STATUSES)}.")
            message = f"'{account.status}' is not a status of an account. {hint}"
            yield Fault(organization.place_of(account, "status"), message)


# ---- the tree and what is attached ---------------------------------------------------------------------------


def too_deep(organization: Organization) -> Iterator[Fault]:
    """The first units of each branch that lie deeper than AWS allows."""
    level = [organization.root]
    for _ in range(DEEPEST_UNIT + 1):
        level = [below for unit in level for below in unit.organizational_units]
    for unit in level:
        message = (
            f"'{unit.path}' is {DEEPEST_UNIT + 1} units below the root. AWS rejects more than {DEEPEST_UNIT}. Move "
            f"it up."
        )
        yield Fault(organization.place_of(unit), message)


def too_many_attachments(organization: Organization) -> Iterator[Fault]:
    """Units and accounts with more policies of a type than AWS lets attach there."""
    for target in _targets(organization):
        for kind, count in Counter(policy.type for policy in target.policies).items() if target.policies else ():
            if count > kind.attach_limit:
                message = (
                    f"{count} {kind.plural} are attached to '{target.path}'. AWS rejects more than "
                    f"{kind.attach_limit}. Merge two of them, or attach one at a higher level."
                )
                yield Fault(_place_of_policies(organization, target), message)


def policy_type_not_enabled(organization: Organization) -> Iterator[Fault]:
    """Attached policies of a type that is not enabled, where the types that are enabled are stated."""
    if organization.stated_types is None:
        return
    enabled = {kind.enum for kind in organization.stated_types}
    for target in _targets(organization):
        for kind in dict.fromkeys(policy.type for policy in target.policies) if target.policies else ():
            if kind.enum not in enabled:
                message = (
                    f"'{target.path}' has a policy of the type '{kind.folder}', which is not enabled. AWS rejects "
                    f"the attachment. Add '{kind.folder}' to enabled_policy_types."
                )
                yield Fault(_place_of_policies(organization, target), message)


def unattached_policy(organization: Organization) -> Iterator[Fault]:
    """Policies that are attached nowhere, where every attachment is known."""
    if "attachments" not in organization.complete:
        return
    attached = {id(policy) for target in _targets(organization) for policy in target.policies}
    for name, policy in organization.policies.items():
        # Many organizations keep the attachments of types that are not checked elsewhere.
        if policy.type.checked and id(policy) not in attached and name not in organization.misnamed:
            message = f"The policy '{name}' is not attached to any unit or account, so it has no effect."
            yield Fault(policy.place or Place(policy.document), message)


def _units(organization: Organization) -> Iterator[OrganizationalUnit]:
    """The root and all units, as their files list them: all of one unit before what is below any of these."""
    yield organization.root
    for unit in organization.root.walk():
        yield from unit.organizational_units


def _targets(organization: Organization) -> Iterator[Target]:
    for unit in organization.root.walk():
        yield unit
        yield from unit.accounts


def _place_of_policies(organization: Organization, target: Target) -> Place:
    """Where a target lists what is attached to it; its entry where the layout has no such list."""
    place = organization.place_of(target, "policies")
    return place if place.pointer in place.document.entries else organization.place_of(target)


def _form(organization: Organization, target: Target) -> tuple[re.Pattern[str], str]:
    if target is organization.root:
        return ROOT_ID, "r-ab12"
    return (UNIT_ID, "ou-ab12-cd345678") if isinstance(target, OrganizationalUnit) else (ACCOUNT_ID, "123456789012")


CHECKS: dict[str, Callable[[Organization], Iterator[Fault]]] = {
    "missing-name": missing_name,
    "malformed-id": malformed_id,
    "duplicate-id": duplicate_id,
    "duplicate-account": duplicate_account,
    "duplicate-organizational-unit": duplicate_organizational_unit,
    "unknown-management-account": unknown_management_account,
    "wrong-shape": account_status,
    "too-deep": too_deep,
    "too-many-attachments": too_many_attachments,
    "policy-type-not-enabled": policy_type_not_enabled,
    "unattached-policy": unattached_policy,
    "too-many-organizational-units": too_many_organizational_units,
    "too-many-accounts": too_many_accounts,
    "too-many-policies": too_many_policies,
    "look-alike-letters": look_alike_letters,
}
