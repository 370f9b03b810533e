"""The merge over a whole organization: for each account the state that its path gives it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from policylint.merge import EMPTY, ContainerLocks, Level, Merger, Range, State
from policylint.organization import Account, Organization, OrganizationalUnit, Target
from policylint.policy_types import POLICY_TYPES
from policylint.policy_types.shape import PolicyType


class Resolution(NamedTuple):
    """A distinct merged state and the accounts that have it, as ranges of account indexes."""

    state: State
    account_ranges: list[Range]


class Inheritance:
    """The outcome for one policy type over a whole organization."""

    def __init__(self, organization: Organization, policy_type: PolicyType, merger: Merger) -> None:
        self.organization = organization
        self.policy_type = policy_type
        self.merger = merger
        self.resolutions: dict[int, Resolution] = {}
        self._starts: list[tuple[int, State]] | None = None

    @property
    def levels(self) -> list[Level]:
        """Every distinct merge with at least one policy."""
        return [level for level in self.merger.levels.values() if level.policies]

    def give(self, state: State, ranges: Iterable[Range]) -> None:
        """Note that the accounts in these ranges have this state."""
        for start, stop in ranges:
            if start < stop:
                resolution = self.resolutions.setdefault(id(state), Resolution(state, []))
                resolution.account_ranges.append((start, stop))

    def state_of(self, account: Account) -> State:
        """The merged state of one account."""
        if self._starts is None:
            starts = [(r[0], res.state) for res in self.resolutions.values() for r in res.account_ranges]
            self._starts = sorted(starts, key=lambda start: start[0])
        position = bisect_right(self._starts, account.index, key=lambda start: start[0])
        return self._starts[position - 1][1]

    def resolution_of(self, account: Account) -> Resolution:
        """The merged state of one account, and all accounts that have it."""
        return self.resolutions[id(self.state_of(account))]

    @property
    def in_order(self) -> list[Resolution]:
        """The distinct merged states, in the order of their first account."""
        return sorted(self.resolutions.values(), key=lambda resolution: min(resolution.account_ranges))


def resolve(
    organization: Organization,
    policy_type: PolicyType | str,
    *,
    container_locks: ContainerLocks = "entries",
    attached: Mapping[int, list[Account]] | None = None,
) -> Inheritance:
    """Merge one policy type over the whole tree; a name is that of a built-in type, or of one that is used there.

    `attached` (see `accounts_with_policies`) saves a pass over all accounts when several types are resolved.
    """
    if isinstance(policy_type, str):
        used = (policy.type for policy in organization.policies.values())
        types = POLICY_TYPES.with_types(dict.fromkeys((*used, *organization.enabled_policy_types)))
        policy_type = types.named(policy_type)
    merger = Merger(container_locks)
    inheritance = Inheritance(organization, policy_type, merger)
    special = accounts_with_policies(organization) if attached is None else attached
    waiting: list[tuple[OrganizationalUnit, State]] = [(organization.root, EMPTY)]
    while waiting:
        unit, state = waiting.pop()
        state = _step(merger, state, unit, policy_type)
        _resolve_accounts(inheritance, unit, state, special.get(id(unit), ()))
        waiting.extend((child, state) for child in reversed(unit.organizational_units))
    return inheritance


def _step(merger: Merger, state: State, target: Target, policy_type: PolicyType) -> State:
    policies = tuple(policy for policy in target.policies if policy.type is policy_type)
    if not policies:
        return state
    level = merger.level(state, policies)
    level.targets.append(target)
    return level.after


def _resolve_accounts(
    inheritance: Inheritance, unit: OrganizationalUnit, state: State, special: Iterable[Account]
) -> None:
    start = unit.account_range[0]
    stop = start + len(unit.accounts)
    for account in special:
        own = _step(inheritance.merger, state, account, inheritance.policy_type)
        if own is state:
            continue
        inheritance.give(state, [(start, account.index)])
        inheritance.give(own, [account.account_range])
        start = account.index + 1
    inheritance.give(state, [(start, stop)])


def accounts_with_policies(organization: Organization) -> dict[int, list[Account]]:
    """For each unit (by identity) its own accounts that have policies attached, in index order."""
    return {
        id(unit): special
        for unit in organization.root.walk()
        if (special := [account for account in unit.accounts if account.policies])
    }
