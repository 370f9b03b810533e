"""The longest gap that several schedules leave together."""

from __future__ import annotations

from datetime import timedelta

import pytest

from policylint.schedules import parse
from policylint.schedules_together import MOST, longest_gap_of

HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("expressions", "longest"),
    [
        ([], None),
        (["cron(0 5 ? * SUN *)"], 7 * DAYS),
        (["cron(0 5 ? * SUN *)", "cron(0 5 ? * SUN *)"], 7 * DAYS),
        (["cron(0 5 ? * SUN *)", "cron(0 5 1 1 ? *)"], 7 * DAYS),
        (["cron(0 5 1 1 ? *)", "cron(0 5 ? * SUN *)"], 7 * DAYS),
        # Within a day, and from the last run of one to the first of the next.
        (["cron(0 1,4,9 ? * MON-FRI *)", "cron(0 2 ? * SAT,SUN *)"], 24 * HOURS),
        (["cron(0 1,4,9 ? * MON-FRI *)", "cron(0 0/3 ? * SAT,SUN *)"], 16 * HOURS),
        (["cron(0 0,21 ? * MON-FRI *)", "cron(0 0/3 ? * SAT,SUN *)"], 21 * HOURS),
        (["cron(0 0,1,21 ? * MON-FRI *)", "cron(0 0/3 ? * SAT,SUN *)"], 20 * HOURS),
        (["cron(0 0,23 ? * MON-FRI *)", "cron(0 0,1,2,22,23 ? * SAT,SUN *)"], 23 * HOURS),
        (["cron(0 0/3 ? * MON-FRI *)", "cron(0 2,3 ? * SAT,SUN *)"], 23 * HOURS),
        # What comes to an end leaves the others alone, and stands for itself where there is nothing else.
        (["cron(0 5 ? * SUN *)", "cron(0 5 ? * MON-SAT 2030)"], 7 * DAYS),
        (["cron(0 5 ? * SUN *)", "cron(0 5 ? * MON-SAT 2020-2100)"], 7 * DAYS),
        (["cron(0 5 ? * SUN 2030)"], 7 * DAYS),
        (["cron(0 5 ? * MON 2030)", "cron(0 5 1 * ? 2030)"], 7 * DAYS),
        (["cron(0 5 1 1 ? 2030)"], None),
        (["cron(0 5 1 1 ? 2030)", "cron(0 5 ? * SUN 2030)"], 7 * DAYS),
        (["cron(0 5 29 2 ? *)", "cron(0 5 28 2 ? *)"], 365 * DAYS),
    ],
)
def test_the_longest_gap(expressions: list[str], longest: timedelta | None) -> None:
    assert longest_gap_of(map(parse, expressions)) == longest
    assert longest_gap_of(map(parse, reversed(expressions))) == longest


def test_of_many_schedules_the_most_frequent_count() -> None:
    weekdays = [parse(f"cron(0 5 ? * {day} *)") for day in range(1, 8)]
    rare = [parse(f"cron(0 5 {day} {month} ? *)") for day in (3, 17) for month in range(1, 13)]
    assert len(rare) > MOST
    assert longest_gap_of([*rare, *weekdays]) == DAYS
