"""What is advised for a schedule in another form runs when its author wanted, or names no times at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.schedules import FORM, parse
from policylint.schedules_meant import MINUTES, schedule_meant


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("rate(1 hour)", "cron(0 * ? * * *)"),
        ("rate(60 minutes)", "cron(0 * ? * * *)"),
        ("Rate(2 hours)", "cron(0 0/2 ? * * *)"),
        ("rate(12 hours)", "cron(0 0/12 ? * * *)"),
        ("rate(1440 minutes)", "cron(0 5 ? * * *)"),
        ("rate(24 hours)", "cron(0 5 ? * * *)"),
        ("rate( 1  day )", "cron(0 5 ? * * *)"),
        ("rate(7 days)", "cron(0 5 ? * SUN *)"),
        ("rate(1 week)", "cron(0 5 ? * SUN *)"),
        ("@hourly", "cron(0 * ? * * *)"),
        ("@daily", "cron(0 0 ? * * *)"),
        ("@midnight", "cron(0 0 ? * * *)"),
        ("@Weekly", "cron(0 0 ? * SUN *)"),
        ("@monthly", "cron(0 0 1 * ? *)"),
        ("@yearly", "cron(0 0 1 1 ? *)"),
        ("@annually", "cron(0 0 1 1 ? *)"),
        ("0 2 ? * * *", "cron(0 2 ? * * *)"),
        (" cron(0 2 ? * * *) ", "cron(0 2 ? * * *)"),
        ("CRON(0 2 ? * * *)", "cron(0 2 ? * * *)"),
        ("0 2 * * *", "cron(0 2 ? * *)"),
        ("cron(0 2 * * * *)", "cron(0 2 ? * * *)"),
        ("0 2 1 * *", "cron(0 2 1 * ?)"),
        ("cron(0 2 * * MON *)", "cron(0 2 ? * MON *)"),
    ],
)
def test_what_cron_says_exactly_is_translated(text: str, expression: str) -> None:
    meant = schedule_meant(text)
    assert meant.expression == expression
    assert meant.advice == f"Write '{expression}'."
    parse(expression)


@pytest.mark.parametrize(
    "text",
    [
        "rate(0 hours)",
        "rate(30 minutes)",
        "rate(59 minutes)",
        "rate(90 minutes)",
        "rate(5 hours)",
        "rate(25 hours)",
        "rate(2 days)",
        "rate(14 days)",
        "rate(1 month)",
        "at(2027-01-01T00:00:00)",
        "every night",
        "",
    ],
)
def test_what_cron_can_not_say_gets_the_form_and_no_value(text: str) -> None:
    meant = schedule_meant(text)
    assert meant.expression is None
    assert FORM in meant.advice
    assert "cron(0" not in meant.advice


@pytest.mark.parametrize("text", ["0 2 * * 1", "cron(0 2 * * 1)", "cron(0 2 1 * MON *)", "cron(99 2 ? * * *)"])
def test_what_may_mean_several_things_gets_no_value(text: str) -> None:
    assert schedule_meant(text).expression is None  # crontab's weekday 1 is Monday, AWS's is Sunday


@given(st.integers(0, 500), st.sampled_from(sorted(MINUTES)))
def test_a_translated_rate_runs_exactly_so_often(number: int, unit: str) -> None:
    expression = schedule_meant(f"rate({number} {unit}s)").expression
    if expression:
        wanted = timedelta(minutes=number * MINUTES[unit])
        assert parse(expression).gaps() == (wanted, wanted)


def test_a_rate_says_why_it_can_not_be_kept() -> None:
    assert schedule_meant("rate(30 minutes)").advice.startswith("Runs must be at least 60 minutes apart.")
    assert schedule_meant("rate(60 minutes)").expression
    assert schedule_meant("rate(5 hours)").advice.startswith("No cron expression has runs that are always this far")


def test_only_what_is_certain_is_mended_without_asking() -> None:
    assert schedule_meant("0 2 ? * * *").certain
    assert not schedule_meant("rate(1 hour)").certain  # at which minute is a choice
    assert not schedule_meant("@daily").certain
