"""What plans select, and what is selected more than once."""

from __future__ import annotations

from policylint import EffectivePolicy, Fault, Related, View, check, has_placeholder
from policylint.remedies import replaced

from .backup_plans import DEFAULT_SCHEDULE, Found, is_continuous, rules_of
from .serving import serving

DEFAULT_ROLE = "AWSBackupDefaultServiceRole"
SERVICE_LINKED_ROLE = "AWSServiceRoleForBackup"
FOR_EVER = 10**9  # days, of a rule that has no retention


@check("selects-everything")
def selects_everything(plan: View) -> Found:
    """Every resource of an account, with no exception."""
    for selection in plan.children("selections/resources"):
        narrowed = selection.child("not_resource_types") or selection.child("conditions")
        if "*" in selection.texts("resource_types") and not narrowed:
            message = f"'{selection.name}' backs up every resource. Add conditions or not_resource_types."
            yield Fault(selection.element_place("resource_types", "*"), message)


@check("default-role-without-path")
def default_role_without_path(plan: View) -> Found:
    """AWS Backup's default role without the path that AWS makes it with."""
    for kind in ("tags", "resources"):
        for selection in plan.children(f"selections/{kind}"):
            role = selection.get("iam_role_arn")
            if isinstance(role, str) and role.endswith(f":role/{DEFAULT_ROLE}"):
                message = (
                    f"AWS Backup's default role has the path service-role/, so '{role}' is another role. "
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
            f"'{plan.name}' selects by tags and by resources. AWS documents that a plan can have only one of the two. "
            "Make two plans: tags in the conditions of the resources would select less."
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
                f"'{rule.name}' runs at the same times as '{stronger.name}', which keeps its backups longer: AWS "
                f"Backup "
                f"then makes only the backup of '{stronger.name}'. Remove one, or choose other times."
            )
            related = (Related(stronger.place("schedule_expression"), "the same times, kept longer"),)
            yield Fault(rule.place("schedule_expression"), message, related)


def _times(rule: View) -> str | None:
    """The schedule, spelt alike; None for one that is not known."""
    expression = rule.get("schedule_expression")
    if expression is None:
        return DEFAULT_SCHEDULE.upper()
    if not isinstance(expression, str) or has_placeholder(expression):
        return None
    return " ".join(expression.upper().split())


def _kept_days(rule: View) -> int | None:
    """How long the rule's backups are kept; None where that is not known."""
    path = "lifecycle/delete_after_days"
    return FOR_EVER if rule.get(path) is None else rule.number(path)


@check("two-continuous-rules")
def two_continuous_rules(policy: EffectivePolicy) -> Found:
    """More than one continuous backup of one resource."""
    by_plan = {plan: [rule for rule in rules_of(plan) if is_continuous(rule)] for plan in policy.plans()}
    for plan, rules in by_plan.items():
        for rule in rules[1:]:
            yield Fault(rule.place("enable_continuous_backup"), _two_continuous(plan, rules[0], rule))
    if sum(map(bool, by_plan.values())) < 2:
        return
    told: set[View] = set()
    for other, plan, what in serving(policy).overlapping:
        if by_plan[plan] and by_plan[other] and plan not in told:
            told.add(plan)
            message = (
                f"'{other.name}' and '{plan.name}' both back up {what} continuously: "
                "AWS Backup makes one continuous backup of a resource, and only snapshots for the other plan."
            )
            yield Fault(by_plan[plan][0].place("enable_continuous_backup"), message)


def _two_continuous(plan: View, first: View, rule: View) -> str:
    start = f"'{first.name}' and '{rule.name}' of '{plan.name}' both back up continuously: "
    if first.get("target_backup_vault_name") == rule.get("target_backup_vault_name"):
        return start + "AWS Backup follows the one that keeps its backups longer and ignores the other. Remove one."
    return start + "because they write to different vaults, AWS Backup rejects the plan. Remove one."


@check("backed-up-twice")
def backed_up_twice(policy: EffectivePolicy) -> Found:
    """Two plans that back up the same resources at the same times."""
    kinds = {plan: _kinds(plan) for plan in policy.plans()}
    if len(kinds) < 2:
        return
    told: set[View] = set()
    for other, plan, what in serving(policy).overlapping:
        both = [kind for kind in kinds[plan] if kind in kinds[other]]
        if both and plan not in told:
            told.add(plan)
            message = (
                f"'{other.name}' and '{plan.name}' both back up {what} at the same times, so it is backed up, and paid "
                "for, twice. Select it in one of them."
            )
            same = kinds[other][both[0]].place("schedule_expression")
            related = (Related(same, f"the same times in '{other.name}'"),)
            yield Fault(kinds[plan][both[0]].place("schedule_expression"), message, related)


def _kinds(plan: View) -> dict[tuple[bool, str], View]:
    """The first rule of a plan for each kind of backups and each times that it makes them at."""
    kinds: dict[tuple[bool, str], View] = {}
    for rule in rules_of(plan):
        if times := _times(rule):
            kinds.setdefault((is_continuous(rule), times), rule)
    return kinds
