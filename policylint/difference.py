"""What differs between two merges of one policy type: the settings that change, by the accounts for which they do.

The two may be of one organization before and after a change, or of two organizations; then accounts may appear or vanish.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from policylint.effective import EffectivePolicy, effective_policies
from policylint.fragments import Value
from policylint.inheritance import Inheritance
from policylint.organization import Account

Path = tuple[str, ...]  # names in lower case, from the top of the effective policy
Shown = Value | Mapping[str, Any]  # an object where AWS shows one with nothing in it


class ChangedSetting(NamedTuple):
    """A setting of an effective policy, before and after; None where the policy has no such setting."""

    path: Path
    before: Shown | None
    after: Shown | None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"path": list(self.path), "before": _plain(self.before), "after": _plain(self.after)}


class ChangedAccounts(NamedTuple):
    """Accounts for which the same settings change in the same way, as they are before and after."""

    settings: tuple[ChangedSetting, ...]
    accounts: tuple[tuple[Account, Account], ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data; the accounts as they are after the change."""
        return {
            "settings": [setting.to_dict() for setting in self.settings],
            "accounts": [_named(after) for _, after in self.accounts],
        }


@dataclass(frozen=True)
class Difference:
    """What differs between two merges; empty of everything where each account has the same effective policy in both."""

    policy_type: str  # AWS's name of it
    changed: tuple[ChangedAccounts, ...] = ()  # in the order of their first account
    appeared: tuple[Account, ...] = ()  # accounts of the second organization that the first does not have
    vanished: tuple[Account, ...] = ()  # and the other way round

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.changed or self.appeared or self.vanished)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "policy_type": self.policy_type,
            "changed": [group.to_dict() for group in self.changed],
            "appeared": [_named(account) for account in self.appeared],
            "vanished": [_named(account) for account in self.vanished],
        }


def difference(before: Inheritance, after: Inheritance) -> Difference:
    """What differs between two merges of one policy type. An account is known by its id, or else by its path."""
    if before.policy_type.enum != after.policy_type.enum:
        raise ValueError(f"'{before.policy_type.enum}' and '{after.policy_type.enum}' are two types of policies.")
    pairs, appeared, vanished = _matched(before.organization.accounts, after.organization.accounts)
    old, new = _Contents(before), _Contents(after)
    known: dict[tuple[int, int], tuple[ChangedSetting, ...]] = {}
    groups: dict[Any, tuple[tuple[ChangedSetting, ...], list[tuple[Account, Account]]]] = {}
    for one, other in pairs:
        states = id(before.state_of(one)), id(after.state_of(other))
        if states not in known:
            known[states] = tuple(_changed(old.of(states[0]), new.of(states[1])))
        if settings := known[states]:
            # What is not the same for two accounts stays apart; `repr` makes a key of what may hold an object.
            groups.setdefault(repr(settings), (settings, []))[1].append((one, other))
    changed = (ChangedAccounts(settings, tuple(accounts)) for settings, accounts in groups.values())
    return Difference(before.policy_type.enum, tuple(changed), tuple(appeared), tuple(vanished))


class _Contents:
    """The settings of each distinct effective policy, made when somebody asks for them."""

    def __init__(self, inheritance: Inheritance) -> None:
        self.policies: dict[int, EffectivePolicy] = {id(one.state): one for one in effective_policies(inheritance)}
        self.made: dict[int, dict[Path, Shown]] = {}

    def of(self, state: int) -> dict[Path, Shown]:
        if state not in self.made:
            self.made[state] = dict(_settings(self.policies[state].content()))
        return self.made[state]


def _settings(content: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Shown]]:
    for name, item in content.items():
        here = (*path, name)
        if isinstance(item, dict) and item:
            yield from _settings(item, here)
        else:
            yield here, tuple(item) if isinstance(item, list) else item


def _changed(before: dict[Path, Shown], after: dict[Path, Shown]) -> Iterator[ChangedSetting]:
    if before == after:
        return
    for path in {**before, **after}:
        old, new = before.get(path), after.get(path)
        if old != new:
            yield ChangedSetting(path, old, new)


def _matched(
    before: Iterable[Account], after: Iterable[Account]
) -> tuple[list[tuple[Account, Account]], list[Account], list[Account]]:
    """The pairs that are one account, in the first order; those that appear; those that vanish.

    Two accounts with different ids are two, also where they have one path. Files may hold an id or a path twice:
    then the first goes with the first.
    """
    by_id: dict[str, list[Account]] = {}
    by_path: dict[str, list[Account]] = {}
    for account in after:
        by_path.setdefault(account.path, []).append(account)
        if account.id:
            by_id.setdefault(account.id, []).append(account)
    found: dict[int, Account] = {}
    taken: set[int] = set()

    def take(account: Account, candidates: Iterable[Account]) -> None:
        other = next((one for one in candidates if id(one) not in taken), None)
        if other is not None:
            taken.add(id(other))
            found[id(account)] = other

    before = list(before)
    for account in before:
        if account.id in by_id:
            take(account, by_id[account.id])
    for account in before:
        if id(account) not in found:
            take(account, (one for one in by_path.get(account.path, ()) if not (one.id and account.id)))
    pairs = [(account, found[id(account)]) for account in before if id(account) in found]
    appeared = [account for accounts in by_path.values() for account in accounts if id(account) not in taken]
    return pairs, appeared, [account for account in before if id(account) not in found]


def _named(account: Account) -> dict[str, str]:
    return {"id": account.id, "name": account.name, "path": account.path}


def _plain(value: Shown | None) -> Any:
    return list(value) if isinstance(value, tuple) else value
