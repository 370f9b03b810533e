"""Runs the rules over an organization, or over files on their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from policylint.alone import withheld_alone
from policylint.document import Document
from policylint.effective import EffectivePolicy, effective_policies
from policylint.findings import AffectedAccounts, Fault, Finding, Outcome, Place
from policylint.folding import Range, fold, merged, without
from policylint.gathering import Gathered, Gathering, Rules, Variant, Zone
from policylint.grouping import joined
from policylint.inheritance import Inheritance, accounts_with_policies, resolve
from policylint.merge import ContainerLocks
from policylint.organization import Organization, Policy, Target
from policylint.policy_types.shape import PolicyType
from policylint.progress import watched
from policylint.rejected import text_faults
from policylint.report import Incomplete, Report, SuppressedFinding, order, summarize
from policylint.suppression import Acceptance, sort_out
from policylint.telling import message_for
from policylint.validity import validation_errors

NOTHING_ACCEPTED = Acceptance()
NO_RESTRICTIONS: Mapping[str, list[Range]] = MappingProxyType({})


def lint_files(
    policies: list[Policy],
    rules: Rules,
    *,
    acceptance: Acceptance = NOTHING_ACCEPTED,
    at: datetime | None = None,
    container_locks: ContainerLocks = "entries",
) -> Report:
    """Check policy files on their own, without a tree: the rules that look at one document."""
    gathering = Gathering(rules, container_locks=container_locks)
    for policy in policies:
        _gather_document(gathering, policy, (), at)
    documents = [policy.document for policy in policies]
    findings, suppressed = _sorted_out(gathering, replace(acceptance, whole=False), documents, None)
    rejected = {id(one.place.document) for one in findings if one.outcome is Outcome.REJECTED}
    incomplete = [
        Incomplete(policy.document.path, reason)
        for policy in policies
        if id(policy.document) not in rejected
        and (reason := withheld_alone(policy, container_locks=container_locks, at=at))
    ]
    summary = replace(summarize(findings, len(suppressed), 0, len(policies), 0), withheld_alone=tuple(incomplete))
    return Report(findings, summary, list(gathering.failures.values()), suppressed, rules=gathering.on())


def lint(
    organization: Organization,
    rules: Rules,
    *,
    zones: Sequence[Zone] = (),
    only: Mapping[str, list[Range]] = NO_RESTRICTIONS,
    beside: Iterable[tuple[str, Fault]] = (),
    acceptance: Acceptance = NOTHING_ACCEPTED,
    at: datetime | None = None,
    container_locks: ContainerLocks = "entries",
) -> Report:
    """Check an organization: its files, its tree, and every account's effective policies.

    `zones` are the accounts for which other rules hold than `rules`; they overlap nowhere. `only` are the
    accounts that a rule is about, where it is not about all. `beside` are problems found outside of the organization,
    with their rules' ids. `acceptance` says which findings are not to be reported.
    """
    gathering = Gathering(rules, zones, len(organization.accounts), only, container_locks)
    for rule, fault in [
        *(fault for document in organization.documents for fault in text_faults(document)),
        *organization.faults,
        *beside,
    ]:
        gathering.add(rule, fault, None, fault.account_ranges or ())
    for variant in gathering.of("tree"):
        gathering.run(variant, organization, None, (), at)
    attached = _ranges_of_policies(organization)
    for policy in watched(organization.policies.values(), "policies checked"):
        _gather_document(gathering, policy, attached.get(id(policy), ()), at)
    special = accounts_with_policies(organization)
    withheld: list[Range] = []
    untold: list[Range] = []
    inheritances: list[Inheritance] = []
    for kind in organization.enabled_policy_types:
        inheritance = resolve(organization, kind, container_locks=container_locks, attached=special)
        inheritances.append(inheritance)
        unknown = _unknown(organization, kind, attached)
        untold.extend(unknown)
        withheld.extend(_gather_merged(gathering, inheritance, unknown, at))
        _gather_tree(gathering, inheritance, attached, unknown, at)
    checked = (policy for policy in organization.policies.values() if policy.type.checked)
    documents = [*organization.documents, *(policy.document for policy in checked)]
    findings, suppressed = _sorted_out(gathering, acceptance, documents, organization)
    old, unclear = (organization.count(merged(ranges)) for ranges in (withheld, untold))
    sizes = organization.count([organization.root.account_range]), len(organization.policies)
    summary = replace(
        summarize(findings, len(suppressed), *sizes, old, unclear), policies_not_checked=_not_checked(organization)
    )
    return Report(
        findings,
        summary,
        list(gathering.failures.values()),
        suppressed,
        rules=gathering.on(),
        organization=organization,
        inheritances=tuple(inheritances),
        at=at,
    )


def _not_checked(organization: Organization) -> dict[str, int]:
    """How many policies there are of each type that is not checked, in the order of the types' names."""
    found = Counter(policy.type.enum for policy in organization.policies.values() if not policy.type.checked)
    return dict(sorted(found.items()))


