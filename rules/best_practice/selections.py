"""What plans select, and what is selected more than once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from policylint.document import has_placeholder
from policylint.effective import EffectivePolicy, View
from policylint.findings import Fault, Related
from policylint.remedies import replaced
from policylint.rules import check

from .backup_plans import Found, is_continuous, rules_of

DEFAULT_ROLE = "AWSBackupDefaultServiceRole"
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
                yield Fault(place, message, fix=replaced(place, right))


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
    rules = rules_of(plan)
    for rule in rules:
        stronger = next((other for other in rules if _runs_with(rule, other) and _kept_longer(other, rule)), None)
        if stronger:
            message = (
                f"'{rule.name}' runs at the same times as '{stronger.name}', which keeps its backups longer: AWS Backup "
                f"then makes only the backup of '{stronger.name}'. Remove one, or choose other times."
            )
            related = (Related(stronger.place("schedule_expression"), "the same times, kept longer"),)
            yield Fault(rule.place("schedule_expression"), message, related)


def _runs_with(rule: View, other: View) -> bool:
    if is_continuous(rule) or is_continuous(other) or rule.folded == other.folded:
        return False
    return (times := _times(rule)) is not None and times == _times(other)


def _times(rule: View) -> str | None:
    """The schedule, spelt alike; None for one that can't be told."""
    expression = rule.get("schedule_expression")
    if expression is None:
        return DEFAULT_SCHEDULE
    if not isinstance(expression, str) or has_placeholder(expression):
        return None
    return " ".join(expression.upper().split())


def _kept_longer(one: View, other: View) -> bool:
    texts = [rule.get("lifecycle/delete_after_days") for rule in (one, other)]
    days = [rule.number("lifecycle/delete_after_days") for rule in (one, other)]
    if any(text is not None and number is None for text, number in zip(texts, days, strict=True)):
        return False  # a placeholder
    longer, shorter = (FOR_EVER if number is None else number for number in days)
    return longer > shorter


@check("two-continuous-rules")
def two_continuous_rules(policy: EffectivePolicy) -> Found:
    """More than one continuous backup of one resource."""
    by_plan = [(plan, [rule for rule in rules_of(plan) if is_continuous(rule)]) for plan in policy.plans()]
    by_plan = [(plan, rules) for plan, rules in by_plan if rules]
    for plan, rules in by_plan:
        for rule in rules[1:]:
            yield Fault(rule.place("enable_continuous_backup"), _two_continuous(plan, rules[0], rule))
    for (plan, _), (other, rules) in combinations(by_plan, 2):
        if tags := _common_tags(plan, other):
            message = (
                f"'{plan.name}' and '{other.name}' both back up what is tagged {_named(tags)} continuously: AWS Backup "
                "makes one continuous backup of a resource, and only snapshots for the other plan."
            )
            yield Fault(rules[0].place("enable_continuous_backup"), message)


def _two_continuous(plan: View, first: View, rule: View) -> str:
    start = f"'{first.name}' and '{rule.name}' of '{plan.name}' both back up continuously: "
    if first.get("target_backup_vault_name") == rule.get("target_backup_vault_name"):
        return start + "AWS Backup follows the one that keeps its backups longer and disregards the other. Remove one."
    return start + "since they write to different vaults, AWS Backup refuses the plan. Remove one."


@check("backed-up-twice")
def backed_up_twice(policy: EffectivePolicy) -> Found:
    """Two plans that back up the same tagged resources at the same times."""
    for plan, other in combinations(policy.plans(), 2):
        tags = _common_tags(plan, other)
        if not tags:
            continue
        for rule in rules_of(other):
            same = next((first for first in rules_of(plan) if _runs_with_other_plan(first, rule)), None)
            if same:
                message = (
                    f"'{plan.name}' and '{other.name}' both back up what is tagged {_named(tags)} at the same times, so "
                    "it is backed up, and paid for, twice. Select it in one of them."
                )
                related = (Related(same.place("schedule_expression"), f"the same times in '{plan.name}'"),)
                yield Fault(rule.place("schedule_expression"), message, related)
                break


def _runs_with_other_plan(first: View, rule: View) -> bool:
    if is_continuous(first) != is_continuous(rule):
        return False
    return (times := _times(first)) is not None and times == _times(rule)


def _common_tags(plan: View, other: View) -> list[tuple[str, str]]:
    """The tags that both plans select, in a Region that both have."""
    here, there = _reach(plan), _reach(other)
    if here.regions.isdisjoint(there.regions) or here.tags.keys().isdisjoint(there.tags):
        return []
    return [tag for tag in here.tags if tag in there.tags and not has_placeholder("".join(tag))]


class _Reach(NamedTuple):
    """What a plan selects; the tags in their order."""

    regions: frozenset[str]
    tags: dict[tuple[str, str], None]


@lru_cache(maxsize=4096)
def _reach(plan: View) -> _Reach:
    # Each plan is held against many others, so this is looked up once.
    return _Reach(frozenset(plan.texts("regions")), dict.fromkeys(_tags(plan)))


def _tags(plan: View) -> Iterator[tuple[str, str]]:
    for selection in plan.children("selections/tags"):
        key = selection.get("tag_key")
        for value in selection.texts("tag_value"):
            if isinstance(key, str):
                yield key, value


def _named(tags: list[tuple[str, str]]) -> str:
    key, value = tags[0]
    return f"'{key}: {value}'"
