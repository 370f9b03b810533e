"""Runs the checks over an organization, or over files on their own, and folds what they find."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime

from policylint.admission import inspect
from policylint.document import Document
from policylint.effective import EffectivePolicy, View, effective_policies
from policylint.findings import AffectedAccounts, AwsError, Fault, Finding, Place, Related
from policylint.fragments import OPERATOR_NAMES
from policylint.inheritance import ContainerLocks, Event, Inheritance, Range, accounts_with_policies, resolve
from policylint.organization import Organization, OrganizationalUnit, Policy, Target
from policylint.report import Report, summarize, where
from policylint.rules import OUTCOMES, severity_of
from policylint.validity import COLD_STORAGE_SHORTEST_DAYS, validation_errors

Key = tuple[str, int, str, str, object]


class _Gathered:
    """Findings by rule and place, each with the ranges of the accounts that it reaches."""

    def __init__(self) -> None:
        self.faults: dict[Key, tuple[Fault, str | None, list[Range]]] = {}

    def add(self, rule: str, fault: Fault, policy_type: str | None, ranges: Iterable[Range]) -> None:
        place = fault.place
        key = (rule, id(place.document), place.pointer, place.part, place.span)
        known = self.faults.setdefault(key, (fault, policy_type, []))
        known[2].extend(ranges)

    def findings(self, organization: Organization | None) -> list[Finding]:
        found = [
            Finding(
                rule=key[0],
                severity=severity_of(key[0]),
                outcome=OUTCOMES[key[0]][0],
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


def lint_files(policies: list[Policy], *, at: datetime | None = None) -> Report:
    """Check policy files on their own, without a tree."""
    gathered = _Gathered()
    for policy in policies:
        for rule, fault in _document_faults(policy, at):
            gathered.add(rule, fault, policy.type.enum, ())
    findings = gathered.findings(None)
    return Report(findings, summarize(findings, 0, len(policies), 0))


def lint(
    organization: Organization, *, at: datetime | None = None, container_locks: ContainerLocks = "entries"
) -> Report:
    """Check an organization: its files, its tree, and every account's effective policies."""
    gathered = _Gathered()
    for rule, fault in [*problems(organization.document), *organization.faults]:
        gathered.add(rule, fault, None, ())
    attached = _ranges_of_policies(organization)
    for policy in organization.policies.values():
        for rule, fault in _document_faults(policy, at):
            gathered.add(rule, fault, policy.type.enum, attached.get(id(policy), ()))
    special = accounts_with_policies(organization)
    withheld: list[Range] = []
    for kind in organization.enabled_policy_types:
        inheritance = resolve(organization, kind, container_locks=container_locks, attached=special)
        _gather_levels(gathered, inheritance)
        for effective in effective_policies(inheritance):
            for rule, fault in _effective_faults(effective):
                gathered.add(rule, fault, kind.enum, effective.account_ranges)
            if validation_errors(effective):
                withheld.extend(effective.account_ranges)
    findings = gathered.findings(organization)
    old = sum(stop - start for start, stop in merged(withheld))
    return Report(findings, summarize(findings, len(organization.accounts), len(organization.policies), old))


def problems(document: Document) -> Iterator[tuple[str, Fault]]:
    """What is wrong with the text of a file."""
    for problem in document.problems:
        related = tuple(Related(Place(document, "", "value", span), text) for span, text in problem.related)
        yield problem.rule, Fault(Place(document, "", "value", problem.span), problem.message, related)


def _document_faults(policy: Policy, at: datetime | None) -> Iterator[tuple[str, Fault]]:
    yield from problems(policy.document)
    yield from inspect(policy, at)


def _ranges_of_policies(organization: Organization) -> dict[int, list[Range]]:
    ranges: dict[int, list[Range]] = {}
    for unit in organization.root.walk():
        targets: list[Target] = [unit, *(account for account in unit.accounts if account.policies)]
        for target in targets:
            for policy in target.policies:
                ranges.setdefault(id(policy), []).append(target.account_range)
    return ranges


# ---- what a merge shows ------------------------------------------------------------------------------------


def _gather_levels(gathered: _Gathered, inheritance: Inheritance) -> None:
    for level in inheritance.levels:
        for event in level.events:
            if found := _event_fault(event):
                gathered.add(*found, inheritance.policy_type.enum, level.account_ranges)


def _event_fault(event: Event) -> tuple[str, Fault] | None:
    fragment = event.fragment
    if event.operator is None:
        place, what = fragment.key_place(), f"The new entry '{fragment.name}'"
    else:
        name = OPERATOR_NAMES[event.operator]
        place, what = fragment.operator_place(event.operator), f"'{name}' of '{fragment.name}'"
    if event.kind == "locked":
        message = (
            f"{what} is ignored by AWS: a policy above does not allow it. Remove it, or ask for the lock's change."
        )
        related = tuple(Related(lock.operator_place(None), f"locked by '{lock.policy.name}'") for lock in event.by)
        return "locked-operator", Fault(place, message, related)
    if event.kind == "shadowed" and event.by[0].assign != fragment.assign:
        first = event.by[0]
        message = (
            f"{what} has no effect: '{first.policy.name}', attached before it at the same level, assigns another value, "
            "and the first one counts. Assign it in one policy only."
        )
        related = (Related(first.operator_place(event.operator), "the assignment that counts"),)
        return "peers-assign-differently", Fault(place, message, related)
    if event.kind in ("not-inherited", "already-there"):
        values = ", ".join(f"'{value}'" for value in event.values or ())
        why = "not in the inherited list" if event.kind == "not-inherited" else "in the inherited list already"
        return "operator-without-effect", Fault(place, f"{what} does nothing for {values}: {why}.")
    return None


def _effective_faults(effective: EffectivePolicy) -> Iterator[tuple[str, Fault]]:
    for error in validation_errors(effective):
        place = error.view.missing(error.field) if error.code == "KEY_REQUIRED" else error.view.place()
        message = (
            f"AWS withholds the whole {effective.type.title}, because at '{error.path}' {error.message}. "
            "The accounts stay on their last valid policy."
        )
        aws = AwsError(error.code, error.path)
        others = [writer for writer in error.view.writers() if writer.key_place() != place]
        related = tuple(Related(writer.key_place(), f"'{writer.policy.name}' writes here too") for writer in others)
        yield "invalid-effective-policy", Fault(place, message, related, aws)
    if effective.type.enum == "BACKUP_POLICY":
        for plan in effective.plans():
            for rule in plan.children("rules"):
                yield from _retention_faults(rule)


def _retention_faults(rule: View) -> Iterator[tuple[str, Fault]]:
    for holder in (rule, *rule.children("copy_actions")):
        cold = holder.number("lifecycle/move_to_cold_storage_after_days")
        delete = holder.number("lifecycle/delete_after_days")
        if cold is not None and delete is not None and delete - cold < COLD_STORAGE_SHORTEST_DAYS:
            message = (
                f"'{rule.name}' moves backups to cold storage after {cold} days and deletes them after {delete}; AWS "
                f"Backup refuses less than {COLD_STORAGE_SHORTEST_DAYS} days between. Write {cold + 90} or more."
            )
            yield "retention-shorter-than-cold-storage", Fault(holder.place("lifecycle/delete_after_days"), message)
    if rule.get("lifecycle/delete_after_days") is None:
        message = f"Backups of '{rule.name}' are kept for ever: it has no delete_after_days."
        yield "kept-forever", Fault(rule.missing("lifecycle/delete_after_days"), message)


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
