"""What a configuration may hold: one JSON Schema, which editors complete and which the reader checks files against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from policylint.document import join
from policylint.findings import Severity
from policylint.rules import Rule

Schema = dict[str, Any]
PROFILES = ("minimal", "recommended", "strict")
SEVERITIES = [str(severity) for severity in Severity]


class Slip(NamedTuple):
    """Something in a configuration that can't be right: where (a JSON pointer), and what to write instead."""

    pointer: str
    message: str
    at_key: bool = False


def schema(rules: Iterable[Rule]) -> Schema:
    """The JSON Schema (2020-12) of a configuration, given the rules that there are."""
    by_id = {rule.id: rule for rule in sorted(rules, key=lambda rule: rule.id)}
    families = sorted({rule.card.family for rule in by_id.values()})
    selectors = _texts("rules by id, families, or 'all'", [*by_id, *families, "all"])
    settings = {
        "type": "object",
        "description": "what differs from the card, rule by rule",
        "properties": {rule.id: _rule_setting(rule) for rule in by_id.values()},
        "additionalProperties": False,
    }
    targets = {
        "organizational_units": _texts("paths such as Root/Sandbox; * stands for anything"),
        "accounts": _texts("ids or names; * stands for anything"),
        "tags": {
            "type": "object",
            "description": "tags that an account has, each with this value; * stands for anything",
            "additionalProperties": {"type": "string"},
        },
    }
    override = _table("other settings for some accounts", {**targets, "rules": settings}, ["rules"])
    ignore = _table(
        "findings that somebody has accepted",
        {
            "rule": _text("the rule's id", list(by_id)),
            "file": _text("the file, relative to this one; * stands for anything"),
            "pointer": _text("the place in the file, such as /plans/*/regions; * stands for anything"),
            "organizational_units": targets["organizational_units"],
            "accounts": targets["accounts"],
            "reason": _text("why the finding is accepted"),
            "until": {**_text("the last day on which it is, such as 2027-01-31"), "format": "date"},
        },
        ["rule", "reason"],
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "policylint's configuration",
        **_table(
            "policylint.yaml, or the table tool.policylint of pyproject.toml",
            {
                "profile": _text("the set of rules to start from (default: recommended)", list(PROFILES)),
                "select": {**selectors, "description": "rules or families to add to the profile"},
                "ignore": {**selectors, "description": "rules or families to leave out"},
                "rules": settings,
                "overrides": {"type": "array", "description": override["description"], "items": override},
                "ignores": {"type": "array", "description": ignore["description"], "items": ignore},
                "fail_on": _text("exit with 1 from this severity on (default: error)", [*SEVERITIES, "never"]),
            },
            [],
        ),
    }


def _rule_setting(rule: Rule) -> Schema:
    options: dict[str, Schema] = {
        name: {"type": "integer", "minimum": 0, "description": f"default: {value}"}
        if isinstance(value, int)
        else {"type": "string", "description": f"default: {value}"}
        for name, value in rule.card.options.items()
    }
    severity = _text(f"how loud its findings are (default: {rule.card.severity})", SEVERITIES)
    table = _table(rule.card.title, {"severity": severity, **options}, [])
    return {"description": rule.card.title, "oneOf": [{"enum": ["off", "on", *SEVERITIES, False, True]}, table]}


def _text(description: str, one_of: list[str] | None = None) -> Schema:
    return {"type": "string", "description": description, **({"enum": one_of} if one_of else {})}


def _texts(description: str, one_of: list[str] | None = None) -> Schema:
    return {"type": "array", "description": description, "items": _text(description, one_of)}


def _table(description: str, properties: dict[str, Schema], required: list[str]) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


# ---- checking against it: the few words of JSON Schema that are used above ---------------------------------


def slips(value: Any, wanted: Schema, pointer: str = "") -> Iterator[Slip]:
    """What is wrong with a value, in the order of the file."""
    if "oneOf" in wanted:
        yield from slips(value, wanted["oneOf"][1] if isinstance(value, dict) else wanted["oneOf"][0], pointer)
    elif isinstance(value, dict | list) and wanted.get("type") == "string":
        yield Slip(pointer, f"A text belongs here: {wanted['description']}.")
    elif "enum" in wanted and (isinstance(value, list) or value not in wanted["enum"]):
        yield Slip(pointer, _not_among(value, [known for known in wanted["enum"] if isinstance(known, str)]))
    elif wanted.get("type") == "object":
        yield from _object_slips(value, wanted, pointer)
    elif wanted.get("type") == "array":
        if not isinstance(value, list):
            yield Slip(pointer, f"A list belongs here: {wanted['description']}.")
            return
        for index, item in enumerate(value):
            yield from slips(item, wanted["items"], f"{pointer}/{index}")
    elif wanted.get("type") == "integer":
        if isinstance(value, bool) or not isinstance(value, int) or value < wanted["minimum"]:
            yield Slip(pointer, f"A whole number belongs here, {wanted['minimum']} or more ({wanted['description']}).")
    elif wanted.get("type") == "string" and not isinstance(value, str):
        yield Slip(pointer, f"A text belongs here: {wanted['description']}.")
    elif wanted.get("format") == "date" and not _is_date(value):
        yield Slip(pointer, f"'{value}' is no date such as 2027-01-31.")


def _object_slips(value: Any, wanted: Schema, pointer: str) -> Iterator[Slip]:
    if not isinstance(value, dict):
        yield Slip(pointer, f"Keys and values belong here: {wanted['description']}.")
        return
    known = wanted.get("properties", {})
    for key, item in value.items():
        below = join(pointer, key)
        if key in known:
            yield from slips(item, known[key], below)
        elif isinstance(wanted["additionalProperties"], dict):
            yield from slips(item, wanted["additionalProperties"], below)
        else:
            yield Slip(below, _not_among(key, list(known)), at_key=True)
    for key in wanted.get("required", ()):
        if key not in value:
            yield Slip(pointer, f"'{key}' is missing: {known[key]['description']}.", at_key=True)


def _not_among(value: Any, known: list[str]) -> str:
    near = get_close_matches(str(value), known, 1)
    if near:
        return f"'{value}' is not known here. Did you mean '{near[0]}'?"
    few = ", ".join(known) if len(known) <= 12 else f"the {len(known)} that `policylint rules` lists"
    return f"'{value}' is not known here. Known are {few}."


def _is_date(value: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
