"""How long backups are kept, and where."""

from __future__ import annotations

from datetime import timedelta

from policylint import EffectivePolicy, Fault, View, check, plural

from .backup_plans import Found, Options, is_continuous, rules_of, schedule_of
from .serving import serving

DELETE = "lifecycle/delete_after_days"
COLD_STORAGE_SHORTEST_DAYS = 90
AIR_GAPPED_SHORTEST_DAYS = 7


@check("retention-shorter-than-cold-storage")
def retention_shorter_than_cold_storage(plan: View) -> Found:
    """Fewer than 90 days between cold storage and deletion."""
    for rule in rules_of(plan):
        for holder in (rule, *rule.children("copy_actions")):
            cold = holder.number("lifecycle/move_to_cold_storage_after_days")
            delete = holder.number("lifecycle/delete_after_days")
            if cold is not None and delete is not None and delete - cold < COLD_STORAGE_SHORTEST_DAYS:
                message = (
                    f"'{rule.name}' moves backups to cold storage after {cold} days and deletes them after {delete}; "
                    f"AWS Backup rejects less than {COLD_STORAGE_SHORTEST_DAYS} days between. "
                    f"Remove the move to cold storage, or keep the backups for {cold + COLD_STORAGE_SHORTEST_DAYS} "
                    f"days."
                )
                yield Fault(holder.place("lifecycle/delete_after_days"), message)


@check("continuous-backup-in-cold-storage")
def continuous_backup_in_cold_storage(plan: View) -> Found:
    """Continuous backups can't go to cold storage, but after a merge AWS Organizations does not look."""
    for rule in rules_of(plan):
        if is_continuous(rule) and rule.get("lifecycle/move_to_cold_storage_after_days") is not None:
            message = (
                f"'{rule.name}' backs up continuously and moves to cold storage, and AWS Backup can't do both. "
                f"Drop one."
            )
            yield Fault(rule.place("lifecycle/move_to_cold_storage_after_days"), message)


@check("kept-forever")
def kept_forever(plan: View) -> Found:
    """No retention at all."""
    for rule in rules_of(plan):
        if rule.get("lifecycle/delete_after_days") is None:
            message = (
                f"Backups of '{rule.name}' are never deleted, so you pay for them forever. Write 'delete_after_days'."
            )
            yield Fault(rule.missing(DELETE), message, subject=(plan.name, rule.name))


@check("short-retention")
def short_retention(policy: EffectivePolicy, options: Options) -> Found:
    """Backups that are gone before anybody may notice that they are needed, where no other rule keeps some longer."""
    shortest = int(options["minimum_days"])
    for plan in policy.plans():
        if not any(_is_short(rule, shortest) for rule in rules_of(plan)):
            continue
        named: dict[View, None] = {}
        for served in serving(policy).of(plan):
            rules = served.rules()
            if any(_keeps_some(rule, shortest) for rule in served.candidates()):
                continue
            short = [one for one in rules if _is_short(one[1], shortest)]
            best, rule = max(short, key=lambda one: one[1].number(DELETE) or 0)
            if best is plan:
                named[rule] = None
        for rule in named:
            days = rule.number(DELETE) or 0
            message = (
                f"'{rule.name}' keeps backups for {days} {plural(days, 'day')}. Keep them for {shortest} days or more."
            )
            yield Fault(rule.place(DELETE), message)


def _is_short(rule: View, shortest: int) -> bool:
    days = rule.number(DELETE)
    return days is not None and days < shortest and not is_continuous(rule)


def _keeps_some(rule: View, shortest: int) -> bool:
    """Whether there is always a backup of a rule that is old enough, as far as known."""
    days = rule.number(DELETE)
    if days is not None and days < shortest:
        return False
    schedule = schedule_of(rule)
    longest = schedule.gaps()[1] if schedule else None
    return longest is None or longest <= timedelta(days=shortest)


@check("short-warm-storage")
def short_warm_storage(plan: View, options: Options) -> Found:
    """Backups that go to cold storage before a week is over."""
    shortest = int(options["minimum_days"])
    for rule in rules_of(plan):
        for holder in (rule, *rule.children("copy_actions")):
            days = holder.number("lifecycle/move_to_cold_storage_after_days")
            if days is not None and days < shortest:
                message = (
                    f"'{rule.name}' moves backups to cold storage after {days} {plural(days, 'day')}; AWS "
                    f"recommends {shortest} days or more in warm storage, because moving earlier costs extra."
                )
                yield Fault(holder.place("lifecycle/move_to_cold_storage_after_days"), message)


@check("short-retention-in-air-gapped-vault")
def short_retention_in_air_gapped_vault(plan: View) -> Found:
    """Fewer days than any logically air-gapped vault takes."""
    for rule in rules_of(plan):
        days = rule.number("lifecycle/delete_after_days")
        if days is None or days >= AIR_GAPPED_SHORTEST_DAYS:
            continue
        if rule.get("target_logically_air_gapped_backup_vault_arn") is not None:
            message = (
                f"'{rule.name}' keeps backups for {days} {plural(days, 'day')}, and jobs of a logically air-gapped "
                f"vault fail below {AIR_GAPPED_SHORTEST_DAYS} days. Write {AIR_GAPPED_SHORTEST_DAYS} or more."
            )
            yield Fault(rule.place("lifecycle/delete_after_days"), message)
