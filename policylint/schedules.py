"""Schedules as AWS Organizations reads them: Quartz's cron grammar, then the rule on the next two runs.

Source: docs/aws-behaviour.md, "Schedules". Times are UTC.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Iterator
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

HOURLY = timedelta(minutes=60)
FORM = "cron(MINUTES HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK YEAR)"
ARCHIVE = timedelta(days=28)
YEARS_AHEAD = 100
NUMBER = re.compile(r"[0-9]{1,9}")  # what int() takes: more is not a number of a schedule, nor is "²"
# Without a clock, years are judged over this window: four hundred years would show nothing more that matters.
FIRST_YEAR, LAST_YEAR = 2026, 2126

MONTHS = {
    name: i
    for i, name in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)
}
WEEKDAYS = {name: i for i, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}


class ScheduleError(ValueError):
    """AWS would reject the expression at every moment; the message says why and what to write."""


class Verdict(StrEnum):
    """What AWS says to a schedule."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DEPENDS = "depends"  # on the moment of saving


class Judgement(NamedTuple):
    """A verdict, and a clause that gives the reason."""

    verdict: Verdict
    reason: str


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: dict[str, int]
    longest_step: int


MINUTE = _Field("minutes", 0, 59, {}, 59)
HOUR = _Field("hours", 0, 23, {}, 23)
DAY = _Field("day-of-month", 1, 31, {}, 31)
MONTH = _Field("month", 1, 12, MONTHS, 12)
WEEKDAY = _Field("day-of-week", 1, 7, WEEKDAYS, 7)
YEAR = _Field("year", 1970, 2299, {}, 2299)


class Schedule:
    """A parsed expression."""

    def __init__(self, expression: str) -> None:
        match = re.fullmatch(r"cron\((.*)\)", expression, re.DOTALL)
        if not match:
            raise ScheduleError(f"'{expression}' is not a schedule. Write it as '{FORM}'.")
        fields = match[1].upper().split()
        if len(fields) < 5:
            raise ScheduleError(
                f"The schedule has {len(fields)} fields; it needs minutes, hours, day-of-month, month and day-of-week."
            )
        self.extra = fields[6:]
        minutes, hours, day_text, months, weekday_text = fields[:5]
        self.day_text: str = day_text
        self.weekday_text: str = weekday_text
        self.minutes_text: str = minutes
        self.hours_text: str = hours
        year_text = fields[5] if len(fields) > 5 else "*"
        if (self.day_text == "?") == (self.weekday_text == "?"):
            raise ScheduleError("Exactly one of day-of-month and day-of-week must be '?'.")
        self.minutes = sorted(_values(minutes, MINUTE))
        self.hours = sorted(_values(hours, HOUR))
        self.months = frozenset(_values(months, MONTH))
        self.years = None if year_text == "*" else frozenset(_values(year_text, YEAR))
        self.day = _day_rule(self.day_text) if self.day_text != "?" else None
        self.weekday = _weekday_rule(self.weekday_text) if self.weekday_text != "?" else None

    @cached_property
    def times(self) -> list[timedelta]:
        """The times of day of a run."""
        return [timedelta(hours=h, minutes=m) for h in self.hours for m in self.minutes]

    def days(self, year: int) -> Iterator[date]:
        """The days of a year with runs."""
        if self.years is not None and year not in self.years:
            return
        for month in sorted(self.months):
            last = monthrange(year, month)[1]
            days = self.day(year, month, last) if self.day else self.weekday(year, month, last) if self.weekday else ()
            yield from (date(year, month, day) for day in sorted(days))

    def runs(self, after: datetime) -> Iterator[datetime]:
        """The runs after a moment, for the next hundred years."""
        for year in range(after.year, min(after.year + YEARS_AHEAD, MAXYEAR) + 1):
            for day in self.days(year):
                start = datetime(day.year, day.month, day.day, tzinfo=UTC)
                if day >= after.date():
                    yield from (start + time for time in self.times if start + time > after)

    def oddities(self) -> Iterator[str]:
        """What AWS admits but does not carry out as it is written, a sentence each."""
        if self.extra:
            yield f"AWS ignores everything after the sixth field: '{' '.join(self.extra)}'."
        if "W" in self.day_text and "," in self.day_text:
            yield f"'{self.day_text}' runs on one day only: of a list with 'W', AWS uses the lowest day."
        if "-" in self.day_text and self.day_text.endswith("W") and not self.day_text.startswith("L"):
            yield f"'{self.day_text}': AWS ignores the 'W' after a range."
        if "#" in self.weekday_text and "," in self.weekday_text:
            yield f"'{self.weekday_text}' runs on one weekday only: of a list with '#', AWS uses the lowest."
        if self.weekday_text == "L":
            yield "'L' as day-of-week means every Saturday, not the last day. Write 'L' as day-of-month for that."
        if "-" in self.weekday_text and self.weekday_text.endswith("L"):
            yield f"'{self.weekday_text}': AWS ignores the 'L' after a range."
        if re.match(r"[A-Z]{3}(-[A-Z]{3})?/", self.weekday_text):
            yield f"'{self.weekday_text}': AWS ignores a step after named weekdays."
        for text, field, unit in ((self.minutes_text, MINUTE, "an hour"), (self.hours_text, HOUR, "a day")):
            for part in text.split(","):
                start, slash, step = part.partition("/")
                if slash and NUMBER.fullmatch(start) and int(start) + int(step) > field.high:
                    yield (
                        f"'{part}' runs once {unit}, at {int(start)}: its next step would be past {field.high}, "
                        f"and steps start again each time. Start with a lower number."
                    )

    def gaps(self) -> tuple[timedelta | None, timedelta | None]:
        """The shortest and the longest time between neighbouring runs; None where there are fewer than two."""
        return self._gaps

    @cached_property
    def _gaps(self) -> tuple[timedelta | None, timedelta | None]:
        steps, any_day = self._steps()
        times = self.times
        inside = [b - a for a, b in pairwise(times)] if any_day else []
        wrap = timedelta(days=1) - times[-1] + times[0]
        gaps = inside + [wrap + timedelta(days=step - 1) for step in steps]
        return (min(gaps), max(gaps)) if gaps else (None, None)

    def _steps(self) -> tuple[set[int], bool]:
        """How many days lie between neighbouring days with runs, and whether there is such a day at all."""
        if self.is_daily:
            return {1}, True
        steps: set[int] = set()
        previous: int | None = None
        # Only 14 kinds of years differ. Going through every day of the century takes 7 ms for "every Sunday", this 1.
        kinds: dict[tuple[int, bool], list[int]] = {}
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            if self.years is not None and year not in self.years:
                continue
            start = date(year, 1, 1).toordinal()
            kind = (start % 7, isleap(year))
            if kind not in kinds:
                kinds[kind] = [day.toordinal() - start for day in self.days(year)]
                steps.update(b - a for a, b in pairwise(kinds[kind]))
            if days := kinds[kind]:
                if previous is not None:
                    steps.add(start + days[0] - previous)
                previous = start + days[-1]
        return steps, previous is not None

    @property
    def is_daily(self) -> bool:
        """Whether it is plain from the text that there are runs on every day."""
        return "*" in (self.day_text, self.weekday_text) and len(self.months) == 12 and self.years is None

    @property
    def ends(self) -> bool:
        """Whether there comes a moment after which fewer than two runs are left."""
        return self.years is not None


