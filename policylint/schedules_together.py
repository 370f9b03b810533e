"""Several schedules that back up the same resources: what one leaves open another may fill."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from policylint.schedules import FIRST_YEAR, Schedule

YEARS = 8  # two leap years among them: a gap that only comes up later is not a habit
MOST = 8  # of more schedules those that run most often are looked at


def longest_gap_of(schedules: Iterable[Schedule]) -> timedelta | None:
    """The longest time between neighbouring runs of any of the schedules; None where there are no two runs.

    Of several, those whose years come to an end count for nothing: they leave the others alone one day.
    """
    different = {(tuple(one.times), one.day_text, one.weekday_text, one.months, one.years): one for one in schedules}
    lasting = [one for one in different.values() if not one.ends]
    if len(different) < 2 or len(lasting) < 2:
        gaps = [gap for one in lasting or different.values() if (gap := one.gaps()[1])]
        return min(gaps, default=None)
    return _together(tuple(sorted(lasting, key=lambda one: one.gaps()[1] or timedelta.max)[:MOST]))


@lru_cache(maxsize=256)
def _together(schedules: tuple[Schedule, ...]) -> timedelta | None:
    days: dict[date, set[timedelta]] = {}
    for schedule in schedules:
        for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
            for day in schedule.days(year):
                days.setdefault(day, set()).update(schedule.times)
    longest: timedelta | None = None
    for before, after in pairwise(sorted(days)):
        gap = (after - before) + min(days[after]) - max(days[before])
        inside = max((late - early for early, late in pairwise(sorted(days[before]))), default=gap)
        longest = max(gap, inside, longest or gap)
    return longest
