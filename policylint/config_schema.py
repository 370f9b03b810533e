"""What a configuration may hold: one JSON Schema, which editors complete and which the reader checks files against."""

from __future__ import annotations

from collections.abc import Iterable

from policylint.choice import EXCEPT
from policylint.findings import SEVERITIES
from policylint.rules import PROFILES, Rule
from policylint.schema import Schema


def schema(rules: Iterable[Rule]) -> Schema:
    """The JSON Schema (2020-12) of a configuration, given the rules that there are."""
    by_id = {rule.id: rule for rule in sorted(rules, key=lambda rule: rule.id)}
    families = sorted({rule.card.family for rule in by_id.values()})
    definitions: dict[str, Schema] = {
        "rule": _text("the rule's id", list(by_id)),
        "severity": _text("the severity of its findings", SEVERITIES),
        "except": _texts(
            "units and accounts that the rule does not apply to, such as Root/Suspended; * matches anything"
        ),
        "switch": {"enum": ["off", "on", *SEVERITIES, False, True]},
        "selector": _text("a rule's id, a family, or 'all'", [*by_id, *families, "all"]),
        "settings": _table(
            "what differs from the card, rule by rule", {rule.id: _rule_setting(rule) for rule in by_id.values()}, []
        ),
    }
    settings = {"$ref": "#/$defs/settings"}
    targets = {
        "organizational_units": _texts("paths such as Root/Sandbox; * matches anything"),
        "accounts": _texts("ids or names; * matches anything"),
        "tags": {
            "type": "object",
            "description": "tags that an account has, each with this value; * matches anything",
            "additionalProperties": {"type": "string"},
        },
    }
    override = _table("rules for the accounts that all conditions match", {**targets, "rules": settings}, ["rules"])
    ignore = _table(
        "findings to suppress",
        {
            "rule": {"$ref": "#/$defs/rule"},
            "file": _text("the file, relative to this one; * matches anything"),
            "pointer": _text("the place in the file, such as /plans/*/regions; * matches anything"),
            "organizational_units": targets["organizational_units"],
            "accounts": targets["accounts"],
            "reason": {**_text("why the finding is suppressed"), "minLength": 1, "pattern": r"\S"},
            "until": {**_text("the last day of the ignore, such as 2027-01-31"), "format": "date"},
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
                "ignores": _list("findings to suppress", ignore),
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
