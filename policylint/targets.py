"""Which accounts a configuration's patterns name, the zones that overrides make of an organization, and slips in both."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase, translate
from functools import lru_cache
from itertools import pairwise

from policylint.config import Override, is_named, set_rules
from policylint.document import Document, Span, display_path, join
from policylint.findings import Fault, Place
from policylint.folding import Range, intersection, merged
from policylint.gathering import Zone
from policylint.organization import Account, Organization, Target
from policylint.rules import Rule
from policylint.wording import hinted

WHERE = re.compile(r"""^["']?(where)["']?\s*:""", re.MULTILINE)


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


def accounts_of(organization: Organization, override: Override) -> list[Range]:
    """The accounts for which an override holds, as merged ranges."""
    found = named_accounts(organization, override.organizational_units, override.accounts, override.tags)
    if not override.excepted:
        return found
    units = (unit for unit in organization.root.walk() if _matches(unit.path, override.excepted))
    accounts = (account for account in organization.accounts if _is_excepted(account, override.excepted))
    targets: Iterable[Target] = (*units, *accounts)
    return intersection(found, merged(target.account_range for target in targets))


def _is_excepted(account: Account, patterns: Sequence[str]) -> bool:
    return any(_matches(text, patterns) for text in (account.path, account.name, account.id) if text)


def _matches(text: str, patterns: Sequence[str]) -> bool:
    names, pattern = _compiled(tuple(patterns))
    return text in names or (pattern is not None and pattern.match(text) is not None)


@lru_cache(maxsize=4096)
def _compiled(patterns: tuple[str, ...]) -> tuple[frozenset[str], re.Pattern[str] | None]:
    """The names among patterns, and one expression for those that stand for more: each may meet every account."""
    plain = [pattern.rstrip("/") for pattern in patterns]
    wild = [translate(pattern) for pattern in plain if any(sign in pattern for sign in "*?[")]
    return frozenset(plain), re.compile("|".join(wild)) if wild else None


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


def idle_cards(organization: Organization, rules: Collection[Rule]) -> Iterator[tuple[str, Fault]]:
    """Cards whose `where` no account meets: they look at nothing."""
    meeting = restrictions(organization, rules) if organization.accounts else {}
    for rule in rules:
        if rule.id in meeting and not meeting[rule.id]:
            text = rule.card.path.read_text(encoding="utf-8")
            found = WHERE.search(text)
            span = Span(*found.span(1)) if found else Span(0, 1)
            place = Place(Document(display_path(rule.card.path), text, None), "", "value", span)
            yield (
                "card-without-accounts",
                Fault(place, f"No account meets the 'where' of '{rule.id}', so it looks at none."),
            )


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
        # What is excepted belongs to the rule, whoever chooses it.
        changed = set_rules(rules, held, override.settings, keep=bool(select) and not override.excepted)
        return {rule_id: rule for rule_id, rule in changed.items() if not is_named(rule, ignore)}

    made: list[Zone] = []
    for numbers, ranges in _shared_ranges(organization, overrides).items():
        held = picked
        for number in numbers:
            held = overridden(held, overrides[number])
        made.append(Zone(merged(ranges), held))
    return made


def _shared_ranges(organization: Organization, overrides: Sequence[Override]) -> dict[tuple[int, ...], list[Range]]:
    """The accounts for which the same overrides hold, by the numbers of these."""
    starting: dict[int, list[int]] = {}
    ending: dict[int, list[int]] = {}
    for number, override in enumerate(overrides):
        for start, stop in accounts_of(organization, override):
            starting.setdefault(start, []).append(number)
            ending.setdefault(stop, []).append(number)
    holding: set[int] = set()
    found: dict[tuple[int, ...], list[Range]] = {}
    borders = sorted(starting.keys() | ending.keys())
    for border, following in pairwise(borders):
        holding.difference_update(ending.get(border, ()))
        holding.update(starting.get(border, ()))
        if holding:
            found.setdefault(tuple(sorted(holding)), []).append((border, following))
    return found


def idle_overrides(organization: Organization, overrides: Iterable[Override]) -> Iterator[tuple[str, Fault]]:
    """Overrides that hold for no account, each with what names none. A unit that has no accounts yet is no slip."""
    for override in overrides if organization.accounts else ():
        slips = list(_slips(organization, override))
        for pointer, message in slips:
            place = override.place._replace(pointer=override.place.pointer + pointer)
            yield "override-without-accounts", Fault(place, message)
        conditions = (override.organizational_units, override.accounts, override.tags, override.excepted)
        alone = sum(map(bool, conditions)) < 2
        if not (slips or alone or accounts_of(organization, override)):
            message = "No account meets all conditions of this override, so its settings hold nowhere."
            yield "override-without-accounts", Fault(override.place, message)


def _names_of(organization: Organization) -> frozenset[str]:
    """The names and ids of all accounts."""
    return frozenset(text for account in organization.accounts for text in (account.name, account.id) if text)


def _slips(organization: Organization, override: Override) -> Iterator[tuple[str, str]]:
    """The patterns of an override that name nothing: pointers below its own, and sentences."""
    paths = [unit.path for unit in organization.root.walk()] if override.organizational_units else []
    for number, pattern in enumerate(override.organizational_units):
        if not any(_matches(path, [pattern]) for path in paths):
            message = f"There is no organizational unit '{pattern}'."
            yield f"/organizational_units/{number}", hinted(message, pattern, paths)
    names = _names_of(organization) if override.accounts else frozenset()
    for number, pattern in enumerate(override.accounts):
        if pattern not in names and not any(_matches(name, [pattern]) for name in names):
            yield f"/accounts/{number}", hinted(f"No account is named '{pattern}'.", pattern, sorted(names))
    for name, pattern in override.tags.items():
        values = {account.tags[name] for account in organization.accounts if name in account.tags}
        if not values:
            known = {tag for account in organization.accounts for tag in account.tags}
            yield join("/tags", name), hinted(f"No account has the tag '{name}'.", name, sorted(known))
        elif not any(fnmatchcase(value, pattern) for value in values):
            message = f"No account's tag '{name}' is '{pattern}'."
            yield join("/tags", name), hinted(message, pattern, sorted(values))
    yield from _idle_exceptions(organization, override.excepted)


def _idle_exceptions(organization: Organization, patterns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The exceptions from a rule that name nothing."""
    paths = [unit.path for unit in organization.root.walk()] if patterns else []
    for number, pattern in enumerate(patterns):
        if any(_matches(path, [pattern]) for path in paths):
            continue
        if not any(_is_excepted(account, [pattern]) for account in organization.accounts):
            message = f"No unit and no account is named '{pattern}', so nothing is excepted."
            names = {account.path for account in organization.accounts}
            yield f"/{number}", hinted(message, pattern, [*paths, *sorted(names)])
