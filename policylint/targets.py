"""Which accounts a configuration's patterns name, and the zones that overrides make of an organization."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from policylint.config import Override, is_named, set_rules
from policylint.folding import Range, intersection, merged, without
from policylint.gathering import Zone
from policylint.organization import Account, Organization
from policylint.rules import Rule


def named_accounts(
    organization: Organization,
    organizational_units: Sequence[str] = (),
    accounts: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
) -> list[Range]:
    """The accounts that every given condition matches, as merged ranges; all of them where none is given.

    A unit's path stands for every account below it. `*` stands for anything.
    """
    found: list[Range] = [(0, len(organization.accounts))]
    if organizational_units:
        units = (unit for unit in organization.root.walk() if _matches(unit.path, organizational_units))
        found = merged(unit.account_range for unit in units)
    if accounts or tags:
        fitting = (one for one in organization.accounts if _fits(one, accounts, tags or {}))
        found = intersection(found, merged(account.account_range for account in fitting))
    return found


def _matches(text: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(text, pattern.rstrip("/")) for pattern in patterns)


def _fits(account: Account, accounts: Sequence[str], tags: Mapping[str, str]) -> bool:
    named = not accounts or _matches(account.id, accounts) or _matches(account.name, accounts)
    return named and all(
        name in account.tags and fnmatchcase(account.tags[name], pattern) for name, pattern in tags.items()
    )


def restrictions(organization: Organization, rules: Iterable[Rule]) -> dict[str, list[Range]]:
    """The accounts that a card's `where` names, for each rule that has one."""
    selections = {rule.id: rule.card.selection for rule in rules}
    return {
        rule_id: named_accounts(organization, **selection.where)
        for rule_id, selection in selections.items()
        if selection and selection.where
    }


def zones(
    organization: Organization,
    overrides: Sequence[Override],
    rules: Mapping[str, Rule],
    picked: Mapping[str, Rule],
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> list[Zone]:
    """Disjoint zones, each with its rules. Where overrides meet, both hold, and the later one wins.

    `rules` are all there are, `picked` those that hold outside of every zone; `select` and `ignore` are the command
    line's, which no override takes back.
    """

    def overridden(held: Mapping[str, Rule], override: Override) -> Mapping[str, Rule]:
        changed = set_rules(rules, held, override.settings, keep=bool(select))
        return {rule_id: rule for rule_id, rule in changed.items() if not is_named(rule, ignore)}

    made: list[Zone] = []
    for override in overrides:
        named = named_accounts(organization, override.organizational_units, override.accounts, override.tags)
        outside = [Zone(without(zone.ranges, named), zone.rules) for zone in made]
        inside = [Zone(intersection(zone.ranges, named), overridden(zone.rules, override)) for zone in made]
        untouched = without(named, merged(part for zone in made for part in zone.ranges))
        made = [*outside, *inside, Zone(untouched, overridden(picked, override))]
        made = [zone for zone in made if zone.ranges]
    return made