@lru_cache(maxsize=4096)
def parse(expression: str) -> Schedule:
    """Read an expression. Raises ScheduleError with a sentence that says what to write."""
    return Schedule(expression)


def judge_at(schedule: Schedule, moment: datetime, minimum: timedelta) -> Judgement:
    """What AWS says on saving at a moment: only the next two runs count."""
    runs = list(islice(schedule.runs(moment), 2))
    if len(runs) < 2:
        return Judgement(
            Verdict.REJECTED, f"it has {('no run', 'one run')[len(runs)]} left after {moment:%Y-%m-%d %H:%M}"
        )
    first, second = runs
    verdict = Verdict.ACCEPTED if second - first >= minimum else Verdict.REJECTED
    return Judgement(verdict, f"its next runs are {first:%Y-%m-%d %H:%M} and {second:%Y-%m-%d %H:%M} UTC")


@lru_cache(maxsize=4096)
def judge(schedule: Schedule, minimum: timedelta) -> Judgement:
    """What AWS says at any moment: certainly yes, certainly no, or it depends."""
    shortest, longest = schedule.gaps()
    if shortest is None or longest is None:
        return Judgement(Verdict.REJECTED, "it never runs twice")
    if longest < minimum:
        return Judgement(Verdict.REJECTED, f"its runs are never more than {_told(longest)} apart")
    if shortest < minimum:
        return Judgement(Verdict.DEPENDS, f"some of its runs are only {_told(shortest)} apart")
    if schedule.ends:
        return Judgement(Verdict.DEPENDS, "its years end")
    return Judgement(Verdict.ACCEPTED, f"its runs are at least {_told(shortest)} apart")


def _told(gap: timedelta) -> str:
    if gap >= timedelta(days=1):
        return f"{gap.days} days" if gap.days != 1 else "1 day"
    minutes = int(gap.total_seconds()) // 60
    return f"{minutes} minutes" if minutes != 1 else "1 minute"


# ---- fields ------------------------------------------------------------------------------------------------


def _number(text: str, field: _Field) -> int:
    if text in field.names:
        return field.names[text]
    if NUMBER.fullmatch(text) and (field is YEAR or field.low <= int(text) <= field.high):
        return int(text)
    choice = f"{field.low}-{field.high}" + (f" or {next(iter(field.names))}…" if field.names else "")
    raise ScheduleError(f"'{text}' is not a value of {field.name}; write {choice}.")


