"""What the front matter of a card without Python may hold, in the words of schema.py."""

from __future__ import annotations

from policylint.findings import SEVERITIES, Outcome
from policylint.policy_types import Registry
from policylint.rules import PROFILES, WORSE
from policylint.schema import Schema

TEXT: Schema = {"type": "string", "description": "a string"}


def _texts(description: str, one_of: list[str] | None = None) -> Schema:
    items = {**TEXT, **({"enum": one_of} if one_of else {})}
    return {"type": "array", "description": description, "items": items}


def front_matter(types: Registry) -> Schema:
    """The schema, given the policy types that there are."""
    names = [name for kind in types.values() if kind.checked for name in (kind.enum, kind.folder)]
    return {
        "type": "object",
        "description": "the front matter of a card: select, require and message",
        "required": ["select", "require", "message"],
        "additionalProperties": False,
        "properties": {
            "select": {**TEXT, "description": "a JSONPath such as $.rules.*, over what `scope` names"},
            "field": {**TEXT, "description": "a path such as lifecycle.delete_after_days, below what is selected"},
            "require": {
                "type": "object",
                "description": "the requirement, such as {at_least: 35}",
                "additionalProperties": {"description": "the argument of the requirement"},
            },
            "message": {
                **TEXT,
                "description": "the message of a finding; {name}, {value}, {expected} and {plan} are filled in",
            },
            "scope": {
                **TEXT,
                "description": "what $ is: an entry such as a plan (default), an effective policy or a document",
                "enum": ["entry", "effective", "document", "plan"],
            },
            "where": {
                "type": "object",
                "description": "the accounts that the rule applies to",
                "additionalProperties": False,
                "properties": {
                    "organizational_units": _texts("paths such as Root/Sandbox"),
                    "accounts": _texts("ids or names"),
                    "tags": {"type": "object", "description": "tags of the account", "additionalProperties": TEXT},
                },
            },
            "outcome": {**TEXT, "description": "what AWS does", "enum": [str(outcome) for outcome in Outcome]},
            "severity": {**TEXT, "description": "the severity of its findings", "enum": SEVERITIES},
            "policy_types": _texts("the policy types, by AWS's names or short ones, or all", [*names, "all"]),
            "grouped": {
                "type": "boolean",
                "description": "true: one finding for all plans of a policy with the same problem",
            },
            "profiles": _texts("only in these profiles", list(PROFILES)),
            "worse": {
                **TEXT,
                "description": "which number is worse than the one in the baseline (default: as `require` says, else any)",
                "enum": list(WORSE),
            },
            "sources": _texts("the sources of the rule"),
            "since": {**TEXT, "description": "the first version with the rule"},
        },
        "$defs": {},
    }
