"""Policies inside of other texts: read as what they mean, told as where they lie."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from embedded import heredocs, organization_of, strings
from hypothesis import given
from hypothesis import strategies as st

from policylint.baseline import render, rows
from policylint.edits import edited
from policylint.fixing import Mended, Subject, mend
from policylint.inheritance import resolve
from policylint.lint import lint, lint_files
from policylint.organization import Organization
from policylint.parsing import parse
from policylint.pieces import CannotEdit, Change, changed, changed_source, in_file
from policylint.places import Place, Span, locate
from policylint.plugins import load
from policylint.report import Report
from policylint.source import SourceText
from policylint.suppression import comments_of

HOST = load([])
SLIP = '{"plans": {"daily": {"regionss": {"@@assign": ["eu-west-1"]}, "wrong": 1, "odd": 2}}}'
HEREDOC = """\
# two policies in one file
policy one <<
    {
      "plans": {"daily": {
        "regions": ["eu-west-1"]
      }}
    }
    END
policy two <<
  {"plans": {"daily": {
    "regions": ["eu-west-2"]}}}
END
"""
STRINGS = json.dumps({"one": SLIP, "two": SLIP.replace("daily", "täglich")})


def checked(subject: Subject) -> Report:
    return lint(subject, HOST.rules) if isinstance(subject, Organization) else lint_files(subject, HOST.rules)


def mended(organization: Organization, *, unsafe: bool = False) -> Mended:
    return mend(organization, checked, checked, resolve, unsafe=unsafe)


def told(report: Report, rule: str) -> list[Any]:
    return [finding for finding in report.findings if finding.rule == rule]


def as_text(name: str, report: Report) -> str:
    return "".join(HOST.formats[name].render(report).chunks)


# ---- places ------------------------------------------------------------------------------------------------


def test_a_place_in_a_heredoc_is_one_in_the_file() -> None:
    one, two = (parse(source) for source in heredocs(HEREDOC, "infra/main.tf"))
    assert one.text.startswith('{\n  "plans"')
    assert (one.id, two.id) == ("infra/main.tf#one", "infra/main.tf#two")
    assert str(locate(Place(one, "/plans/daily/regions/0"))) == "infra/main.tf:5:21"
    assert locate(Place(one, "/plans/daily/regions", "key"))[1:5] == (5, 9, 5, 18)
    assert str(locate(Place(two, "/plans/daily/regions/0"))) == "infra/main.tf:11:17"
    assert one.lines[4][20:] == '"eu-west-1"]'


def test_a_place_in_json_inside_of_json_is_one_in_the_file() -> None:
    _, two = (parse(source) for source in strings(STRINGS, "state.json"))
    assert "\\u00e4glich" in STRINGS
    where = locate(Place(two, "/plans/täglich/regionss", "key"))
    assert STRINGS[where.column - 1 : where.end_column - 1] == r"\"regionss\""
    assert where.line == 1


def test_what_is_wrong_with_the_text_is_told_where_it_is() -> None:
    (source,) = heredocs('policy one <<\n   {"plans": {}}}\n   END\n', "main.tf")
    (problem,) = parse(source).problems
    assert "the document was closed in 2:16 already" in problem.message
    assert str(parse(source).position(problem.span.start)) == "2:17"
    (source,) = strings(r'{"one": "{\"a\": \u0000}"}', "state.json")
    (problem,) = parse(source).problems
    assert (problem.rule, str(parse(source).position(problem.span.start))) == ("unreadable-file", "1:18")


def test_a_text_is_measured_without_what_is_around_it() -> None:
    outer = "#" * 500 + '\npolicy one <<\n{"plans": {}}\nEND\n'
    (source,) = heredocs(outer, "main.tf")
    assert not parse(source, most=100).problems
    (source,) = strings(
        json.dumps({"one": json.dumps({"plans": "é" * 60}, ensure_ascii=False)}, ensure_ascii=False), "state.json"
    )
    (problem,) = parse(source, most=100).problems
    assert problem.rule == "document-too-large"
    assert "The text has 133 bytes" in problem.message
    organization = organization_of(heredocs(outer, "main.tf"))
    assert not told(checked(organization), "document-over-limit")


def test_pairs_of_offsets_have_to_be_there_and_in_order() -> None:
    for spans in ((), ((5, 5), (0, 0))):
        with pytest.raises(ValueError, match="pairs of offsets, sorted"):
            SourceText("a", "text", "b", outer="text", spans=spans)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=3)


@given(DOCUMENTS, st.sampled_from([None, 0, 2]), st.booleans())
def test_every_piece_of_json_in_json_is_found_again(
    value: dict[str, Any], indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    outer = f'{{\n"one": {json.dumps(text)}}}'
    (source,) = strings(outer, "state.json")
    assert source.text == text
    for entry in parse(source).entries.values():
        for span in (entry.key, entry.value):
            if span:
                piece = outer[source.outer_offset(span.start) : source.outer_offset(span.end)]
                assert json.loads(f'"{piece}"') == text[span.start : span.end]


@given(DOCUMENTS, st.integers(0, 5), st.booleans())
def test_every_piece_of_a_heredoc_is_found_again(value: dict[str, Any], margin: int, two: bool) -> None:
    text = json.dumps(value, indent=2)
    body = "".join(" " * margin + line + "\n" for line in text.split("\n"))
    outer = f"é\npolicy one <<\n{body}END\n" + f"policy two <<\n{body}END\n" * two
    for source in heredocs(outer, "main.tf"):
        assert source.text == text + "\n"
        for entry in parse(source).entries.values():
            start, end = (source.outer_offset(offset) for offset in entry.value)
            piece = outer[start:end].replace("\n" + " " * margin, "\n")
            assert piece == text[entry.value.start : entry.value.end]
            place = source.position(entry.value.start)
            assert source.lines[place.line - 1][place.column - 1] == outer[start]


# ---- reports -----------------------------------------------------------------------------------------------


def test_each_text_in_a_file_has_findings_fingerprints_and_entries_of_its_own() -> None:
    for sources in (heredocs(HEREDOC, "main.tf"), strings(STRINGS, "state.json")):
        report = checked(organization_of(sources))
        found = [finding for finding in report.findings if finding.place.document.source.part]
        assert len(found) >= 4
        assert len({report.fingerprint(finding) for finding in found}) == len(found)
        entries = rows(found, Path())
        assert len(entries) == len(found)
        assert {entry.path.partition("#")[2] for entry in entries} == {"one", "two"}
        written = render(entries, {})
        assert len(json.loads(written)["findings"]) == len(found)


def test_two_policies_in_one_file_give_six_entries_for_six_findings(tmp_path: Path) -> None:
    report = checked(organization_of(strings(json.dumps({"one": SLIP, "two": SLIP}), "state.json")))
    found = [finding for finding in report.findings if finding.rule == "unknown-field"]
    by_pointer = {finding.place.pointer for finding in found}
    assert (len(found), len(rows(found, tmp_path))) == (6, 6)
    assert len(by_pointer) < 6  # by their file and pointer alone some would be one


def test_excerpts_and_regions_are_those_of_the_file() -> None:
    report = checked(organization_of(heredocs(HEREDOC, "main.tf")))
    (first, second) = told(report, "missing-operator")
    assert [locate(one.place).line for one in (first, second)] == [5, 11]
    text = as_text("text", report)
    assert "--> main.tf:5:" in text
    assert '5 |         "regions": ["eu-west-1"]' in text
    assert '11 |     "regions": ["eu-west-2"]}}}' in text
    page = as_text("html", report)
    assert "main.tf" in page
    assert "# two policies in one file" in page
    (run,) = json.loads(as_text("sarif", report))["runs"]
    results = [one for one in run["results"] if one["ruleId"] == "missing-operator"]
    assert [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in results] == [5, 11]
    assert len({one["partialFingerprints"]["policylint/v1"] for one in results}) == 2
    (replaced,) = results[0]["fixes"][0]["artifactChanges"][0]["replacements"][:1]
    region = replaced["deletedRegion"]
    assert (region["startLine"], HEREDOC.split("\n")[4][region["startColumn"] - 1]) == (5, "[")


def test_an_excerpt_of_json_in_json_marks_what_the_file_has() -> None:
    outer = '{\n"one": ' + json.dumps(SLIP) + "\n}\n"
    report = checked(organization_of(strings(outer, "state.json")))
    text = as_text("text", report)
    assert re.search(r'2 \| .*\\"regionss\\"', text)


# ---- fixes -------------------------------------------------------------------------------------------------


def test_a_fix_is_made_in_the_file_around_the_policy() -> None:
    outcome = mended(organization_of(heredocs(HEREDOC, "main.tf")))
    assert outcome.before == {"main.tf": HEREDOC}
    assert outcome.fixed == 2
    after = HEREDOC.replace('["eu-west-1"]', '{"@@assign": ["eu-west-1"]}')
    assert outcome.after["main.tf"] == after.replace('["eu-west-2"]', '{"@@assign": ["eu-west-2"]}')
    assert not told(checked(organization_of(heredocs(outcome.after["main.tf"], "main.tf"))), "missing-operator")


def test_a_fix_that_would_need_escapes_is_refused() -> None:
    for outer in (json.dumps({"one": SLIP}), json.dumps({"one": '{"plans": {"daily": {"regions": ["eu-west-1"]}}}'})):
        outcome = mended(organization_of(strings(outer, "state.json")), unsafe=True)
        assert not outcome.after
        assert any("the text around it" in refusal.reason for refusal in outcome.refused), outcome.refused
        (run,) = json.loads(as_text("sarif", checked(organization_of(strings(outer, "state.json")))))["runs"]
        assert not any("fixes" in one for one in run["results"])


def test_a_template_that_stands_for_several_policies_is_left_alone() -> None:
    sources = list(heredocs(HEREDOC, "main.tf"))[:1]
    twice = [
        SourceText(one.path, one.text, part, "json", one.outer, one.spans, one.escaped)
        for one in sources
        for part in "ab"
    ]
    outcome = mended(organization_of(iter(twice)))
    assert not outcome.after
    assert {refusal.reason for refusal in outcome.refused} == {"its text is that of several policies"}


def test_a_text_of_unknown_surroundings_is_not_edited() -> None:
    source = next(heredocs(HEREDOC, "main.tf"))
    plain = SourceText(source.path, source.text, source.part, "json", source.outer, source.spans)
    with pytest.raises(CannotEdit, match="not to be edited"):
        in_file(plain, [Change(Span(0, 1), "{")])
    with pytest.raises(CannotEdit, match="escapes, or in several pieces"):
        in_file(source, [Change(Span(0, 4), "{")])
    with pytest.raises(CannotEdit, match="what is new"):
        in_file(source, [Change(Span(0, 1), "{\n")])
    with pytest.raises(CannotEdit, match="what is new"):
        in_file(source, [Change(Span(0, 0), "$")])  # with the brace that follows it would begin a template


@given(st.data())
def test_after_changes_the_file_holds_the_text_as_it_is_meant(data: st.DataObject) -> None:
    lines = data.draw(st.lists(st.text("ab{} ", min_size=1, max_size=6), min_size=1, max_size=4))
    body = "".join(f"  .{line}\n" for line in lines)
    outer = f"policy one <<\n{body}END\npolicy two <<\n{body}END\n"
    one, two = heredocs(outer, "main.tf", "yaml")
    made = []
    for inner, _ in one.spans:  # in some of the lines a piece is written anew
        stretch = one.stretch(inner)
        ends = st.integers(stretch.start + 1, stretch.end - 1)
        start, end = sorted((data.draw(ends), data.draw(ends)))
        if data.draw(st.booleans()):
            made.append(Change(Span(start, end), data.draw(st.text("xy", max_size=5))))
    after, beside = changed_source(one, made), changed_source(two, [], in_file(one, made))
    again, other = heredocs(str(after.outer), "main.tf", "yaml")
    assert (again.text, list(again.spans)) == (changed(one.text, made), list(after.spans))
    assert (other.outer, other.text, list(other.spans)) == (beside.outer, two.text, list(beside.spans))


def test_a_document_that_lies_beside_what_is_edited_moves() -> None:
    one, two = (parse(source) for source in heredocs(HEREDOC, "main.tf"))
    place = Place(one, "/plans/daily/regions/0")
    assert str(locate(place)) == "main.tf:5:21"
    made = [Change(one.value_span("/plans/daily/regions/0"), '"eu-west-3", "eu-west-4"')]
    moved = edited(two, [], [], in_file(one.source, made))
    assert moved.source.whole == HEREDOC.replace('"eu-west-1"', '"eu-west-3", "eu-west-4"')
    assert str(locate(Place(moved, "/plans/daily/regions/0"))) == "main.tf:11:17"
    assert moved.text == two.text


def test_yaml_in_a_heredoc_keeps_its_comments_and_its_indentation() -> None:
    outer = "policy one <<\n    plans:\n      daily:\n        regions: [eu-west-1]  # where\n    END\n"
    outcome = mended(organization_of(heredocs(outer, "main.tf", "yaml")))
    assert outcome.after["main.tf"] == outer.replace("[eu-west-1]", "{'@@assign': [eu-west-1]}")


def test_a_comment_in_a_heredoc_speaks_of_the_lines_of_the_file() -> None:
    outer = "# head\npolicy one <<\n  plans:\n    # policylint: ignore[unknown-field] ours\n    wrong: 1\n  END\n"
    (source,) = heredocs(outer, "main.tf", "yaml")
    (comment,) = comments_of(parse(source))
    assert (comment.lines, str(locate(comment.place))) == ((4, 5), "main.tf:4:5")
