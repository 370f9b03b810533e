"""When backups run."""

from __future__ import annotations

from datetime import timedelta

from policylint import EffectivePolicy, Fault, View, check, plural
from policylint.remedies import replaced
from policylint.schedules_together import longest_gap_of

from .backup_plans import Found, Options, rules_of, schedule_of
from .serving import serving

START_WINDOW = "start_backup_window_minutes"
COMPLETE_WINDOW = "complete_backup_window_minutes"
MINUTES_A_DAY = 24 * 60
NEVER = timedelta.max


@check("rare-schedule")
def rare_schedule(policy: EffectivePolicy, options: Options) -> Found:
    """Resources that no rule of any plan backs up often enough; of the rules that take them the best is named."""
    allowed = timedelta(hours=int(options["maximum_hours"]))
    for plan in policy.plans():
        if any(_is_often(rule, allowed) for rule in rules_of(plan)):
            continue
        for served in serving(policy).of(plan):
            rules = served.rules()
            if not rules or any(_is_often(rule, allowed) for rule in served.candidates()):
                continue
            best, rule = min(rules, key=lambda one: _longest_gap(one[1]) or NEVER)
            longest = longest_gap_of([schedule for rule in served.candidates() if (schedule := schedule_of(rule))])
            if best is plan and longest and longest > allowed:
                message = (
                    f"'{plan.name}' leaves up to {_span(longest)} between backups (allowed: {_span(allowed)}): what "
                    "changes meanwhile is lost. Let a rule run more often."
                )
                yield Fault(rule.place("schedule_expression"), message)
                break


def _longest_gap(rule: View) -> timedelta | None:
    schedule = schedule_of(rule)
    return schedule.gaps()[1] if schedule else None


def _is_often(rule: View, allowed: timedelta) -> bool:
    """Whether a rule runs often enough, or may do so as far as known."""
    longest = _longest_gap(rule)
    return longest is None or longest <= allowed


@check("complete-window-too-short")
def complete_window_too_short(plan: View) -> Found:
    """A backup that may start after it should have been complete."""
    for rule in rules_of(plan):
        start, complete = rule.number(START_WINDOW), rule.number(COMPLETE_WINDOW)
        if start is not None and complete is not None and complete < start:
            message = (
                f"'{rule.name}' must be complete after {complete} minutes and may start after {start} minutes: a "
                f"late job has no time left. Make the complete window the longer one."
            )
            yield Fault(rule.place(COMPLETE_WINDOW), message)


@check("window-in-seconds")
def window_in_seconds(plan: View, options: Options) -> Found:
    """A window so long that somebody counted seconds."""
    longest = int(options["maximum_days"]) * MINUTES_A_DAY
    for rule in rules_of(plan):
        for field in (START_WINDOW, COMPLETE_WINDOW):
            minutes = rule.number(field)
            if minutes is not None and minutes > longest:
                right = str(minutes // 60) if minutes % 60 == 0 else None
                meant = f"If {minutes:,} seconds were meant, write {right}." if right else "Write minutes, not seconds."
                message = (
                    f"'{rule.name}' has a window of {minutes:,} minutes, which are {minutes // MINUTES_A_DAY} days. "
                    f"AWS counts minutes. {meant}"
                )
                yield Fault(rule.place(field), message, fix=replaced(rule.place(field), right, safe=False))


@check("start-window-over-next-run")
def start_window_over_next_run(plan: View) -> Found:
    """A run that may start after the next one is due."""
    for rule in rules_of(plan):
        schedule, window = schedule_of(rule), rule.number(START_WINDOW)
        shortest = schedule.gaps()[0] if schedule else None
        if shortest is not None and window is not None and timedelta(minutes=window) > shortest:
            message = (
                f"'{rule.name}' may start {window} minutes late, and runs again after {_span(shortest)}: "
                "AWS Backup runs one job for a resource at a time. Shorten the start window."
            )
            yield Fault(rule.place(START_WINDOW), message)


def _span(time: timedelta) -> str:
    hours = int(time.total_seconds() // 3600)
    count, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{count} {plural(count, unit)}"