def _values(text: str, field: _Field) -> set[int]:
    return {value for part in text.split(",") for value in _part(part, field)}


def _part(part: str, field: _Field) -> list[int]:
    base, slash, step_text = part.partition("/")
    step = 1
    if slash:
        if not NUMBER.fullmatch(step_text) or not 1 <= int(step_text) <= field.longest_step:
            raise ScheduleError(f"The step '{step_text}' of {field.name} must be 1 to {field.longest_step}.")
        step = int(step_text)
    if base in ("*", ""):
        if not base and not slash:
            raise ScheduleError(f"A value of {field.name} is missing.")
        return list(range(field.low, field.high + 1, step))
    first_text, dash, last_text = base.partition("-")
    first = _number(first_text, field)
    if field is WEEKDAY and slash and first_text in field.names:
        step = 1  # Quartz drops a step after named weekdays
        slash = "" if not dash else slash
    last = _number(last_text, field) if dash else field.high if slash else first
    if first <= last:
        # Any number is a year; those past the highest are not listed one by one, or a range of a billion fills the memory.
        return list(range(first, min(last, max(first, field.high)) + 1, step))
    if field is YEAR:
        raise ScheduleError(f"The years '{base}' run backwards.")
    size = field.high - field.low + 1
    return [field.low + (value - field.low) % size for value in range(first, last + size + 1, step)]


class _Days:
    """The days of a month on which runs fall: `pick(year, month, last day)`."""

    def __init__(self, pick: object) -> None:
        self.pick = pick

    def __call__(self, year: int, month: int, last: int) -> list[int]:
        return self.pick(year, month, last)  # type: ignore[operator, no-any-return]


def _nearest_weekday(year: int, month: int, day: int, last: int) -> int:
    weekday = date(year, month, day).weekday()
    if weekday == 5:
        return day - 1 if day > 1 else day + 2
    if weekday == 6:
        return day + 1 if day < last else day - 2
    return day


def _day_rule(text: str) -> _Days:
    if "?" in text:
        raise ScheduleError("'?' must be alone in day-of-month.")
    if text.startswith("L"):
        match = re.fullmatch(r"L(?:-([0-9]{1,2}))?(W?)", text)
        if not match or int(match[1] or 0) > 30:
            raise ScheduleError(f"'{text}' is not a last day; write L, L-n with n up to 30, or LW.")
        back, near = int(match[1] or 0), bool(match[2])
        return _Days(lambda y, m, last: _last_day(y, m, last, back, near))
    if "L" in text:
        raise ScheduleError("'L' can't be in a list of days.")
    if "W" in text:
        parts = text.split(",")
        if not any("-" in p for p in parts):
            lowest = min(_number(p.removesuffix("W"), DAY) for p in parts)
            return _Days(lambda y, m, last: [_nearest_weekday(y, m, lowest, last)] if lowest <= last else [])
        text = text.replace("W", "")
    days = _values(text, DAY)
    return _Days(lambda y, m, last: [d for d in days if d <= last])


def _last_day(year: int, month: int, last: int, back: int, near: bool) -> list[int]:
    day = last - back
    if day < 1:
        return []
    return [_nearest_weekday(year, month, day, last)] if near else [day]


def _weekday_of(year: int, month: int, day: int) -> int:
    return date(year, month, day).isoweekday() % 7 + 1  # Sunday is 1


def _weekday_rule(text: str) -> _Days:
    if "?" in text or "W" in text.replace("WED", ""):
        raise ScheduleError(f"'{text}' is not a day-of-week.")
    if "#" in text:
        return _nth_weekday(text)
    if text.endswith("L") and text != "L" and "-" not in text:
        wanted = _number(text[:-1], WEEKDAY)
        return _Days(lambda y, m, last: [d for d in range(last - 6, last + 1) if _weekday_of(y, m, d) == wanted])
    if text == "L":
        text = "7"
    elif "-" in text and text.endswith("L"):
        text = text[:-1]
    wanted_days = _values(text, WEEKDAY)

    def pick(year: int, month: int, last: int) -> list[int]:
        first = _weekday_of(year, month, 1)
        return [day for day in range(1, last + 1) if (first + day - 2) % 7 + 1 in wanted_days]

    return _Days(pick)


def _nth_weekday(text: str) -> _Days:
    if text.count("#") != 1 or not (match := re.fullmatch(r"([A-Z0-9,]+)#([1-5])((?:,[A-Z0-9]+)*)", text)):
        raise ScheduleError(f"'{text}': write one weekday and its number in the month, such as MON#1.")
    names = [*match[1].split(","), *filter(None, match[3].split(","))]
    wanted, nth = min(_number(name, WEEKDAY) for name in names), int(match[2])

    def pick(year: int, month: int, last: int) -> list[int]:
        days = [d for d in range(1, last + 1) if _weekday_of(year, month, d) == wanted]
        return days[nth - 1 : nth]

    return _Days(pick)
