"""Collects what the checks find: one entry for each rule and place, whatever the number of accounts that it reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from policylint.files import display_path
from policylint.findings import Fault, Severity
from policylint.folding import Range, intersection, merged, without
from policylint.merge import ContainerLocks
from policylint.policy_types.shape import PolicyType
from policylint.rules import Rule

MOST_FAILURES = 3  # a check that breaks may take its time for that, as a pattern without end
Rules = Mapping[str, Rule]  # by id; only those that are on
Reached = Iterable[Range] | Callable[[Fault], Iterable[Range]]


class Zone(NamedTuple):
    """Accounts for which other rules, severities or options hold, as merged ranges of account indexes."""

    ranges: list[Range]
    rules: Rules


class Variant(NamedTuple):
    """A rule as it is configured for some accounts; `ranges` is None where it is the same for all."""

    rule: Rule
    ranges: list[Range] | None


@dataclass(slots=True)
class Gathered:
    """What one rule found at one place, and the accounts that it reaches so far."""

    rule: Rule
    severity: Severity
    fault: Fault
    policy_type: str | None
    ranges: list[Range]
    messages: dict[str, list[Range]]  # what it says, and to whom: accounts may differ in names and numbers
    note: str = ""  # what it says besides: that more is affected than was accepted


class Gathering:
    """Runs rules and keeps what they find. Zones overlap nowhere; `rules` hold for all accounts outside of them."""

    def __init__(
        self,
        rules: Rules,
        zones: Sequence[Zone] = (),
        accounts: int = 0,
        only: Mapping[str, list[Range]] = MappingProxyType({}),
        container_locks: ContainerLocks = "entries",
    ) -> None:
        self.rules = rules
        self.container_locks = container_locks
        self.found: dict[object, Gathered] = {}
        self.failures: dict[str, str] = {}
        self.broken: Counter[str] = Counter()  # how often the check of a rule broke
        self.variants: dict[str, list[Variant]] = _variants(rules, zones, accounts)
        for rule_id in only.keys() & self.variants.keys():
            self.variants[rule_id] = [
                Variant(rule, only[rule_id] if ranges is None else intersection(ranges, only[rule_id]))
                for rule, ranges in self.variants[rule_id]
            ]

    def add(self, rule_id: str, fault: Fault, policy_type: str | None, ranges: Iterable[Range]) -> None:
        """Add what a reader found."""
        for variant in self.variants.get(rule_id, ()):
            self._add(variant, fault, policy_type, ranges)

    def run(
        self, variant: Variant, thing: object, policy_type: str | None, reached: Reached, at: datetime | None
    ) -> None:
        """Run one rule on one thing; a check that breaks is named, and the run goes on.

        `reached` are the accounts that the thing reaches, or a function which gives them for each problem.
        """
        rule = variant.rule
        if self.broken[rule.id] >= MOST_FAILURES:
            return
        try:
            for fault in rule.run(thing, at=at, container_locks=self.container_locks):
                ranges = reached(fault) if callable(reached) else reached
                self._add(variant, fault, policy_type, ranges if fault.account_ranges is None else fault.account_ranges)
        except Exception as error:  # a stranger's check may raise anything
            self.broken[rule.id] += 1
            text = " ".join(str(error).split())
            self.failures[rule.id] = (
                f"The check of rule '{rule.id}' broke{_spot(error, rule)}: {type(error).__name__}: {text}"
            )

    def on(self) -> Rules:
        """Every rule that is on for some account, as the first of its settings has it."""
        return {rule_id: variants[0].rule for rule_id, variants in self.variants.items()}

    def of(self, scope: str, policy_type: PolicyType | None = None) -> list[Variant]:
        """The rules of a scope that are about a policy type, where one is given, as they are configured."""
        return [
            variant
            for variants in self.variants.values()
            for variant in variants
            if variant.rule.card.scope == scope and (policy_type is None or variant.rule.is_about(policy_type))
        ]

    def _add(self, variant: Variant, fault: Fault, policy_type: str | None, ranges: Iterable[Range]) -> None:
        reached = list(ranges)
        if variant.ranges is not None and reached:
            reached = intersection(reached, variant.ranges)
            if not reached:
                return
        rule, place = variant.rule, fault.place
        key = (rule.id, id(place.document), place.pointer, place.part, place.span)
        entry = self.found.setdefault(key, Gathered(rule, rule.severity, fault, policy_type, [], {}))
        entry.ranges.extend(reached)
        entry.messages.setdefault(fault.message, []).extend(reached)
        entry.severity = min(entry.severity, rule.severity, key=list(Severity).index)


def _spot(error: Exception, rule: Rule) -> str:
    """Where in its own file a check broke, as " at FILE:LINE"; empty where it comes from no file."""
    code = getattr(rule.check, "__code__", None)
    if code is None or not Path(code.co_filename).is_file():
        return ""
    line, here = code.co_firstlineno, error.__traceback__
    while here is not None:
        if here.tb_frame.f_code.co_filename == code.co_filename:
            line = here.tb_lineno
        here = here.tb_next
    return f" at {display_path(Path(code.co_filename))}:{line}"


def _variants(rules: Rules, zones: Sequence[Zone], accounts: int) -> dict[str, list[Variant]]:
    """For each rule its variants: one for all accounts, or one for each different setting that some zone has."""
    if not zones:
        return {rule_id: [Variant(rule, None)] for rule_id, rule in rules.items()}
    elsewhere = without([(0, accounts)], merged(part for zone in zones for part in zone.ranges))
    variants: dict[str, list[Variant]] = {}
    for rule_id in sorted({rule_id for held in (rules, *(zone.rules for zone in zones)) for rule_id in held}):
        by_rule: dict[int, tuple[Rule, list[Range]]] = {}
        for ranges, held in ((elsewhere, rules), *zones):
            if rule_id in held:
                by_rule.setdefault(id(held[rule_id]), (held[rule_id], []))[1].extend(ranges)
        everywhere = len(by_rule) == 1 and rule_id in rules and all(rule_id in zone.rules for zone in zones)
        variants[rule_id] = [Variant(rule, None if everywhere else merged(ranges)) for rule, ranges in by_rule.values()]
    return variants
