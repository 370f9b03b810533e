"""Fixes for what AWS rejects on one document, where there is one right answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from policylint.findings import Edit, Fix, Place
from policylint.operators import CONTROL, CONTROL_MEMBERS, VALUE_OPERATORS
from policylint.policy_types.shape import Setting, Values, letters
from policylint.scalars import has_placeholder, text_of
from policylint.wording import nearest

Fits = Callable[[str], bool]

# The operators are few and unlike each other, so that a typing mistake leaves no doubt. Field names are not.
LIKE_AN_OPERATOR = 0.85
_NUMBER = re.compile(r"\s*([0-9]+)(?:\.0*)?\s*")
_WITH_UNIT = {"days": re.compile(r"([0-9]+) ?(?:days?|d)"), "minutes": re.compile(r"([0-9]+) ?(?:minutes?|mins?|m)")}
_ACCOUNT = re.compile(r"(arn:[^:]*:iam::)[0-9]{12}(:role/.*)")
_REGION_AND_ACCOUNT = re.compile(r"(arn:[^:]*:backup:)[^:]*:[^:]*(:backup-vault:.*)")


def renamed(place: Place, new: str | None, *, safe: bool = True) -> Fix | None:
    """Give the member at a place another name."""
    return Fix(f"Write '{new}'.", (Edit("rename", place, new),), safe) if new else None


def replaced(place: Place, new: str | None, *, safe: bool = True) -> Fix | None:
    """Give the setting at a place another value."""
    return Fix(f"Write '{new}'.", (Edit("replace", place, new),), safe) if new is not None else None


def deleted(place: Place, *, safe: bool = True) -> Fix:
    """Take the member or the element at a place out."""
    return Fix("Remove it.", (Edit("delete", place),), safe)


def reordered(place: Place, names: Iterable[str]) -> Fix:
    """Put the members of the object at a place into this order."""
    return Fix("Write them in this order.", (Edit("reorder", place, around=tuple(names)),))


def wrapped(place: Place, *around: str, safe: bool = True) -> Fix:
    """Put objects with these names around the value at a place; "" is a list."""
    return Fix("Write it as " + _shown(around) + ".", (Edit("wrap", place, around=around),), safe)


def _shown(around: tuple[str, ...]) -> str:
    text = "…"
    for name in reversed(around):
        text = f'{{"{name}": {text}}}' if name else f"[{text}]"
    return text


def in_operator(place: Place, value: Any, setting: Setting) -> Fix | None:
    """Assign a value that has no operator; a list of several has no place in a single-valued setting.

    A list of one has: once it is assigned, `out_of_list` fixes what is left.
    """
    if value is None or (isinstance(value, list) and any(isinstance(item, dict | list) for item in value)):
        return None
    if isinstance(value, list):
        return wrapped(place, "@@assign") if setting.multi or len(value) == 1 else None
    return wrapped(place, "@@assign", "") if setting.multi else wrapped(place, "@@assign")


def in_list(place: Place, value: Any) -> Fix | None:
    """Make one value a list of one."""
    return None if value is None or isinstance(value, dict) else wrapped(place, "")


def out_of_list(place: Place, value: Any) -> Fix | None:
    """Make a list of one value that value."""
    if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], dict | list):
        return Fix("Write the value without a list.", (Edit("unwrap", place),))
    return None


def operator_spelt(place: Place, name: str, taken: set[str]) -> Fix | None:
    """Rename a member to the operator that was meant, where it is not `taken`: the names in the object, in lower case."""
    meant = operator_meant(name)
    return renamed(place, meant) if meant not in taken else None


def operator_meant(name: str, *, control: bool = True) -> str | None:
    """The operator that somebody meant who wrote a name like it."""
    known = [*VALUE_OPERATORS, CONTROL] if control else list(CONTROL_MEMBERS)
    same = [operator for operator in known if letters(operator) == letters(name)]
    return next(iter(same), None) or nearest(name.lower(), known, LIKE_AN_OPERATOR) or None


def member_meant(place: Place, key: str, known: Iterable[str], taken: set[str], near: str) -> Fix | None:
    """Rename a field to the one whose letters it has, or, which is a guess, to the `near` one."""
    same = next((name for name in known if letters(name) == letters(key)), None)
    new = same or near
    return renamed(place, new, safe=bool(same)) if new and new not in taken else None


def value_meant(place: Place, item: Any, values: Values, fits: Fits) -> Fix | None:
    """Spell a value as AWS takes it, where only its spelling is wrong. `fits` says whether AWS would accept a text."""
    if item is None or isinstance(item, dict | list):
        return None
    text = text_of(item)
    if has_placeholder(text):
        return None
    if fits(text):
        return Fix("Write it as a string, in quotes.", (Edit("quote", place),))
    if spelling := spelling_meant(text, values, fits):
        return replaced(place, spelling)
    # Another account's role, or a fixed vault, may have been meant: then a policy is not a way to reach it.
    guesses = (_ACCOUNT.sub(r"\1$account\2", text), _REGION_AND_ACCOUNT.sub(r"\1$region:$account\2", text))
    return replaced(place, next((guess for guess in guesses if guess != text and fits(guess)), None), safe=False)


def spelling_meant(text: str, values: Values, fits: Fits) -> str | None:
    """The only text that AWS would take and that differs from this one in spelling alone."""
    found = {candidate for candidate in _spellings(text, values) if candidate != text and fits(candidate)}
    return found.pop() if len(found) == 1 else None


def _spellings(text: str, values: Values) -> Iterator[str]:
    yield text.strip()
    if values.one_of:
        yield from (known for known in values.one_of if letters(known) == letters(text))
    if values.pattern and "A-Z" not in values.pattern:
        yield text.strip().lower()
    if values.pattern and "a-z" not in values.pattern:
        yield text.strip().upper()
    if values.minimum is not None:
        unit = values.service_limit.unit if values.service_limit else ""
        if number := _NUMBER.fullmatch(text) or (unit in _WITH_UNIT and _WITH_UNIT[unit].fullmatch(text.strip())):
            yield number[1]
