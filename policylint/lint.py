"""Runs the rules over an organization, or over files on their own, and folds what they find."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from policylint.document import Document
from policylint.effective import EffectivePolicy, effective_policies
from policylint.findings import AffectedAccounts, Fault, Finding, Place, Related
from policylint.inheritance import ContainerLocks, Inheritance, Range, accounts_with_policies, resolve
from policylint.organization import Organization, OrganizationalUnit, Policy, Target
from policylint.policy_types.shape import PolicyType
from policylint.quotas import quota_faults
from policylint.report import Report, summarize, where
from policylint.rules import Rule
from policylint.validity import validation_errors

Key = tuple[str, int, str, str, object]
Rules = Mapping[str, Rule]


class _Gathered:
    """Findings by rule and place, each with the ranges of the accounts that it reaches."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.faults: dict[Key, tuple[Fault, str | None, list[Range]]] = {}
        self.failures: dict[str, str] = {}

    def add(self, rule: str, fault: Fault, policy_type: str | None, ranges: Iterable[Range]) -> None:
        if rule in self.rules:
            place = fault.place
            key = (rule, id(place.document), place.pointer, place.part, place.span)
            self.faults.setdefault(key, (fault, policy_type, []))[2].extend(ranges)

    def run(
        self,
        rule: Rule,
        thing: object,
        policy_type: str,
        ranges: Iterable[Range] | Callable[[Fault], Iterable[Range]],
        at: datetime | None,
    ) -> None:
        """Run one rule on one thing; a check that breaks is named, and the run goes on."""
        try:
            for fault in rule.run(thing, at=at):
                self.add(rule.id, fault, policy_type, ranges(fault) if callable(ranges) else ranges)
        except Exception as error:  # a stranger's check may raise anything
            text = " ".join(str(error).split())
            self.failures[rule.id] = f"The check of rule '{rule.id}' broke: {type(error).__name__}: {text}"

    def of(self, scope: str, policy_type: PolicyType) -> list[Rule]:
        """The rules of a scope that are about a policy type."""
        return [
            rule
            for rule in self.rules.values()
            if rule.card.scope == scope and (not rule.card.policy_types or policy_type.enum in rule.card.policy_types)
        ]

    def findings(self, organization: Organization | None) -> list[Finding]:
        found = [
            Finding(
                rule=key[0],
                severity=self.rules[key[0]].severity,
                outcome=self.rules[key[0]].card.outcome,
                message=fault.message,
                place=fault.place,
                policy_type=policy_type,
                accounts=fold(ranges, organization) if organization else AffectedAccounts(),
                aws=fault.aws,
                related=fault.related,
            )
            for key, (fault, policy_type, ranges) in self.faults.items()
        ]
        return sorted(found, key=_order)


def _order(finding: Finding) -> tuple[str, int, int, str]:
    spot = where(finding.place)
    return spot.path, spot.line, spot.column, finding.rule


def lint_files(policies: list[Policy], rules: Rules, *, at: datetime | None = None) -> Report:
    """Check policy files on their own, without a tree: the rules that look at one document."""
    gathered = _Gathered(rules)
    for policy in policies:
        _gather_document(gathered, policy, (), at)
    findings = gathered.findings(None)
    return Report(findings, summarize(findings, 0, len(policies), 0), list(gathered.failures.values()))


def lint(
    organization: Organization,
    rules: Rules,
    *,
    at: datetime | None = None,
    container_locks: ContainerLocks = "entries",
) -> Report:
    """Check an organization: its files, its tree, and every account's effective policies."""
    gathered = _Gathered(rules)
    for rule, fault in [*problems(organization.document), *organization.faults, *quota_faults(organization)]:
        gathered.add(rule, fault, None, ())
    attached = _ranges_of_policies(organization)
    for policy in organization.policies.values():
        _gather_document(gathered, policy, attached.get(id(policy), ()), at)
    special = accounts_with_policies(organization)
    withheld: list[Range] = []
    for kind in organization.enabled_policy_types:
        inheritance = resolve(organization, kind, container_locks=container_locks, attached=special)
        withheld.extend(_gather_merged(gathered, inheritance, at))
        _gather_tree(gathered, inheritance, attached, at)
    findings = gathered.findings(organization)
    old = sum(stop - start for start, stop in merged(withheld))
    summary = summarize(findings, len(organization.accounts), len(organization.policies), old)
    return Report(findings, summary, list(gathered.failures.values()))


