"""What works, or seems to, against good practice, and what AWS Backup refuses though Organizations takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from policylint.document import has_placeholder
from policylint.effective import View
from policylint.findings import Fault
from policylint.rules import check
from policylint.schedules import ScheduleError, parse

Found = Iterator[Fault]
Options = Mapping[str, int | str]

COLD_STORAGE_SHORTEST_DAYS = 90


def _rules(plan: View) -> list[View]:
    return plan.children("rules")


def _is_continuous(rule: View) -> bool:
    return rule.get("enable_continuous_backup") == "true"


def _arn(text: str) -> tuple[str, str]:
    """The Region and the account of a vault ARN."""
    parts = text.split(":")
    return (parts[3], parts[4]) if len(parts) > 5 else ("", "")


def _copies(plan: View) -> list[tuple[View, str, str]]:
    """Every copy of a plan with its Region and account; those with placeholders are left out."""
    copies = [copy for rule in _rules(plan) for copy in rule.children("copy_actions")]
    targets = [(copy, str(copy.get("target_backup_vault_arn") or copy.folded)) for copy in copies]
    return [(copy, *_arn(target)) for copy, target in targets if not has_placeholder(target)]


def _has_opaque_copy(plan: View) -> bool:
    copies = [copy for rule in _rules(plan) for copy in rule.children("copy_actions")]
    return len(copies) != len(_copies(plan))


@check("retention-shorter-than-cold-storage")
def retention_shorter_than_cold_storage(plan: View) -> Found:
    """Fewer than 90 days between cold storage and deletion."""
    for rule in _rules(plan):
        for holder in (rule, *rule.children("copy_actions")):
            cold = holder.number("lifecycle/move_to_cold_storage_after_days")
            delete = holder.number("lifecycle/delete_after_days")
            if cold is not None and delete is not None and delete - cold < COLD_STORAGE_SHORTEST_DAYS:
                message = (
                    f"'{rule.name}' moves backups to cold storage after {cold} days and deletes them after {delete}; "
                    f"AWS Backup refuses less than {COLD_STORAGE_SHORTEST_DAYS} days between. "
                    f"Write {cold + COLD_STORAGE_SHORTEST_DAYS} or more."
                )
                yield Fault(holder.place("lifecycle/delete_after_days"), message)


@check("continuous-backup-in-cold-storage")
def continuous_backup_in_cold_storage(plan: View) -> Found:
    """Continuous backups can't go to cold storage, but after a merge AWS Organizations does not look."""
    for rule in _rules(plan):
        if _is_continuous(rule) and rule.get("lifecycle/move_to_cold_storage_after_days") is not None:
            message = (
                f"'{rule.name}' backs up continuously and moves to cold storage, which AWS Backup can't do together."
            )
            yield Fault(rule.place("lifecycle/move_to_cold_storage_after_days"), message)


@check("kept-forever")
def kept_forever(plan: View) -> Found:
    """No retention at all."""
    for rule in _rules(plan):
        if rule.get("lifecycle/delete_after_days") is None:
            message = f"Backups of '{rule.name}' are kept for ever: it has no delete_after_days."
            yield Fault(rule.missing("lifecycle/delete_after_days"), message)


@check("short-retention")
def short_retention(plan: View, options: Options) -> Found:
    """Backups that are gone before anybody may notice that they are needed."""
    shortest = int(options["minimum_days"])
    for rule in _rules(plan):
        days = rule.number("lifecycle/delete_after_days")
        if days is not None and days < shortest and not _is_continuous(rule):
            message = f"'{rule.name}' keeps backups for {days} days; they should last {shortest} or more."
            yield Fault(rule.place("lifecycle/delete_after_days"), message)


@check("rare-schedule")
def rare_schedule(plan: View, options: Options) -> Found:
    """A plan none of whose rules runs often enough."""
    allowed = timedelta(hours=int(options["maximum_hours"]))
    gaps: list[tuple[timedelta, View]] = []
    for rule in _rules(plan):
        expression = rule.get("schedule_expression")
        if not isinstance(expression, str) or has_placeholder(expression):
            return
        try:
            longest = parse(expression).gaps[1]
        except ScheduleError:
            return
        if longest is None or longest <= allowed:
            return
        gaps.append((longest, rule))
    for longest, rule in sorted(gaps, key=lambda gap: gap[0])[:1]:
        message = f"'{plan.name}' leaves up to {_span(longest)} between backups; it should be {_span(allowed)} at most."
        yield Fault(rule.place("schedule_expression"), message)


def _span(time: timedelta) -> str:
    hours = int(time.total_seconds() // 3600)
    count, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{count} {unit}{'s' if count != 1 else ''}"


@check("no-copy-to-another-region")
def no_copy_to_another_region(plan: View) -> Found:
    """Backups that are lost with their Region."""
    regions = set(plan.texts("regions"))
    if not _has_opaque_copy(plan) and not any(region not in regions for _, region, _ in _copies(plan)):
        yield Fault(plan.place("rules"), f"'{plan.name}' copies no backup to another Region. Add a copy action.")


@check("no-copy-to-another-account")
def no_copy_to_another_account(plan: View) -> Found:
    """Backups that are lost with their account."""
    if not _has_opaque_copy(plan) and not any(account.isdigit() for _, _, account in _copies(plan)):
        message = f"'{plan.name}' copies no backup to another account, where an attacker of this one can't delete it."
        yield Fault(plan.place("rules"), message)


@check("copy-without-gain")
def copy_without_gain(plan: View) -> Found:
    """A copy into the Region and account where the backup lies already."""
    regions = plan.texts("regions")
    for copy, region, account in _copies(plan):
        if account == "$account" and region in regions:
            message = (
                f"In '{region}' this copy stays in the Region and account of its source, and protects nothing there."
            )
            yield Fault(copy.place("target_backup_vault_arn"), message)


@check("selects-everything")
def selects_everything(plan: View) -> Found:
    """Every resource of an account, with no exception."""
    for selection in plan.children("selections/resources"):
        narrowed = selection.child("not_resource_types") or selection.child("conditions")
        if "*" in selection.texts("resource_types") and not narrowed:
            message = f"'{selection.name}' backs up every resource there is. Add conditions or not_resource_types."
            yield Fault(selection.element_place("resource_types", "*"), message)
