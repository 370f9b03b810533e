"""The schema means to policylint what it means to editors: the reader agrees with a validator of JSON Schema."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from policylint.config_schema import schema
from policylint.plugins import load
from policylint.schema import slips

WHOLE = schema(
    rule for name, rule in load(()).rules.items() if name in ("rare-schedule", "kept-forever", "placeholder")
)
VALIDATOR = Draft202012Validator(WHOLE, format_checker=Draft202012Validator.FORMAT_CHECKER)
ODD = st.sampled_from(
    [None, True, 1, 0, -1, 1.5, "", " ", "on", "x", "2027-1-31", "20270131", [], ["all"], {}, {"x": 1}]
)


def values(wanted: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values as the schema wants them, some of them with something odd inside."""
    if "$ref" in wanted:
        wanted = WHOLE["$defs"][wanted["$ref"].rpartition("/")[2]]
    return st.one_of(right(wanted), right(wanted), right(wanted), ODD)


def right(wanted: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "oneOf" in wanted:
        return st.one_of(*map(values, wanted["oneOf"]))
    if "enum" in wanted:
        return st.sampled_from(wanted["enum"])
    if wanted["type"] == "object":
        fields = {name: values(field) for name, field in wanted.get("properties", {}).items()}
        needed = {name: fields.pop(name) for name in wanted.get("required", ())}
        some = st.fixed_dictionaries(needed, optional=fields)
        unknown = st.dictionaries(st.sampled_from(["x", "severty"]), st.just("on"), max_size=1)
        return some if fields else st.builds(lambda known, other: {**known, **other}, some, unknown)
    if wanted["type"] == "array":
        return st.lists(values(wanted["items"]), max_size=2)
    if wanted["type"] == "integer":
        return st.integers(-1, 3)
    return st.sampled_from(["2027-01-31", "Root/*"])


@given(values(WHOLE))
@example({"rules": {"kept-forever": 1}})
@example({"rules": {"kept-forever": 0.0}})
@example({"ignores": [{"rule": "kept-forever", "reason": "agreed", "until": "20270131"}]})
@example({"rules": {"rare-schedule": {"maximum_hours": True}}})
@example({"ignores": [{"rule": "kept-forever", "reason": ""}]})
@example({"ignores": [{"rule": "kept-forever", "reason": " \t\n"}]})
def test_the_reader_finds_fault_where_a_validator_does(value: Any) -> None:
    assert (not list(slips(value, WHOLE))) == VALIDATOR.is_valid(value)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(WHOLE)
