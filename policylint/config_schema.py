"""What a configuration may hold: one JSON Schema, which editors complete and which the reader checks files against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from policylint.compliance import FRAMEWORKS
from policylint.document import join
from policylint.findings import Severity
from policylint.rules import Rule
from policylint.wording import did_you_mean

Schema = dict[str, Any]
SELF_CONTAINED = "self-contained"  # the profile of those who write each policy complete
PROFILES = ("minimal", "recommended", "strict", SELF_CONTAINED, *FRAMEWORKS)
EXCEPT = "except"  # of a rule's table: where it says nothing
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
    definitions: dict[str, Schema] = {
        "rule": _text("the rule's id", list(by_id)),
        "severity": _text("how loud its findings are", SEVERITIES),
        "except": _texts(
            "units and accounts that the rule is not about, such as Root/Suspended; * stands for anything"
        ),
        "switch": {"enum": ["off", "on", *SEVERITIES, False, True]},
        "selector": _text("a rule's id, a family, or 'all'", [*by_id, *families, "all"]),
        "settings": _table(
            "what differs from the card, rule by rule", {rule.id: _rule_setting(rule) for rule in by_id.values()}, []
        ),
    }
    settings = {"$ref": "#/$defs/settings"}
    targets = {
        "organizational_units": _texts("paths such as Root/Sandbox; * stands for anything"),
        "accounts": _texts("ids or names; * stands for anything"),
        "tags": {
            "type": "object",
            "description": "tags that an account has, each with this value; * stands for anything",
            "additionalProperties": {"type": "string"},
        },
    }
    override = _table("rules for the accounts that all conditions match", {**targets, "rules": settings}, ["rules"])
    ignore = _table(
        "findings that somebody has accepted",
        {
            "rule": {"$ref": "#/$defs/rule"},
            "file": _text("the file, relative to this one; * stands for anything"),
            "pointer": _text("the place in the file, such as /plans/*/regions; * stands for anything"),
            "organizational_units": targets["organizational_units"],
            "accounts": targets["accounts"],
            "reason": {**_text("why the finding is accepted"), "minLength": 1, "pattern": r"\S"},
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
                "self_contained": {
                    "type": "boolean",
                    "description": "true: every backup policy has to be complete and valid by itself",
                },
                "select": _list("rules or families to add to the profile", {"$ref": "#/$defs/selector"}),
                "ignore": _list("rules or families to leave out", {"$ref": "#/$defs/selector"}),
                "rules": settings,
                "overrides": _list("other settings for some accounts", override),
                "ignores": _list("findings that somebody has accepted", ignore),
                "card_folders": _texts("more folders of cards, relative to this file, or package:NAME/FOLDER"),
                "baseline": _text("the baseline, relative to this file (default: policylint-baseline.json in PATH)"),
                "fail_on": _text("exit with 1 from this severity on (default: error)", [*SEVERITIES, "never"]),
            },
            [],
        ),
        "$defs": definitions,
    }


def _rule_setting(rule: Rule) -> Schema:
    options: dict[str, Schema] = {
        name: {"type": "integer", "minimum": 0, "description": f"default: {value}"}
        if isinstance(value, int)
        else {"type": "string", "description": f"default: {value}"}
        for name, value in rule.card.options.items()
    }
    table = _table(
        f"default severity: {rule.card.severity}",
        {"severity": {"$ref": "#/$defs/severity"}, EXCEPT: {"$ref": "#/$defs/except"}, **options},
        [],
    )
    return {"description": rule.card.title, "oneOf": [{"$ref": "#/$defs/switch"}, table]}


def _text(description: str, one_of: list[str] | None = None) -> Schema:
    return {"type": "string", "description": description, **({"enum": one_of} if one_of else {})}


def _texts(description: str) -> Schema:
    return _list(description, {"type": "string"})


def _list(description: str, items: Schema) -> Schema:
    return {"type": "array", "description": description, "items": items}


def _table(description: str, properties: dict[str, Schema], required: list[str]) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


# ---- checking against it: the few words of JSON Schema that are used above ---------------------------------


def slips(value: Any, whole: Schema) -> Iterator[Slip]:
    """What is wrong with a configuration, in the order of the file."""
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
        return f"A text belongs here: {described}.{quotes}"
    if "minLength" in wanted and not value.strip():
        return f"A text belongs here, and this one is empty: {described}."
    if "enum" in wanted and value is None:
        return f"Nothing stands here. Known are {', '.join(one for one in wanted['enum'] if isinstance(one, str))}."
    if "enum" in wanted and not any(value == known and type(value) is type(known) for known in wanted["enum"]):
        return _not_among(value, [known for known in wanted["enum"] if isinstance(known, str)])
    if wanted.get("format") == "date" and not _is_date(value):
        return f"'{value}' is no date such as 2027-01-31."
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
