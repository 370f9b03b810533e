"""What the front matter of a card without Python may hold, in the words of schema.py."""

from __future__ import annotations

from policylint.findings import SEVERITIES, Outcome
from policylint.policy_types import Registry
from policylint.rules import PROFILES, WORSE
from policylint.schema import Schema

TEXT: Schema = {"type": "string", "description": "a text"}


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
                "description": "what must hold, such as {at_least: 35}",
                "additionalProperties": {"description": "what the requirement takes"},
            },
            "message": {
                **TEXT,
                "description": "the sentence to tell; {name}, {value}, {expected} and {plan} are filled in",
            },
            "scope": {
                **TEXT,
                "description": "what $ is: an entry such as a plan (default), an effective policy or a document",
                "enum": ["entry", "effective", "document", "plan"],
            },
            "where": {
                "type": "object",
                "description": "the accounts that the rule is about",
                "additionalProperties": False,
                "properties": {
                    "organizational_units": _texts("paths such as Root/Sandbox"),
                    "accounts": _texts("ids or names"),
                    "tags": {"type": "object", "description": "tags of the account", "additionalProperties": TEXT},
                },
            },
            "outcome": {**TEXT, "description": "what AWS does", "enum": [str(outcome) for outcome in Outcome]},
            "severity": {**TEXT, "description": "how loud it is", "enum": SEVERITIES},
            "policy_types": _texts("the policy types, by AWS's names or short ones, or all", [*names, "all"]),
            "grouped": {
                "type": "boolean",
                "description": "true: one finding for all plans of a policy of which it says the same",
            },
            "profiles": _texts("only in these profiles", list(PROFILES)),
            "worse": {
                **TEXT,
                "description": "which number is worse than one that a baseline accepted (default: as `require` says, else any)",
                "enum": list(WORSE),
            },
            "sources": _texts("where the rule comes from"),
            "since": {**TEXT, "description": "the version that brought it"},
        },
        "$defs": {},
    }
