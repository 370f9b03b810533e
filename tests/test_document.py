"""Reading: values, places, and a sentence for each way in which a text can be broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.by_path import read_document
from policylint.parsing import parse_document
from policylint.places import join
from policylint.scalars import Placeholder, text_of

LEAVES = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=5)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


def pointers(value: Any, pointer: str = "") -> Any:
    yield pointer, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from pointers(item, join(pointer, str(key)))


@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), st.sampled_from([None, 0, 2]))
def test_every_span_holds_its_value(value: dict[str, Any], indent: int | None) -> None:
    document = parse_document(json.dumps(value, indent=indent, ensure_ascii=False), "a.json")
    assert document.value == value
    for pointer, item in pointers(value):
        start, end = document.value_span(pointer)
        assert json.loads(document.text[start:end]) == item


@pytest.mark.parametrize(
    ("text", "words", "line", "column"),
    [
        ('{"a": 1,}', "a comma before", 1, 8),
        ('{\n  "a": 1\n  "b": 2\n}', "comma is missing", 3, 3),
        ('{"a": [1', "ends before", 1, 8),
        ("", "empty", 1, 1),
        ("{'a': 1}", "double quotes", 1, 2),
        ('{"a": NaN}', "not a JSON value", 1, 7),
        ('{"a": 1} {}', "one JSON object", 1, 10),
        ("[" * 5000, "levels deep", 1, 1),
        ('{"a": ' + "9" * 5000 + "}", "too many digits", 1, 1),
        ("{\u2028'a': 1}", "not JSON", 1, 2),
    ],
)
def test_broken_json_gets_a_sentence(text: str, words: str, line: int, column: int) -> None:
    document = parse_document(text, "a.json")
    assert document.value is None
    assert words in document.problems[0].message
    assert document.position(document.problems[0].span.start) == (line, column)


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_a_name_that_stands_twice_is_found_with_both_places(name: str) -> None:
    document = parse_document('{"p": {"a": 1,\n "a": 2}}', name)
    (problem,) = document.problems
    assert problem.rule == "duplicate-key"
    assert document.position(problem.span.start) == (2, 2)
    assert document.position(problem.related[0][0].start) == (1, 8)


def test_a_byte_order_mark_is_skipped() -> None:
    document = parse_document('\ufeff{"a": 1}', "a.json")
    assert document.value == {"a": 1}
    assert document.value_span("/a") == (7, 8)


def test_numbers_keep_their_written_form() -> None:
    value = parse_document('{"a": 60.0, "b": 1e2, "c": 60}', "a.json").value
    assert [text_of(value[key]) for key in "abc"] == ["60.0", "1e2", "60"]


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"a": ${X::Regions}}', "${X::Regions}"), ('{"a": {{ Regions }} }', "{{ Regions }}")],
)
def test_a_bare_placeholder_stays_opaque(text: str, value: str) -> None:
    document = parse_document(text, "a.json")
    assert document.problems == ()
    assert document.placeholders
    assert document.value["a"] == value
    assert isinstance(document.value["a"], Placeholder)


def test_yaml_ids_keep_their_zeros_and_yes_is_a_text() -> None:
    value = parse_document("id: 012345678901\non: yes\nn: 12\nt: true\nz: ~\n", "a.yaml").value
    assert value == {"id": "012345678901", "on": "yes", "n": 12, "t": True, "z": None}


@pytest.mark.parametrize("text", ['{"a": [ec2:instance, b]}', "a: [ec2:instance, b]", "{a: [ec2:instance, b]}"])
def test_a_colon_inside_a_word_is_no_mapping(text: str) -> None:
    document = parse_document(text, "a.yaml")
    assert document.value == {"a": ["ec2:instance", "b"]}
    start, end = document.entries["/a/0"].value
    assert text[start:end] == "ec2:instance"


def test_yaml_places_count_code_points() -> None:
    document = parse_document("ключ: é\nlist:\n  - {name: ü, id: 7}\n", "a.yaml")
    start, end = document.value_span("/list/0/id")
    assert document.text[start:end] == "7"
    assert document.position(start) == (3, 19)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:\n  @@assign: 1\n", "Quote the operator"),
        ("a:\n\tb: 1\n", "does not allow tabs"),
        ("a: [1\n", "not YAML"),
        ("? [1]\n: 2\n", "must be a string"),
        ("", "empty"),
    ],
)
def test_broken_yaml_gets_a_sentence(text: str, words: str) -> None:
    (problem,) = parse_document(text, "a.yaml").problems
    assert words in problem.message


def test_aliases_can_not_expand_without_end() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for i in range(1, 9):
        text += f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n"
    (problem,) = parse_document(text, "a.yaml").problems
    assert "aliases" in problem.message


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xe9"}')
    (tmp_path / "binary.json").write_bytes(b"{\0}")
    for name, words in (
        ("latin.json", "UTF-8"),
        ("binary.json", "NUL"),
        ("none.json", "no such file"),
        (".", "This is a folder"),
    ):
        (problem,) = read_document(tmp_path / name).problems
        assert (problem.rule, words in problem.message) == ("unreadable-file", True)


def test_a_byte_order_mark_moves_no_place_in_yaml() -> None:
    text = "\ufeffa: 1\nbb: {c: x, c: yy}\n"
    document = parse_document(text, "a.yaml")
    entry = document.entries["/bb/c"]
    assert entry.key
    assert [text[span.start : span.end] for span in (entry.key, entry.value)] == ["c", "yy"]
    (problem,) = document.problems
    assert document.position(problem.span.start) == (2, 12)
    assert document.position(problem.related[0][0].start) == (2, 6)


@pytest.mark.parametrize("text", ["a: " + "[" * 40_000 + "]" * 40_000, "- " * 40_000 + "a", "{a: " * 40_000])
def test_yaml_that_is_nested_without_end_is_refused_before_it_is_composed(text: str) -> None:
    (problem,) = parse_document(text, "a.yaml").problems
    assert problem.message.startswith("The document is nested more than 100 levels deep")
    assert problem.span.start > 0


def test_a_bare_placeholder_may_be_a_name() -> None:
    document = parse_document('{"plans": {${name}: {"a": ${X}}}}', "a.json")
    assert document.value == {"plans": {"${name}": {"a": "${X}"}}}
    assert document.value_span("/plans/${name}/a").start == 26


def test_what_is_no_number_is_told_where_it_stands() -> None:
    (problem,) = parse_document('{"NaN": "NaN", "b": NaN}', "a.json").problems
    assert problem.span.start == 20


def test_a_text_that_ends_after_a_comma_is_no_trailing_comma() -> None:
    (problem,) = parse_document('{"plans": {"a": 1,', "a.json").problems
    assert problem.message.startswith("The text ends before the document does.")
