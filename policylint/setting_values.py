"""What AWS takes as the value of a setting, and what is wrong with one that it does not take as it was meant.

Source: docs/aws-behaviour.md, "Admission" and "Schedules".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from policylint.cross_fields import Found
from policylint.document import Document
from policylint.findings import Fault, Place
from policylint.policy_types.shape import INTEGER, Values
from policylint.remedies import replaced, value_meant
from policylint.scalars import has_placeholder, text_of
from policylint.schedules import HOURLY, ScheduleError, Verdict, judge, judge_at, parse
from policylint.schedules_meant import schedule_meant
from policylint.source import SourceText
from policylint.wording import hinted, nearest_part

LIKE_A_NAME = 0.7  # so much alike are a listed name and a misspelling of it
NOWHERE = Place(Document(SourceText("", "")))


@lru_cache(maxsize=65536)
def is_in_order(text: str, values: Values, at: datetime | None) -> bool:
    """Whether there is nothing to say of a text that is a value of some setting."""
    return not has_placeholder(text) and not any(value_faults(NOWHERE, text, values, "", at))


def value_faults(place: Place, item: Any, values: Values, name: str, at: datetime | None) -> Iterator[Found]:
    """The problems of one value of the setting `name`, which holds no placeholder. `at` is the moment of saving."""
    if isinstance(item, dict | list):
        yield "malformed-value", Fault(place, f"A value of '{name}' must be a string. AWS rejects anything else.")
        return
    text = text_of(item)
    if right := values.older.get(text):
        message = (
            f"'{text}' is an older form that AWS's page no longer lists. AWS may reject it, or enforce nothing. "
            f"Write '{right}'."
        )
        fix = replaced(place, right, safe=False) if ":" in right else None
        yield "older-form", Fault(place, message, fix=fix)
    elif kind_of(item) not in values.scalars or mismatch(text, values):
        message = f"'{text}' is not a valid value of '{name}'. AWS rejects the document. Write {values.says}."
        message = hinted(message, text, values.one_of or ())
        fix = value_meant(place, item, values, partial(fits, values=values))
        yield "malformed-value", Fault(place, message, fix=fix)
    elif values.check == "schedule":
        yield from _schedule_faults(place, text, at)
    elif unlisted(text, values):
        yield "unlisted-value", Fault(place, told_unlisted(text, f"values of '{name}'", values))
    elif values.service_limit and int(text) > values.service_limit.most:
        limit, unit, service = values.service_limit
        message = (
            f"{service} takes at most {limit:,} {unit} for '{name}', not {int(text):,}, so the plan can't be made."
        )
        yield "value-over-backup-limit", Fault(place, message)
    if item is None and kind_of(item) in values.scalars:
        message = (
            f"'{name}' has a null. AWS reads it as the string 'null', and takes that as a value. Remove it, or "
            f"write the string."
        )
        yield "null-as-text", Fault(place, message)


def _schedule_faults(place: Place, text: str, at: datetime | None) -> Iterator[Found]:
    try:
        schedule = parse(text)
    except ScheduleError:
        meant = schedule_meant(text)
        message = f"'{text}' is not a schedule that AWS can parse. AWS rejects the document. {meant.advice}"
        fix = replaced(place, meant.expression, safe=meant.certain)
        yield "malformed-schedule", Fault(place, message, fix=fix)
        return
    verdict, reason = judge_at(schedule, at, HOURLY) if at else judge(schedule, HOURLY)
    if verdict is Verdict.REJECTED:
        message = (
            f"The schedule '{text}' is not valid: {reason}. AWS rejects the document. Let each run have a next "
            f"one, at least an hour later."
        )
        yield "schedule-refused", Fault(place, message)
    elif verdict is Verdict.DEPENDS:
        message = (
            f"AWS accepts or rejects the schedule '{text}' depending on when it is saved: {reason}. Leave at least "
            f"an hour between all runs."
        )
        yield "schedule-depends-on-moment", Fault(place, message)
    for oddity in schedule.oddities():
        yield "schedule-read-otherwise", Fault(place, oddity)


def told_unlisted(text: str, what: str, values: Values) -> str:
    """The sentences on a text that is not on a list of AWS's as far as that is known."""
    near = nearest_part(text, values.known, ":", LIKE_A_NAME)
    advice = f". Did you mean '{near}'?" if near else f": write {values.says}."
    return f"'{text}' is not among the known {what}. AWS rejects what is not on its own list{advice}"


def fits(text: str, values: Values) -> bool:
    """Whether AWS takes a text as a value."""
    return not mismatch(text, values) and not unlisted(text, values)


def kind_of(scalar: Any) -> str:
    """The JSON kind of a scalar."""
    if scalar is None:
        return "null"
    if isinstance(scalar, bool):
        return "boolean"
    return "string" if isinstance(scalar, str) else "number"


@lru_cache(maxsize=16384)
def unlisted(text: str, values: Values) -> bool:
    """Whether a well-formed text is missing from what AWS's own list is known to hold."""
    if values.known and (text in values.known or text.lower() in _folded(values.known)):
        return False
    return bool(values.listed or values.known) and not (values.listed and re.fullmatch(values.listed, text))


@lru_cache(maxsize=16)
def _folded(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


@lru_cache(maxsize=16384)
def mismatch(text: str, values: Values) -> str:
    """What the text ought to be; empty when it is that."""
    fits = (
        (values.one_of is None or text in values.one_of)
        and (not values.pattern or re.fullmatch(values.pattern, text) is not None)
        and (values.length is None or values.length[0] <= len(text) <= values.length[1])
        and (values.wildcard_limit is None or text.count("*") <= values.wildcard_limit)
        and (values.minimum is None or (INTEGER.fullmatch(text) is not None and int(text) >= values.minimum))
    )
    return "" if fits else values.says
