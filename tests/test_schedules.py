"""Schedules as AWS reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.schedules import ARCHIVE, HOURLY, ScheduleError, Verdict, judge, judge_at, parse

NOON = datetime(2026, 9, 13, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 day)",
        "",
        "cron(0 5 ? * * *) ",
        "cron(60 5 ? * * *)",
        "cron(0 5 ? * 0 *)",
        "cron(0 5 * * * *)",
        "cron(0 5 ? * ? *)",
        "cron(0/60 5 ? * * *)",
        "cron(0 5 L,15 * ? *)",
        "cron(0 5 L-31 * ? *)",
        "cron(0 5 ? * 1L,2 *)",
        "cron(0 5 ? * TUE#6 *)",
        "cron(0 5 ? * MON#1,TUE#2 *)",
        "cron(0 5 1 * ? 2040-2035)",
        "cron(0 5 ?)",
        "cron(0/² 5 ? * * *)",
        "cron(0 5/² ? * * *)",
        pytest.param(f"cron(0/{'9' * 5000} 5 ? * * *)", id="a step of 5,000 digits"),
        pytest.param(f"cron({'9' * 5000} 5 ? * * *)", id="a minute of 5,000 digits"),
        pytest.param(f"cron(0 5 ? * * {'9' * 5000})", id="a year of 5,000 digits"),
    ],
)
def test_what_aws_refuses_to_read(expression: str) -> None:
    with pytest.raises(ScheduleError):
        parse(expression)


def test_a_billion_years_take_no_more_room_than_a_few_hundred() -> None:
    schedule = parse("cron(0 5 ? * * 2030-999999999)")
    assert schedule.years is not None
    assert len(schedule.years) < 1000
    assert judge(schedule, HOURLY) == judge(parse("cron(0 5 ? * * 2030-2299)"), HOURLY)


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("cron(0 5 LW * ? *)", [(9, 30), (10, 30), (11, 30)]),
        ("cron(0 5 15W * ? *)", [(9, 15), (10, 15), (11, 16)]),
        ("cron(0 5 L-2 * ? *)", [(9, 28), (10, 29), (11, 28)]),
        ("cron(0 5 ? * fri#2 *)", [(10, 9), (11, 13), (12, 11)]),
        ("cron(0 5 ? * MONL *)", [(9, 28), (10, 26), (11, 30)]),
        ("cron(0 5 ? * L *)", [(9, 19), (9, 26), (10, 3)]),
        ("cron(0 5 ? * 3,2#1 *)", [(10, 5), (11, 2), (12, 7)]),
        ("cron(0 5 20W,18W * ? *)", [(9, 18), (10, 19), (11, 18)]),
        ("cron(0 5 1 nov-feb ?)", [(11, 1), (12, 1), (1, 1)]),
    ],
)
def test_days(expression: str, days: list[tuple[int, int]]) -> None:
    runs = islice(parse(expression).runs(NOON), 3)
    assert [(run.month, run.day) for run in runs] == days


@pytest.mark.parametrize(
    ("expression", "minimum", "verdict"),
    [
        ("cron(0 5 ? * * *)", HOURLY, Verdict.ACCEPTED),
        ("cron(0 22-3 ? * * *)", HOURLY, Verdict.ACCEPTED),
        ("cron(0/20 * ? * * *)", HOURLY, Verdict.REJECTED),
        ("cron(0,50 9 ? * * *)", HOURLY, Verdict.DEPENDS),
        ("cron(0 5 30 FEB ? *)", HOURLY, Verdict.REJECTED),
        ("cron(0 5 1 JAN ? 2031)", HOURLY, Verdict.REJECTED),
        ("cron(0 5 1 JAN ? 2031,2032)", HOURLY, Verdict.DEPENDS),
        ("cron(0 5 1 * ? *)", ARCHIVE, Verdict.ACCEPTED),
        ("cron(0 5 ? * MON *)", ARCHIVE, Verdict.REJECTED),
        ("cron(0 5 1,29 JAN,FEB ? *)", ARCHIVE, Verdict.DEPENDS),
    ],
)
def test_without_a_clock(expression: str, minimum: timedelta, verdict: Verdict) -> None:
    assert judge(parse(expression), minimum).verdict is verdict


def test_only_the_next_two_runs_count_on_saving() -> None:
    schedule = parse("cron(10,50 9 ? * * *)")
    assert judge_at(schedule, datetime(2026, 9, 13, 9, 20, tzinfo=UTC), HOURLY).verdict is Verdict.ACCEPTED
    assert judge_at(schedule, datetime(2026, 9, 13, 9, 0, tzinfo=UTC), HOURLY).verdict is Verdict.REJECTED


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 5 1 * ? * 7)",
        "cron(0 5 1W,9W * ? *)",
        "cron(0 5 2-6W * ? *)",
        "cron(0 5 ? * MON-FRI/2 *)",
        "cron(0 5 ? * L *)",
        "cron(0 13/12 ? * * *)",
        "cron(0 12/12 ? * * *)",
        "cron(30/30 5 ? * * *)",
        "cron(0,50/20 5 ? * * *)",
    ],
)
def test_what_is_read_otherwise_than_written_is_told(expression: str) -> None:
    assert list(parse(expression).oddities())


@pytest.mark.parametrize(
    "expression", ["cron(0 11/12 ? * * *)", "cron(0 */12 ? * * *)", "cron(0 1-13/12 ? * * *)", "cron(0/5,30 5 ? * * *)"]
)
def test_a_step_that_is_reached_is_no_oddity(expression: str) -> None:
    assert not list(parse(expression).oddities())


@given(st.sets(st.integers(0, 59), min_size=1, max_size=4), st.sets(st.integers(0, 23), min_size=1, max_size=4))
def test_runs_agree_with_a_walk_over_the_minutes(minutes: set[int], hours: set[int]) -> None:
    schedule = parse(f"cron({','.join(map(str, minutes))} {','.join(map(str, hours))} ? * * *)")
    walked = (NOON + timedelta(minutes=n) for n in range(1, 3 * 24 * 60))
    expected = [m for m in walked if m.minute in minutes and m.hour in hours]
    assert list(islice(schedule.runs(NOON), len(expected))) == expected


def test_only_the_digits_of_cron_are_digits() -> None:
    with pytest.raises(ScheduleError, match="is not a last day"):
        parse("cron(0 5 L-\u0663 * ? *)")


def test_a_moment_at_the_end_of_time_has_few_runs_left() -> None:
    moment = datetime(9999, 12, 30, tzinfo=UTC)
    assert [run.day for run in parse("cron(0 5 ? * * *)").runs(moment)] == [30, 31]
