"""A value against a schema: the few words of JSON Schema that configurations and cards are described with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from policylint.places import join
from policylint.wording import did_you_mean

Schema = dict[str, Any]


class Slip(NamedTuple):
    """Something in a file that can't be right: where (a JSON pointer), and what to write instead."""

    pointer: str
    message: str
    at_key: bool = False


def slips(value: Any, whole: Schema) -> Iterator[Slip]:
    """What is wrong with a value, in the order of the file. `whole` is a schema with its `$defs`."""
    yield from _slips(value, whole, "", whole["$defs"])


def _slips(value: Any, wanted: Schema, pointer: str, definitions: Schema) -> Iterator[Slip]:
    wanted = _resolved(wanted, definitions)
    if "oneOf" in wanted:
        single, table = (_resolved(one, definitions) for one in wanted["oneOf"])
        wanted = table if isinstance(value, dict) else single
    kind = wanted.get("type")
    if kind == "object" and isinstance(value, dict):
        yield from _table_slips(value, wanted, pointer, definitions)
    elif kind == "array" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _slips(item, wanted["items"], f"{pointer}/{index}", definitions)
    elif kind in ("object", "array"):
        what = "Keys and values belong" if kind == "object" else "A list belongs"
        yield Slip(pointer, f"{what} here: {wanted['description']}.")
    elif message := _scalar_slip(value, wanted):
        yield Slip(pointer, message)


def _table_slips(value: dict[str, Any], wanted: Schema, pointer: str, definitions: Schema) -> Iterator[Slip]:
    known, other = wanted.get("properties", {}), wanted["additionalProperties"]
    for key, item in value.items():
        below = join(pointer, key)
        if key in known or other:
            yield from _slips(item, known.get(key, other), below, definitions)
        else:
            yield Slip(below, _not_among(key, list(known)), at_key=True)
    for key in wanted.get("required", ()):
        if key not in value:
            yield Slip(
                pointer, f"'{key}' is missing: {_resolved(known[key], definitions)['description']}.", at_key=True
            )


def _resolved(wanted: Schema, definitions: Schema) -> Schema:
    found: Schema = definitions[wanted["$ref"].rpartition("/")[2]] if "$ref" in wanted else wanted
    return found


def _scalar_slip(value: Any, wanted: Schema) -> str:
    """What is wrong with a text, a number or one of a few values; empty when nothing is."""
    described = wanted.get("description", "a name or a pattern")
    if wanted.get("type") == "integer":
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= wanted["minimum"]
        return "" if fits else f"A whole number belongs here, {wanted['minimum']} or more ({described})."
    if wanted.get("type") == "boolean" and not isinstance(value, bool):
        return f"true or false belongs here ({described})."
    if wanted.get("type") == "string" and not isinstance(value, str):
        quotes = " Put it in quotes." if isinstance(value, int | float) else ""
        return f"A string belongs here: {described}.{quotes}"
    if "minLength" in wanted and not value.strip():
        return f"A string belongs here, and this one is empty: {described}."
    if "enum" in wanted and value is None:
        return f"There is no value here. Known are {', '.join(one for one in wanted['enum'] if isinstance(one, str))}."
    if "enum" in wanted and not any(value == known and type(value) is type(known) for known in wanted["enum"]):
        return _not_among(value, [known for known in wanted["enum"] if isinstance(known, str)])
    if wanted.get("format") == "date" and not _is_date(value):
        return f"'{value}' is not a date such as 2027-01-31."
    return ""


def _not_among(value: Any, known: list[str]) -> str:
    if hint := did_you_mean(str(value), known):
        return f"'{value}' is not known here. {hint}"
    few = ", ".join(known) if len(known) <= 20 else f"the {len(known)} that `policylint rules` lists"
    return f"'{value}' is not known here. Known are {few}."


def _is_date(value: str) -> bool:
    from datetime import date

    try:
        return date.fromisoformat(value).isoformat() == value  # it takes other ways to write a date too
    except ValueError:
        return False
