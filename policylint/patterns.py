"""Which accounts the patterns of a file name: by unit, by id or name, by tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase, translate
from functools import lru_cache

from policylint.folding import Range, intersection, merged
from policylint.organization import Account, Organization, Target


def named_accounts(
    organization: Organization,
    organizational_units: Sequence[str] = (),
    accounts: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
) -> list[Range]:
    """The accounts that every given condition matches, as merged ranges; all of them where none is given.

    A unit's path represents every account below it. `*` matches anything.
    """
    found: list[Range] = [(0, len(organization.accounts))]
    if organizational_units:
        units = (unit for unit in organization.root.walk() if matches(unit.path, organizational_units))
        found = merged(unit.account_range for unit in units)
    if accounts or tags:
        fitting = (one for one in organization.accounts if _fits(one, accounts, tags or {}))
        found = intersection(found, merged(account.account_range for account in fitting))
    return found


def accounts_among(organization: Organization, patterns: Sequence[str]) -> list[Range]:
    """The accounts of the units, and the accounts, that any of these patterns names by path, name or id."""
    units = (unit for unit in organization.root.walk() if matches(unit.path, patterns))
    accounts = (account for account in organization.accounts if is_among(account, patterns))
    targets: Iterable[Target] = (*units, *accounts)
    return merged(target.account_range for target in targets)


def is_among(account: Account, patterns: Sequence[str]) -> bool:
    """Whether one of these patterns names an account, by path, name or id."""
    return any(matches(text, patterns) for text in (account.path, account.name, account.id) if text)


def matches(text: str, patterns: Sequence[str]) -> bool:
    """Whether a text is one of these names, or fits one of these patterns."""
    names, pattern = _compiled(tuple(patterns))
    return text in names or (pattern is not None and pattern.match(text) is not None)


@lru_cache(maxsize=4096)
def _compiled(patterns: tuple[str, ...]) -> tuple[frozenset[str], re.Pattern[str] | None]:
    """The names among patterns, and one expression for those that represent more: each may meet every account."""
    plain = [pattern.rstrip("/") for pattern in patterns]
    wild = [translate(pattern) for pattern in plain if any(sign in pattern for sign in "*?[")]
    return frozenset(plain), re.compile("|".join(wild)) if wild else None


def _fits(account: Account, accounts: Sequence[str], tags: Mapping[str, str]) -> bool:
    named = not accounts or matches(account.id, accounts) or matches(account.name, accounts)
    return named and all(
        name in account.tags and fnmatchcase(account.tags[name], pattern) for name, pattern in tags.items()
    )
