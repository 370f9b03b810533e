"""What users name: accounts by id or name, policy types by any of their names."""

from __future__ import annotations

from policylint.errors import UnknownName, UsageError
from policylint.organization import Account, Organization, Policy
from policylint.policy_types import Registry
from policylint.policy_types.shape import PolicyType
from policylint.wording import capital, hinted, nearest


def find_account(organization: Organization, name: str) -> Account:
    """The one account with this id or name."""
    found = organization.find_accounts(name)
    if len(found) == 1:
        return found[0]
    if found:
        accounts = ", ".join(f"{account.path} ({account.id})" if account.id else account.path for account in found)
        raise UnknownName(f"'{name}' names {len(found)} accounts: {accounts}. Give an id.")
    names = [text for account in organization.accounts for text in (account.name, account.id) if text]
    raise UnknownName(hinted(f"No account has the id or the name '{name}'.", name, names), nearest=nearest(name, names))


def inherited(organization: Organization, kind: PolicyType, account: Account) -> list[Policy]:
    """The policies of a type that an account gets, from the root downwards."""
    attached = (policy for target in organization.path_to(account) for policy in target.policies)
    return list(dict.fromkeys(policy for policy in attached if policy.type is kind))


def find_merged_type(name: str, types: Registry) -> PolicyType:
    """The policy type of this name, which has to be one whose policies AWS merges into an effective policy."""
    kind = types.named(name)
    if not kind.checked:
        raise UsageError(
            f"{capital(kind.plural)} don't merge into an effective policy: each one limits what the others allow."
        )
    return kind