def _sorted_out(
    gathering: Gathering, acceptance: Acceptance, documents: list[Document], organization: Organization | None
) -> tuple[list[Finding], list[SuppressedFinding]]:
    """The findings to report and those that are accepted, each in the order of the report."""
    result = sort_out(gathering.found.values(), acceptance, documents, organization, gathering.variants)
    about_acceptance = Gathering(gathering.rules)
    for rule_id, fault in result.faults:
        about_acceptance.add(rule_id, fault, None, ())
    kept = [*result.kept, *about_acceptance.found.values()]
    suppressed = [
        SuppressedFinding(_finding(one.gathered, organization), one.kind, one.reason, one.source, one.names_accounts)
        for one in result.suppressed
    ]
    return (
        sorted((_finding(one.gathered, organization, one.also) for one in joined(kept)), key=order),
        sorted(suppressed, key=lambda one: order(one.finding)),
    )


def _finding(one: Gathered, organization: Organization | None, also: tuple[Place, ...] = ()) -> Finding:
    return Finding(
        rule=one.rule.id,
        severity=one.severity,
        outcome=one.rule.card.outcome,
        message=f"{_message(one, organization)} {one.note}".rstrip(),
        place=one.fault.place,
        policy_type=one.policy_type,
        accounts=fold(one.ranges, organization) if organization else AffectedAccounts(),
        aws=one.fault.aws,
        related=one.fault.related,
        fix=one.fault.fix,
        also=also,
    )


def _message(one: Gathered, organization: Organization | None) -> str:
    return message_for(one.messages, one.ranges, organization) if organization else one.fault.message


def _gather_document(gathering: Gathering, policy: Policy, ranges: Iterable[Range], at: datetime | None) -> None:
    for rule_id, fault in text_faults(policy.document):
        gathering.add(rule_id, fault, policy.type.enum or None, ranges)
    for variant in gathering.of("document", policy.type):
        gathering.run(variant, policy, policy.type.enum, ranges, at)


def _ranges_of_policies(organization: Organization) -> dict[int, list[Range]]:
    ranges: dict[int, list[Range]] = {}
    for unit in organization.root.walk():
        targets: list[Target] = [unit, *(account for account in unit.accounts if account.policies)]
        for target in targets:
            for policy in target.policies:
                ranges.setdefault(id(policy), []).append(target.account_range)
    return ranges


def _unknown(organization: Organization, kind: PolicyType, attached: Mapping[int, list[Range]]) -> list[Range]:
    """The accounts that inherit a policy of a broken file: what they get is not known."""
    broken = (
        policy
        for policy in organization.policies.values()
        if policy.type is kind and not isinstance(policy.document.value, dict)
    )
    return merged(part for policy in broken for part in attached.get(id(policy), ()))


def _gather_merged(
    gathering: Gathering, inheritance: Inheritance, unknown: list[Range], at: datetime | None
) -> Iterator[Range]:
    """Run the rules on what was merged; yields the ranges whose policy AWS withholds."""
    kind = inheritance.policy_type
    levels, wholes = gathering.of("level", kind), gathering.of("effective", kind)
    for level in watched(inheritance.levels, "levels checked"):
        ranges = _known(level.account_ranges, unknown)
        for variant in levels if ranges or not unknown else ():
            gathering.run(variant, level, kind.enum, ranges, at)
    policies = list(_judged(inheritance, unknown))
    for policy in watched(policies, "effective policies checked"):
        for variant in wholes:
            gathering.run(variant, policy, kind.enum, policy.account_ranges, at)
        if validation_errors(policy, at):
            yield from policy.account_ranges
    _gather_plans(gathering, policies, gathering.of("entry", kind), at)


def _judged(inheritance: Inheritance, unknown: list[Range]) -> Iterator[EffectivePolicy]:
    """The effective policies, each with only the accounts that really have it: a check may name these itself."""
    for policy in effective_policies(inheritance):
        policy.account_ranges = _known(policy.account_ranges, unknown)
        if policy.account_ranges:
            yield policy


def _known(ranges: list[Range], unknown: list[Range]) -> list[Range]:
    return without(ranges, unknown) if unknown else ranges


def _gather_tree(
    gathering: Gathering,
    inheritance: Inheritance,
    attached: Mapping[int, list[Range]],
    unknown: list[Range],
    at: datetime | None,
) -> None:
    """Run the rules that need the whole tree; what they find reaches the accounts below the policy with the problem."""
    if unknown:
        return  # a part of the tree is not known
    kind = inheritance.policy_type
    policies = (policy for policy in inheritance.organization.policies.values() if policy.type is kind)
    ranges = {id(policy.document): tuple(attached.get(id(policy), ())) for policy in policies}
    for variant in gathering.of("inheritance", kind):
        gathering.run(variant, inheritance, kind.enum, lambda fault: ranges.get(id(fault.place.document), ()), at)


def _gather_plans(
    gathering: Gathering,
    policies: list[EffectivePolicy],
    variants: list[Variant],
    at: datetime | None,
) -> None:
    # The same plan, by identity, is shared by the accounts of many effective policies: look at it once.
    plans = {id(plan.node): plan for policy in policies for plan in policy.plans()}
    ranges: dict[int, list[Range]] = {}
    for policy in policies:
        for plan in policy.plans():
            ranges.setdefault(id(plan.node), []).extend(policy.account_ranges)
    for identity, plan in plans.items():
        for variant in variants:
            gathering.run(variant, plan, policies[0].type.enum, ranges[identity], at)
