"""What a card's `require` may ask of a value: a closed vocabulary, so that a card runs no code.

Conditions in one table must all hold. `any`, `all` and `not` combine tables. Numbers compare as numbers, also when AWS
has them as text; with a unit (`365 days`, `12 weeks`) they compare as durations with fields named `…_days`, `…_minutes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import Any

from policylint.wording import did_you_mean

Value = str | tuple[str, ...] | None  # None: nothing is there
UNIT_MINUTES = {"minute": 1, "hour": 60, "day": 1_440, "week": 10_080, "month": 43_200, "year": 525_600}
LONGEST_PATTERN = 500
MOST_REPEATS = 1_000  # {9999} within {9999} would fill the memory
MATCH_SECONDS = 1.0  # a pattern that takes longer on one value backtracks forever


class RequirementError(ValueError):
    """A requirement can't be used; `key` is the wrong condition."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def check(requirement: Mapping[str, Any]) -> None:
    """Raise RequirementError for a requirement that can't be used."""
    if not requirement:
        raise RequirementError("", f"a requirement is empty. Known are {', '.join(KNOWN)}.")
    for key, wanted in requirement.items():
        if key in ("any", "all"):
            if not isinstance(wanted, list) or not wanted or not all(isinstance(one, dict) for one in wanted):
                raise RequirementError(key, f"'{key}' takes a list of requirements.")
            for one in wanted:
                check(one)
        elif key == "not":
            if not isinstance(wanted, dict):
                raise RequirementError(key, "'not' takes a requirement.")
            check(wanted)
        elif key in CHECKED:
            CHECKED[key](key, wanted)
        else:
            hint = did_you_mean(key, KNOWN, f"Known are {', '.join(KNOWN)}.")
            raise RequirementError(key, f"'{key}' is not a requirement. {hint}")


def holds(requirement: Mapping[str, Any], value: Value, field: str) -> bool:
    """Whether a value meets a requirement. `field` is the name of the setting, which may have its unit.

    Where nothing is there only `present` can fail. Raises TimeoutError for a pattern that never ends.
    """
    return all(_holds(key, wanted, value, field) for key, wanted in requirement.items())


def _holds(key: str, wanted: Any, value: Value, field: str) -> bool:
    if key == "any":
        return any(holds(one, value, field) for one in wanted)
    if key == "all":
        return all(holds(one, value, field) for one in wanted)
    if key == "not":
        return value is None or not holds(wanted, value, field)
    if key == "present":
        return (value is not None) is bool(wanted)
    if value is None:
        return True
    if key in WHOLE:
        return bool(WHOLE[key](value, wanted))
    return all(SINGLE[key](one, wanted, field) for one in ((value,) if isinstance(value, str) else value))


def judges_elements(requirement: Mapping[str, Any]) -> bool:
    """Whether it asks something of each element of a list alone, and nothing of the list as a whole."""
    return requirement.keys() <= SINGLE.keys() | {"present"}


# ---- the vocabulary ----------------------------------------------------------------------------------------


def _matches(text: str, pattern: Any, field: str) -> bool:
    import regex  # the standard library's can't be stopped

    return regex.fullmatch(pattern, text, timeout=MATCH_SECONDS) is not None


def _compares(by: Callable[[float, float], bool]) -> Callable[[str, Any, str], bool]:
    def compare(text: str, wanted: Any, field: str) -> bool:
        here, there = _number(text), _amount(wanted)
        if here is None or there is None:
            return False
        if isinstance(wanted, str) and " " in wanted:
            here *= UNIT_MINUTES[
                "minute" if field.endswith("_minutes") else "hour" if field.endswith("_hours") else "day"
            ]
        return by(here, there)

    return compare


