"""A plan as a whole: AWS Backup's quotas, and settings that are never used."""

from __future__ import annotations

from collections.abc import Iterator

from policylint import Fault, Policy, View, check, fragment_of

from .backup_plans import Found, Options, rules_of

# https://docs.aws.amazon.com/aws-backup/latest/devguide/aws-backup-limits.html, "Policy quotas"; none can be raised.
MOST_COPIES = 5
MOST_RECOVERY_POINT_TAGS = 10
MOST_SELECTIONS = 100
MOST_TAG_SELECTIONS = 10
MOST_TAGS = 30
MOST_CONDITIONS = 30

Count = tuple[
    View, str, str, int, int
]  # of which node, the path below it, of what, how many, how many AWS Backup takes


@check("over-backup-quota")
def over_backup_quota(plan: View) -> Found:
    """More of something than AWS Backup takes in one plan."""
    for view, path, what, count, most in (*_rule_counts(plan), *_selection_counts(plan)):
        if count > most:
            message = f"'{view.name}' has {count} {what}. AWS Backup rejects a plan with more than {most}. Remove some."
            yield Fault(view.place(path), message)


def _rule_counts(plan: View) -> Iterator[Count]:
    for rule in rules_of(plan):
        yield rule, "copy_actions", "copy actions", len(rule.children("copy_actions")), MOST_COPIES
        tags = len(rule.children("recovery_point_tags"))
        yield rule, "recovery_point_tags", "tags for its recovery points", tags, MOST_RECOVERY_POINT_TAGS


def _selection_counts(plan: View) -> Iterator[Count]:
    by_tag, by_type = plan.children("selections/tags"), plan.children("selections/resources")
    yield plan, "selections", "selections", len(by_tag) + len(by_type), MOST_SELECTIONS
    yield plan, "selections/tags", "selections by tag", len(by_tag), MOST_TAG_SELECTIONS
    for selection in by_tag:
        yield selection, "tag_value", "tag values", len(selection.texts("tag_value")), MOST_TAGS
    for selection in (*by_tag, *by_type):
        conditions = sum(len(operator.children()) for operator in selection.children("conditions"))
        yield selection, "conditions", "conditions", conditions, MOST_CONDITIONS


@check("unused-scan-settings")
def unused_scan_settings(plan: View) -> Found:
    """Settings for malware scans that no rule asks for."""
    if plan.child("scan_settings") and not any(rule.child("scan_actions") for rule in rules_of(plan)):
        message = f"'{plan.name}' has scan_settings and no rule with scan_actions, so nothing is scanned."
        yield Fault(plan.place("scan_settings"), message)


@check("several-plans-in-one-policy")
def several_plans_in_one_policy(policy: Policy, options: Options) -> Found:
    """Plans that can't be attached one by one."""
    root = fragment_of(policy)
    plans = list(root.children["plans"].children.values()) if root and "plans" in root.children else []
    most = int(options["maximum_plans"])
    if len(plans) > most:
        message = (
            f"'{policy.name}' holds {len(plans)} plans; it should hold {most} at most. AWS recommends one plan per "
            f"policy, so that each can be attached and changed alone."
        )
        yield Fault(plans[most].key_place(), message)
