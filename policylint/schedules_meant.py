"""The cron expression that somebody meant who wrote a schedule in another form.

Only what cron says exactly is translated: a value that looks like the answer and runs at other times does harm.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from policylint.schedules import FORM, ScheduleError, parse

RATE = re.compile(r"rate\(\s*([0-9]{1,6})\s*(minute|hour|day|week)s?\s*\)", re.IGNORECASE)
CRON = re.compile(r"cron\s*\((.*)\)", re.IGNORECASE | re.DOTALL)
MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60}
HOUR, DAY, WEEK = MINUTES["hour"], MINUTES["day"], MINUTES["week"]
# The short names of crontab(5). Its hours of midnight are kept.
SHORT_NAMES = {
    "@hourly": "cron(0 * ? * * *)",
    "@daily": "cron(0 0 ? * * *)",
    "@midnight": "cron(0 0 ? * * *)",
    "@weekly": "cron(0 0 ? * SUN *)",
    "@monthly": "cron(0 0 1 * ? *)",
    "@yearly": "cron(0 0 1 1 ? *)",
    "@annually": "cron(0 0 1 1 ? *)",
}


class Meant(NamedTuple):
    """What to write instead: an expression where there is one, and the sentence that says so."""

    expression: str | None
    advice: str
    certain: bool = False  # nothing else can have been meant


def schedule_meant(text: str) -> Meant:
    """What to write instead of a text that is not a schedule."""
    text = text.strip()
    frame = CRON.fullmatch(text)
    bare = frame[1] if frame else text
    for fields in (bare, _with_question_mark(bare)):
        if fields and not _reason(f"cron({fields})"):
            return _write(f"cron({fields})", certain=True)
    if short := SHORT_NAMES.get(text.lower()):
        return _write(short)
    if rate := RATE.fullmatch(text):
        return _of_rate(int(rate[1]) * MINUTES[rate[2].lower()])
    if frame:
        return Meant(None, _reason(f"cron({bare})"))
    return Meant(None, f"Write the times of the runs as '{FORM}'.")


def _with_question_mark(fields: str) -> str:
    """The fields with the `?` that crontab(5) does not know, in place of a day field that says nothing; else empty."""
    found = fields.split()
    if len(found) < 5:
        return ""
    day, weekday = found[2], found[4]
    if day == "*" and (weekday == "*" or not re.search("[0-9]", weekday)):  # crontab counts weekdays from another day
        found[2] = "?"
    elif day != "?" and weekday == "*":
        found[4] = "?"
    return " ".join(found)


def _of_rate(minutes: int) -> Meant:
    if minutes < HOUR:
        return Meant(None, f"Runs must be at least 60 minutes apart. Write their times as '{FORM}'.")
    if minutes == HOUR:
        return _write("cron(0 * ? * * *)")
    if minutes % HOUR == 0 and DAY % minutes == 0:
        return _write("cron(0 5 ? * * *)" if minutes == DAY else f"cron(0 0/{minutes // HOUR} ? * * *)")
    if minutes == WEEK:
        return _write("cron(0 5 ? * SUN *)")
    return Meant(None, f"No cron expression has runs that are always this far apart. Write their times as '{FORM}'.")


def _write(expression: str, *, certain: bool = False) -> Meant:
    return Meant(expression, f"Write '{expression}'.", certain)


def _reason(text: str) -> str:
    """Why a text is not a schedule; empty where it is one."""
    try:
        parse(text)
    except ScheduleError as error:
        return str(error)
    return ""
