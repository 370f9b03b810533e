"""What plans select, and what is selected more than once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from policylint.document import has_placeholder
from policylint.effective import EffectivePolicy, View
from policylint.findings import Fault, Related
from policylint.remedies import replaced
from policylint.rules import check

from .backup_plans import Found, is_continuous, rules_of

DEFAULT_ROLE = "AWSBackupDefaultServiceRole"
SERVICE_LINKED_ROLE = "AWSServiceRoleForBackup"
DEFAULT_SCHEDULE = "CRON(0 5 ? * * *)"  # of a rule that has none
FOR_EVER = 10**9  # days, of a rule that has no retention


@check("selects-everything")
def selects_everything(plan: View) -> Found:
    """Every resource of an account, with no exception."""
    for selection in plan.children("selections/resources"):
        narrowed = selection.child("not_resource_types") or selection.child("conditions")
        if "*" in selection.texts("resource_types") and not narrowed:
            message = f"'{selection.name}' backs up every resource there is. Add conditions or not_resource_types."
            yield Fault(selection.element_place("resource_types", "*"), message)


@check("default-role-without-path")
def default_role_without_path(plan: View) -> Found:
    """AWS Backup's default role without the path that AWS makes it with."""
    for kind in ("tags", "resources"):
        for selection in plan.children(f"selections/{kind}"):
            role = selection.get("iam_role_arn")
            if isinstance(role, str) and role.endswith(f":role/{DEFAULT_ROLE}"):
                message = (
                    f"AWS Backup makes its default role below the path service-role/, so '{role}' is another role. "
                    f"Write role/service-role/{DEFAULT_ROLE}."
                )
                place = selection.place("iam_role_arn")
                right = role.replace(":role/", ":role/service-role/")
                # A guess: AWS accepts the document, and somebody may have made a role of this name.
                yield Fault(place, message, fix=replaced(place, right, safe=False))


@check("service-linked-role")
def service_linked_role(plan: View) -> Found:
    """AWS Backup's service-linked role as the role of a selection."""
    for kind in ("tags", "resources"):
        for selection in plan.children(f"selections/{kind}"):
            role = selection.get("iam_role_arn")
            if isinstance(role, str) and role.endswith(f"/{SERVICE_LINKED_ROLE}"):
                message = (
                    f"'{SERVICE_LINKED_ROLE}' is AWS Backup's service-linked role, which a selection can't use, so its "
                    f"backups fail. Write a service role, such as role/service-role/{DEFAULT_ROLE}."
                )
                right = f"{role.partition(':role/')[0]}:role/service-role/{DEFAULT_ROLE}"
                place = selection.place("iam_role_arn")
                yield Fault(place, message, fix=replaced(place, right, safe=False))


@check("two-kinds-of-selections")
def two_kinds_of_selections(plan: View) -> Found:
    """Selections by tag and by resource type in one plan."""
    by_type = plan.child("selections/resources")
    if by_type and plan.child("selections/tags"):
        message = (
            f"'{plan.name}' selects by tags and by resources; AWS documents that a plan can have only one of the two. "
            "Make two plans, or put the tags into the conditions of the resources."
        )
        yield Fault(by_type.place(), message)


@check("rule-without-backups")
def rule_without_backups(plan: View) -> Found:
    """A rule that runs only when another one, which keeps its backups longer, runs as well."""
    together: dict[str, list[View]] = {}
    for rule in rules_of(plan):
        if not is_continuous(rule) and (times := _times(rule)) is not None and _kept_days(rule) is not None:
            together.setdefault(times, []).append(rule)
    for rules in together.values():
        stronger = max(rules, key=lambda rule: _kept_days(rule) or 0)
        for rule in rules:
            if _kept_days(rule) == _kept_days(stronger):
                continue
            message = (
                f"'{rule.name}' runs at the same times as '{stronger.name}', which keeps its backups longer: AWS Backup "
                f"then makes only the backup of '{stronger.name}'. Remove one, or choose other times."
            )
            related = (Related(stronger.place("schedule_expression"), "the same times, kept longer"),)
            yield Fault(rule.place("schedule_expression"), message, related)