SINGLE: dict[str, Callable[[str, Any, str], bool]] = {
    "equals": lambda text, wanted, field: text == _text(wanted),
    "one_of": lambda text, wanted, field: text in map(_text, wanted),
    "matches": _matches,
    "at_least": _compares(lambda here, there: here >= there),
    "at_most": _compares(lambda here, there: here <= there),
}
WHOLE: dict[str, Callable[[Any, Any], bool]] = {
    "contains": lambda value, wanted: _text(wanted) in value,
    "longer_than": lambda value, wanted: len(value) > wanted,
    "shorter_than": lambda value, wanted: len(value) < wanted,
}


def _text(scalar: Any) -> str:
    return str(scalar).lower() if isinstance(scalar, bool) else str(scalar)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _amount(wanted: Any) -> float | None:
    """A number, or the minutes of a text such as `12 weeks`."""
    if not isinstance(wanted, str):
        return float(wanted)
    count, _, unit = wanted.partition(" ")
    number = _number(count)
    if not unit or number is None:
        return number
    minutes = UNIT_MINUTES.get(unit.removesuffix("s"))
    return None if minutes is None else number * minutes


# ---- what each condition may be given ----------------------------------------------------------------------


def _truth(key: str, wanted: Any) -> None:
    if not isinstance(wanted, bool):
        raise RequirementError(key, f"'{key}' takes true or false.")


def _scalar(key: str, wanted: Any) -> None:
    if isinstance(wanted, dict | list) or wanted is None:
        raise RequirementError(key, f"'{key}' takes one string or number.")


def _scalars(key: str, wanted: Any) -> None:
    if not isinstance(wanted, list) or not wanted or any(isinstance(one, dict | list) for one in wanted):
        raise RequirementError(key, f"'{key}' takes a list of strings or numbers.")


def _count(key: str, wanted: Any) -> None:
    if isinstance(wanted, bool) or not isinstance(wanted, int):
        raise RequirementError(key, f"'{key}' takes a whole number.")


def _quantity(key: str, wanted: Any) -> None:
    if isinstance(wanted, bool | dict | list) or wanted is None or _amount(wanted) is None:
        units = ", ".join(f"{unit}s" for unit in UNIT_MINUTES)
        raise RequirementError(key, f"'{key}' takes a number, or one with a unit such as '365 days' ({units}).")


def _pattern(key: str, wanted: Any) -> None:
    import regex

    if not isinstance(wanted, str) or len(wanted) > LONGEST_PATTERN:
        raise RequirementError(key, f"'{key}' takes a regular expression of at most {LONGEST_PATTERN} characters.")
    counts = [int(count) for count in re.findall(r"[{,](\d{1,9})(?=[,}])", wanted)]
    if prod(filter(None, counts)) > MOST_REPEATS:
        raise RequirementError(key, f"the counts in '{wanted}' multiply to more than {MOST_REPEATS:,} repeats.")
    try:
        regex.compile(wanted)
    except regex.error as error:
        raise RequirementError(key, f"'{wanted}' is not a regular expression: {error}.") from None


CHECKED: dict[str, Callable[[str, Any], None]] = {
    "present": _truth,
    "equals": _scalar,
    "one_of": _scalars,
    "matches": _pattern,
    "contains": _scalar,
    "at_least": _quantity,
    "at_most": _quantity,
    "longer_than": _count,
    "shorter_than": _count,
}
KNOWN = (*CHECKED, "any", "all", "not")


def expected(requirement: Mapping[str, Any]) -> str:
    """The requirement in a few words, for messages: `at least 365`. That something be there goes without saying."""
    others = {key: wanted for key, wanted in requirement.items() if key != "present"}
    return " and ".join(_words(others or requirement))


def _words(requirement: Mapping[str, Any]) -> Iterator[str]:
    for key, wanted in requirement.items():
        if key in ("any", "all"):
            joined = (" or " if key == "any" else " and ").join(expected(one) for one in wanted)
            yield joined
        elif key == "not":
            yield f"not {expected(wanted)}"
        elif key == "present":
            yield "present" if wanted else "absent"
        elif isinstance(wanted, list):
            yield f"{key.replace('_', ' ')} {', '.join(map(_text, wanted))}"
        else:
            yield f"{key.replace('_', ' ')} {_text(wanted)}"
