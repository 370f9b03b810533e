"""What can't be judged of a policy file on its own: a part is legal, and becomes whole with what is attached above."""

from __future__ import annotations

from datetime import datetime

from policylint.effective import effective_policy
from policylint.inheritance import resolve
from policylint.merge import ContainerLocks
from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.validity import reasons, validation_errors


def withheld_alone(policy: Policy, *, container_locks: ContainerLocks = "entries", at: datetime | None = None) -> str:
    """Why AWS would withhold the effective policy of an account that gets this policy and no other; empty if it wouldn't."""
    if not policy.type.checked or not isinstance(policy.document.value, dict):
        return ""
    account = Account("alone", "", "", "Root/alone")
    root = OrganizationalUnit("Root", "", "", "Root", (policy,), [account])
    organization = Organization(root, {policy.name: policy}, (policy.type,), policy.document)
    organization.number_accounts()
    inheritance = resolve(organization, policy.type, container_locks=container_locks)
    errors = validation_errors(effective_policy(inheritance, account), at)
    if not errors:
        return ""
    first = [error for error in errors if (error.code, error.path) == (errors[0].code, errors[0].path)]
    return reasons(first)