def _times(rule: View) -> str | None:
    """The schedule, spelt alike; None for one that can't be told."""
    expression = rule.get("schedule_expression")
    if expression is None:
        return DEFAULT_SCHEDULE
    if not isinstance(expression, str) or has_placeholder(expression):
        return None
    return " ".join(expression.upper().split())


def _kept_days(rule: View) -> int | None:
    """How long the rule's backups are kept; None where that can't be told."""
    path = "lifecycle/delete_after_days"
    return FOR_EVER if rule.get(path) is None else rule.number(path)


@check("two-continuous-rules")
def two_continuous_rules(policy: EffectivePolicy) -> Found:
    """More than one continuous backup of one resource."""
    by_plan = [(plan, [rule for rule in rules_of(plan) if is_continuous(rule)]) for plan in policy.plans()]
    by_plan = [(plan, rules) for plan, rules in by_plan if rules]
    for plan, rules in by_plan:
        for rule in rules[1:]:
            yield Fault(rule.place("enable_continuous_backup"), _two_continuous(plan, rules[0], rule))
    earlier: dict[object, View] = {}
    for plan, rules in by_plan:
        shared = list(_reach(plan))
        other = next((earlier[one] for one in shared if one in earlier), None)
        if other:
            message = (
                f"'{other.name}' and '{plan.name}' both back up what is tagged {_common_tag(other, plan)} continuously: "
                "AWS Backup makes one continuous backup of a resource, and only snapshots for the other plan."
            )
            yield Fault(rules[0].place("enable_continuous_backup"), message)
        for one in shared:
            earlier.setdefault(one, plan)


def _two_continuous(plan: View, first: View, rule: View) -> str:
    start = f"'{first.name}' and '{rule.name}' of '{plan.name}' both back up continuously: "
    if first.get("target_backup_vault_name") == rule.get("target_backup_vault_name"):
        return start + "AWS Backup follows the one that keeps its backups longer and disregards the other. Remove one."
    return start + "since they write to different vaults, AWS Backup refuses the plan. Remove one."


@check("backed-up-twice")
def backed_up_twice(policy: EffectivePolicy) -> Found:
    """Two plans that back up the same tagged resources at the same times."""
    earlier: dict[object, tuple[View, View]] = {}  # what backs up first
    for plan in policy.plans():
        kinds = {rule: (is_continuous(rule), times) for rule in rules_of(plan) if (times := _times(rule))}
        found = next(_made_before(plan, kinds, earlier), None)
        if found:
            rule, other, same = found
            message = (
                f"'{other.name}' and '{plan.name}' both back up what is tagged {_common_tag(other, plan)} at the same "
                "times, so it is backed up, and paid for, twice. Select it in one of them."
            )
            related = (Related(same.place("schedule_expression"), f"the same times in '{other.name}'"),)
            yield Fault(rule.place("schedule_expression"), message, related)
        for rule, kind in kinds.items():
            for one in _reach(plan):
                earlier.setdefault((one, kind), (plan, rule))


def _made_before(
    plan: View, kinds: dict[View, tuple[bool, str]], earlier: dict[object, tuple[View, View]]
) -> Iterator[tuple[View, View, View]]:
    """The rules of a plan that do what a rule of an earlier plan does: each, that plan, and its rule."""
    for rule, kind in kinds.items():
        for one in _reach(plan):
            if (one, kind) in earlier:
                yield rule, *earlier[one, kind]


@lru_cache(maxsize=4096)
def _reach(plan: View) -> tuple[tuple[str, str, str], ...]:
    """Each tag that a plan selects, in each of its Regions. So many plans can be held against each other at once."""
    tags = [tag for tag in _tags(plan) if not has_placeholder("".join(tag))]
    return tuple((region, *tag) for tag in tags for region in plan.texts("regions"))


def _tags(plan: View) -> Iterator[tuple[str, str]]:
    for selection in plan.children("selections/tags"):
        key = selection.get("tag_key")
        for value in selection.texts("tag_value"):
            if isinstance(key, str):
                yield key, value


def _common_tag(plan: View, other: View) -> str:
    """The first tag of a plan that another plan selects too, where they share a Region."""
    there = set(_reach(other))
    key, value = next((key, value) for region, key, value in _reach(plan) if (region, key, value) in there)
    return f"'{key}: {value}'"
