"""What a project has chosen: which rules run, how loud, with which options, and for which accounts.

The more specific setting takes precedence: the command line, then overrides (the last one that names an account), then `rules`,
then `select` and `ignore`, then the profile, then the rule's card.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any

from policylint.compliance import FRAMEWORKS
from policylint.document import Document
from policylint.errors import UnknownName
from policylint.findings import SEVERITIES, Fault, Place, Severity
from policylint.folding import Range, intersection, merged
from policylint.gathering import Zone
from policylint.organization import Organization
from policylint.patterns import accounts_among, is_among, matches, named_accounts
from policylint.places import Span, join
from policylint.rules import SELF_CONTAINED, Rule
from policylint.suppression import Ignore
from policylint.wording import did_you_mean, hinted, nearest

EXCEPT = "except"  # of a rule's table: where it says nothing
ALWAYS = frozenset({"unreadable-file", "broken-syntax", "document-too-large"})  # else silence would look like health
WHERE = re.compile(r"""^["']?(where)["']?\s*:""", re.MULTILINE)


@dataclass(frozen=True)
class Override:
    """Rule settings for some accounts: those that every given condition matches."""

    settings: Mapping[str, Any]  # rule id → "off", "on", a severity, or a table
    place: Place
    organizational_units: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    excepted: tuple[str, ...] = ()  # units and accounts that a rule's own `except` names, by path, name or id


@dataclass(frozen=True)
class Configuration:
    """What a project has settled for itself. Without a file: the defaults."""

    folder: Path = Path()
    path: str = ""  # of the file, as it is shown
    profile: str = "recommended"
    self_contained: bool = False  # policies have to be complete by themselves
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    baseline: str = ""  # relative to the folder
    fail_on: str = "error"


# ---- picking rules -----------------------------------------------------------------------------------------


def pick(
    rules: Mapping[str, Rule],
    configuration: Configuration,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> dict[str, Rule]:
    """The rules to run. `select` and `ignore` are the command line's: `select` replaces the whole choice."""
    if select:
        chosen = {rule_id: rules[rule_id] for rule_id in rules if is_named(rules[rule_id], select)}
        chosen |= {rule_id: rules[rule_id] for rule_id in ALWAYS if rule_id in rules}
    else:
        chosen = {
            rule_id: rule
            for rule_id, rule in rules.items()
            if (
                _in_profile(rule, configuration.profile)
                or (configuration.self_contained and SELF_CONTAINED in rule.card.profiles)
                or is_named(rule, configuration.select)
            )
            and not is_ignored(rule, configuration.ignore)
        }
    set_up = set_rules(rules, chosen, configuration.settings, keep=bool(select))
    return {rule_id: rule for rule_id, rule in set_up.items() if not is_ignored(rule, ignore)}


def is_ignored(rule: Rule, selectors: Iterable[str]) -> bool:
    """Whether these selectors leave a rule out. What can't be read is left out only by its rule's own id."""
    return rule.id in selectors if rule.id in ALWAYS else is_named(rule, selectors)


def set_rules(
    rules: Mapping[str, Rule], chosen: Mapping[str, Rule], settings: Mapping[str, Any], *, keep: bool = False
) -> dict[str, Rule]:
    """The chosen rules with settings applied; unless the choice is to be kept, these turn rules on and off too."""
    result = dict(chosen)
    for rule_id, setting in settings.items():
        if setting in ("off", False):
            if not keep:
                result.pop(rule_id, None)
        elif not keep or rule_id in result:
            result[rule_id] = _set(result.get(rule_id, rules[rule_id]), setting)
    return result


def _set(rule: Rule, setting: Any) -> Rule:
    if isinstance(setting, str) and setting in SEVERITIES:
        return replace(rule, configured_severity=Severity(setting))
    if not isinstance(setting, dict):
        return rule
    options = {name: value for name, value in setting.items() if name not in ("severity", EXCEPT)}
    severity = Severity(setting["severity"]) if "severity" in setting else rule.configured_severity
    return replace(rule, configured_severity=severity, configured_options={**rule.configured_options, **options})


def _in_profile(rule: Rule, profile: str) -> bool:
    if profile == "strict":
        return rule.card.profiles != (SELF_CONTAINED,)  # a strategy, which most organizations do not follow
    if profile in FRAMEWORKS:
        return any(mapping.framework == profile for mapping in rule.card.compliance) or rule.id in ALWAYS
    if profile == "minimal":
        return rule.card.severity is Severity.ERROR and not rule.card.profiles
    return not rule.card.profiles or profile in rule.card.profiles


def is_named(rule: Rule, selectors: Iterable[str]) -> bool:
    """Whether a rule is meant by one of these selectors: its id, its family, or `all`."""
    return any(selector in (rule.id, rule.card.family, "all") for selector in selectors)


def known_selectors(rules: Mapping[str, Rule], selectors: Iterable[str], beside: Iterable[str] = ()) -> None:
    """Raise UnknownName where what is selected or ignored is not a rule or a family; `beside` may be why it is not there."""
    known = [*rules, *{rule.card.family for rule in rules.values()}, "all"]
    for selector in selectors:
        if selector not in known:
            hint = did_you_mean(selector, known, "`policylint rules` lists the rules and their families.")
            message = f"There is no rule or family '{selector}'. {hint}"
            raise UnknownName(message, nearest=nearest(selector, known), beside=beside)


# ---- for which accounts ------------------------------------------------------------------------------------


def accounts_of(organization: Organization, override: Override) -> list[Range]:
    """The accounts for which an override holds, as merged ranges."""
    found = named_accounts(organization, override.organizational_units, override.accounts, override.tags)
    return intersection(found, accounts_among(organization, override.excepted)) if override.excepted else found


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


def restrictions(organization: Organization, rules: Iterable[Rule]) -> dict[str, list[Range]]:
    """The accounts that a card's `where` names, for each rule that has one."""
    selections = {rule.id: rule.card.selection for rule in rules}
    return {
        rule_id: named_accounts(organization, **selection.where)
        for rule_id, selection in selections.items()
        if selection and selection.where
    }


# ---- choices that reach nobody -----------------------------------------------------------------------------


def idle_cards(organization: Organization, rules: Collection[Rule]) -> Iterator[tuple[str, Fault]]:
    """Cards whose `where` no account meets: they look at nothing."""
    meeting = restrictions(organization, rules) if organization.accounts else {}
    for rule in rules:
        if rule.id in meeting and not meeting[rule.id]:
            found = WHERE.search(rule.card.text)
            span = Span(*found.span(1)) if found else Span(0, 1)
            place = Place(Document(rule.card.source_text), "", "value", span)
            yield (
                "card-without-accounts",
                Fault(
                    place,
                    f"The 'where' of '{rule.id}' matches no account. The rule checks nothing. Change the 'where', or remove the card.",
                ),
            )


def idle_overrides(organization: Organization, overrides: Iterable[Override]) -> Iterator[tuple[str, Fault]]:
    """Overrides that hold for no account, each with what names none. A unit that has no accounts yet is not a mistake."""
    for override in overrides if organization.accounts else ():
        slips = list(_slips(organization, override))
        for pointer, message in slips:
            place = override.place._replace(pointer=override.place.pointer + pointer)
            yield "override-without-accounts", Fault(place, message)
        conditions = (override.organizational_units, override.accounts, override.tags, override.excepted)
        alone = sum(map(bool, conditions)) < 2
        if not (slips or alone or accounts_of(organization, override)):
            message = "No account meets all conditions of this override, so its settings apply to none."
            yield "override-without-accounts", Fault(override.place, message)


def _names_of(organization: Organization) -> frozenset[str]:
    """The names and ids of all accounts."""
    return frozenset(text for account in organization.accounts for text in (account.name, account.id) if text)


def _slips(organization: Organization, override: Override) -> Iterator[tuple[str, str]]:
    """The patterns of an override that name nothing: pointers below its own, and sentences."""
    paths = [unit.path for unit in organization.root.walk()] if override.organizational_units else []
    for number, pattern in enumerate(override.organizational_units):
        if not any(matches(path, [pattern]) for path in paths):
            message = f"There is no organizational unit '{pattern}'."
            yield f"/organizational_units/{number}", hinted(message, pattern, paths)
    names = _names_of(organization) if override.accounts else frozenset()
    for number, pattern in enumerate(override.accounts):
        if pattern not in names and not any(matches(name, [pattern]) for name in names):
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
        if any(matches(path, [pattern]) for path in paths):
            continue
        if not any(is_among(account, [pattern]) for account in organization.accounts):
            message = f"There is no unit or account '{pattern}', so nothing is excepted."
            names = {account.path for account in organization.accounts}
            yield f"/{number}", hinted(message, pattern, [*paths, *sorted(names)])
