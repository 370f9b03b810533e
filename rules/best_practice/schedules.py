"""When backups run."""

from __future__ import annotations

from datetime import timedelta

from policylint.effective import View
from policylint.findings import Fault
from policylint.rules import check

from .backup_plans import Found, Options, rules_of, schedule_of


@check("rare-schedule")
def rare_schedule(plan: View, options: Options) -> Found:
    """A plan none of whose rules runs often enough."""
    allowed = timedelta(hours=int(options["maximum_hours"]))
    gaps: list[tuple[timedelta, View]] = []
    for rule in rules_of(plan):
        schedule = schedule_of(rule)
        longest = schedule.gaps()[1] if schedule else None
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
