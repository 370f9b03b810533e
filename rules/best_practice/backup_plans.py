"""What the checks of this family read from a backup plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policylint import Fault, Schedule, ScheduleError, View, has_placeholder
from policylint.schedules import parse

Found = Iterator[Fault]
Options = Mapping[str, int | str]
DEFAULT_SCHEDULE = "cron(0 5 ? * * *)"  # of a rule that has none
Copy = tuple[View, str, str]  # the copy action, and the Region and the account of its vault


def rules_of(plan: View) -> list[View]:
    """The rules of a plan."""
    return plan.children("rules")


def is_continuous(rule: View) -> bool:
    """Whether a rule backs up continuously."""
    return rule.get("enable_continuous_backup") == "true"


def arn_parts(text: str) -> tuple[str, str]:
    """The Region and the account of a vault ARN; empty where the text is none."""
    parts = text.split(":")
    return (parts[3], parts[4]) if len(parts) > 5 else ("", "")


def copies_of(rule: View) -> list[Copy]:
    """Every copy of a rule with its Region and account; those with placeholders are left out."""
    targets = [
        (copy, str(copy.get("target_backup_vault_arn") or copy.folded)) for copy in rule.children("copy_actions")
    ]
    return [(copy, *arn_parts(target)) for copy, target in targets if not has_placeholder(target)]


def schedule_of(rule: View) -> Schedule | None:
    """A rule's schedule, AWS's own where it has none; None where it can't be read."""
    expression = rule.get("schedule_expression") or DEFAULT_SCHEDULE
    if not isinstance(expression, str) or has_placeholder(expression):
        return None
    try:
        return parse(expression)
    except ScheduleError:
        return None