def _gather_document(gathered: _Gathered, policy: Policy, ranges: Iterable[Range], at: datetime | None) -> None:
    for rule_id, fault in problems(policy.document):
        gathered.add(rule_id, fault, policy.type.enum, ranges)
    for rule in gathered.of("document", policy.type):
        gathered.run(rule, policy, policy.type.enum, ranges, at)


def problems(document: Document) -> Iterator[tuple[str, Fault]]:
    """What is wrong with the text of a file."""
    for problem in document.problems:
        related = tuple(Related(Place(document, "", "value", span), text) for span, text in problem.related)
        yield problem.rule, Fault(Place(document, "", "value", problem.span), problem.message, related)


def _ranges_of_policies(organization: Organization) -> dict[int, list[Range]]:
    ranges: dict[int, list[Range]] = {}
    for unit in organization.root.walk():
        targets: list[Target] = [unit, *(account for account in unit.accounts if account.policies)]
        for target in targets:
            for policy in target.policies:
                ranges.setdefault(id(policy), []).append(target.account_range)
    return ranges


def _gather_merged(gathered: _Gathered, inheritance: Inheritance, at: datetime | None) -> Iterator[Range]:
    """Run the rules on what was merged; yields the ranges whose policy AWS withholds."""
    kind = inheritance.policy_type
    levels, wholes = gathered.of("level", kind), gathered.of("effective", kind)
    for level in inheritance.levels:
        for rule in levels:
            gathered.run(rule, level, kind.enum, level.account_ranges, at)
    policies = effective_policies(inheritance)
    for policy in policies:
        for rule in wholes:
            gathered.run(rule, policy, kind.enum, policy.account_ranges, at)
        if validation_errors(policy):
            yield from policy.account_ranges
    _gather_plans(gathered, policies, gathered.of("plan", kind), at)


def _gather_tree(
    gathered: _Gathered, inheritance: Inheritance, attached: Mapping[int, list[Range]], at: datetime | None
) -> None:
    """Run the rules that need the whole tree; what they find reaches the accounts below the policy at fault."""
    policies = inheritance.organization.policies.values()
    reached = {id(policy.document): attached.get(id(policy), []) for policy in policies}
    for rule in gathered.of("organization", inheritance.policy_type):
        gathered.run(
            rule, inheritance, inheritance.policy_type.enum, lambda fault: reached.get(id(fault.place.document), ()), at
        )


def _gather_plans(gathered: _Gathered, policies: list[EffectivePolicy], rules: list[Rule], at: datetime | None) -> None:
    # The same plan, by identity, is shared by the accounts of many effective policies: look at it once.
    plans = {id(plan.node): plan for policy in policies for plan in policy.plans()}
    ranges: dict[int, list[Range]] = {}
    for policy in policies:
        for plan in policy.plans():
            ranges.setdefault(id(plan.node), []).extend(policy.account_ranges)
    for identity, plan in plans.items():
        for rule in rules:
            gathered.run(rule, plan, policies[0].type.enum, ranges[identity], at)


# ---- folding accounts --------------------------------------------------------------------------------------


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The ranges sorted, with those that touch made one."""
    result: list[Range] = []
    for start, stop in sorted(set(ranges)):
        if start >= stop:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((start, stop))
    return result


def fold(ranges: Iterable[Range], organization: Organization) -> AffectedAccounts:
    """The accounts in these ranges as the largest units that lie wholly inside, and the rest by id or name."""
    left = merged(ranges)
    count = sum(stop - start for start, stop in left)
    units: list[str] = []
    rest: list[int] = []
    waiting: list[OrganizationalUnit] = [organization.root] if left else []
    while waiting:
        unit = waiting.pop()
        start, stop = unit.account_range
        overlap = _overlap(left, start, stop)
        if start < stop and overlap == [(start, stop)]:
            units.append(unit.path)
        elif overlap:
            own = _overlap(overlap, start, start + len(unit.accounts))
            rest.extend(index for first, last in own for index in range(first, last))
            waiting.extend(reversed(unit.organizational_units))
    accounts = (organization.accounts[index] for index in rest)
    return AffectedAccounts(count, tuple(units), tuple(account.id or account.name for account in accounts))


def _overlap(ranges: list[Range], start: int, stop: int) -> list[Range]:
    first = max(bisect_right(ranges, start, key=lambda r: r[0]) - 1, 0)
    found: list[Range] = []
    for low, high in ranges[first:]:
        if low >= stop:
            break
        if high > start:
            found.append((max(low, start), min(high, stop)))
    return found
