"""Rules that are a card alone: what they may ask, where their findings point, and what a slip in one is told as."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.card_rules import CardProblems, read_card
from policylint.cli import main
from policylint.effective import effective_policies
from policylint.files import OnDisk
from policylint.findings import Finding
from policylint.inheritance import resolve
from policylint.policy_types import policy_type
from policylint.requirements import RequirementError, Value, check, expected, holds
from policylint.rules import Rule
from policylint.selecting import SelectError, Selector, effective_tree
from policylint.testing import organization_of, run_example

PLAN = """
plans:
  daily:
    regions: {"@@assign": [eu-west-1, eu-central-1]}
    rules:
      nightly:
        lifecycle:
          delete_after_days: {"@@assign": 14}
      weekly:
        target_backup_vault_name: {"@@assign": central}
"""


def card(folder: Path, text: str, name: str = "own-rule.md") -> Path:
    path = folder / "rules" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"---\n{text.strip()}\n---\n\n# A rule of our own\n")
    return path


def read_one(path: Path) -> Rule:
    return read_card(OnDisk(path.parent), path.name)


def found(folder: Path, text: str, document: str = PLAN) -> list[Finding]:
    return run_example(read_one(card(folder, text)), "yaml", document)


# ---- the vocabulary ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requirement", "value", "field", "expected"),
    [
        ({"present": True}, None, "", False),
        ({"present": True}, "x", "", True),
        ({"present": False}, "x", "", False),
        ({"at_least": 35}, None, "", True),
        ({"at_least": 35}, "35", "", True),
        ({"at_least": 35}, "34", "", False),
        ({"at_least": 35}, "many", "", False),
        ({"at_most": 9}, "10", "", False),
        ({"at_least": "1 year"}, "364", "delete_after_days", False),
        ({"at_least": "52 weeks"}, "364", "delete_after_days", True),
        ({"at_most": "8 hours"}, "480", "start_backup_window_minutes", True),
        ({"at_most": "8 hours"}, "481", "start_backup_window_minutes", False),
        ({"equals": True}, "true", "", True),
        ({"equals": "a"}, ("a", "b"), "", False),
        ({"one_of": ["a", "b"]}, ("a", "b"), "", True),
        ({"one_of": ["a", "b"]}, "c", "", False),
        ({"contains": "a"}, ("b", "a"), "", True),
        ({"contains": "c"}, ("b", "a"), "", False),
        ({"matches": "eu-.*"}, ("eu-west-1", "us-east-1"), "", False),
        ({"longer_than": 1}, ("a",), "", False),
        ({"shorter_than": 2}, ("a",), "", True),
        ({"any": [{"equals": "a"}, {"equals": "b"}]}, "b", "", True),
        ({"all": [{"at_least": 1}, {"at_most": 3}]}, "4", "", False),
        ({"not": {"equals": "a"}}, "a", "", False),
        ({"not": {"equals": "a"}}, None, "", True),
    ],
)
def test_requirements(requirement: dict[str, Any], value: Value, field: str, expected: bool) -> None:
    check(requirement)
    assert holds(requirement, value, field) is expected


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        ({}, "empty"),
        ({"atleast": 3}, "Did you mean 'at_least'?"),
        ({"at_least": "3 fortnights"}, "365 days"),
        ({"present": "yes"}, "true or false"),
        ({"one_of": "a"}, "a list"),
        ({"matches": "(a"}, "not a regular expression"),
        ({"matches": "(a{999}){999}"}, "repeats"),
        ({"any": [{"bogus": 1}]}, "'bogus' is not a requirement"),
        ({"not": "x"}, "takes a requirement"),
        ({"longer_than": 1.5}, "whole number"),
    ],
)
def test_a_requirement_that_cannot_be_used(requirement: dict[str, Any], words: str) -> None:
    with pytest.raises(RequirementError, match=words.replace("?", r"\?")):
        check(requirement)


def test_a_pattern_that_backtracks_for_ever_is_stopped() -> None:
    with pytest.raises(TimeoutError):
        holds({"matches": "(a|aa)+b"}, "a" * 5_000, "")


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_at_least_and_at_most_compare_as_numbers(value: int, limit: int) -> None:
    assert holds({"at_least": limit}, str(value), "") == (value >= limit)
    assert holds({"at_most": limit}, str(value), "") == (value <= limit)


def test_the_expectation_reads_well() -> None:
    assert expected({"present": True, "at_least": "365 days"}) == "at least 365 days"
    assert expected({"any": [{"equals": "a"}, {"one_of": ["b", "c"]}]}) == "equals a or one of b, c"


# ---- selecting ---------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")  # those of the library too
@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("$", [()]),
        ("$.rules.*", [("rules", "nightly"), ("rules", "weekly")]),
        ("$['rules']['nightly'].lifecycle", [("rules", "nightly", "lifecycle")]),
        ("$.regions[*]", [("regions", "0"), ("regions", "1")]),
        ("$..delete_after_days", [("rules", "nightly", "lifecycle", "delete_after_days")]),
        ("$.regions[0] | $.rules.weekly", [("regions", "0"), ("rules", "weekly")]),
        ("$.rules.weekly|$.rules.*", [("rules", "weekly"), ("rules", "nightly")]),
        ("$.rules['nightly','weekly']", [("rules", "nightly"), ("rules", "weekly")]),
        ("$.rules[", None),
        ("$.nothing.here", []),
    ],
)
def test_paths_select(tmp_path: Path, path: str, keys: list[tuple[str, ...]] | None) -> None:
    rule = read_one(card(tmp_path, "select: $\nrequire: {present: true}\nmessage: x"))
    organization = organization_of(rule, "yaml", PLAN)
    (policy,) = effective_policies(resolve(organization, policy_type("backup")))
    try:
        hits = [hit.keys for hit in Selector(path).hits(effective_tree(policy.plans()[0]))]
    except SelectError:
        hits = None
    assert hits == keys


def test_a_finding_points_at_the_line_that_set_the_value(tmp_path: Path) -> None:
    (finding,) = found(
        tmp_path,
        "select: $.rules.*\nfield: lifecycle.delete_after_days\nrequire: {at_least: 35}\n"
        'message: "{plan}/{name} keeps {value}, not {expected}."',
    )
    assert finding.message == "daily/nightly keeps 14, not at least 35."
    assert finding.place.pointer == "/plans/daily/rules/nightly/lifecycle/delete_after_days/@@assign"


def test_what_is_missing_is_told_at_the_key_that_should_hold_it(tmp_path: Path) -> None:
    text = "select: $.rules.*\nfield: lifecycle.delete_after_days\nrequire: {present: true}\nmessage: x"
    (finding,) = found(tmp_path, text)
    assert (finding.place.pointer, finding.place.part) == ("/plans/daily/rules/weekly", "key")


def test_a_list_points_at_the_element(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "select: $.regions\nrequire: {one_of: [eu-west-1]}\nmessage: x")
    assert finding.place.pointer == "/plans/daily/regions/@@assign/1"


def test_documents_can_be_looked_at_as_they_are_written(tmp_path: Path) -> None:
    text = "scope: document\nselect: $.plans.*.regions['@@assign']\nrequire: {shorter_than: 2}\nmessage: x"
    (finding,) = found(tmp_path, text)
    assert finding.place.pointer == "/plans/daily/regions/@@assign"


# ---- in an organization ------------------------------------------------------------------------------------

TREE = """
root:
  policies: [backup/base]
  accounts:
    - {name: payments, id: "111111111111", tags: {tier: gold}}
    - {name: play, id: "222222222222"}
"""
GOLD = """
select: $.rules.*
field: lifecycle.delete_after_days
require: {at_least: 365 days}
where: {tags: {tier: gold}}
severity: error
message: gold needs a year
"""


@pytest.fixture
def organization(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    policy = tmp_path / "org" / "policies" / "backup" / "base.yaml"
    policy.parent.mkdir(parents=True)
    policy.write_text(PLAN)
    (tmp_path / "org" / "organization.yaml").write_text(TREE)
    return tmp_path / "org"


def test_an_organizations_own_cards_run_for_the_accounts_they_name(
    organization: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card(organization, GOLD)
    assert main(["org", "--select", "own-rule"]) == 1
    shown = capsys.readouterr().out
    assert "gold needs a year. Affects 1 account: payments." in " ".join(shown.split())


def test_the_configuration_names_more_folders_and_can_turn_them_off(
    organization: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card(organization / "..", GOLD, "shared.md")
    config = organization / "policylint.yaml"
    config.write_text("card_folders: [../rules]\n")
    assert main(["org", "--select", "shared"]) == 2
    assert "'../rules'. This leads outside of the folder that was named" in capsys.readouterr().err
    (organization / ".." / ".git").mkdir()
    assert main(["org", "--select", "shared"]) == 1
    assert "gold needs a year" in capsys.readouterr().out
    config.write_text("card_folders: [../rules]\nrules: {shared: off}\n")
    main(["org"])
    assert "gold needs a year" not in capsys.readouterr().out
    config.write_text("card_folders: [../nowhere]\n")
    assert main(["org"]) == 2
    assert "not a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("selct: $", "own-rule.md:2:1: 'selct' is not known here. Did you mean 'select'?"),
        ("select: $.rules[\nrequire: {present: true}\nmessage: x", "own-rule.md:2:9: '$.rules[' is not a JSONPath"),
        ("select: $\nrequire: {at_lest: 3}\nmessage: x", "own-rule.md:3:11: 'at_lest' is not a requirement."),
        ("select: $\nrequire: {present: true}\nmessage: '{vlaue}'", "own-rule.md:4:10: '{vlaue}' has no meaning."),
        ("select: $\nrequire: {present: true}\nmessage: x\nseverity: loud", "own-rule.md:5:11: 'loud' is not known"),
        ("select: [", "own-rule.md:2:"),
    ],
)
def test_a_slip_in_a_card_is_told_at_its_line(
    organization: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    card(organization, text)
    assert main(["org"]) == 2
    assert told in capsys.readouterr().err


def test_a_card_without_front_matter_or_title_is_told(tmp_path: Path) -> None:
    path = tmp_path / "own-rule.md"
    path.write_text("# Only words\n")
    with pytest.raises(CardProblems, match="front matter"):
        read_one(path)
    path.write_text("---\nselect: $\nrequire: {present: true}\nmessage: x\n---\n\nno title\n")
    with pytest.raises(CardProblems, match="no title"):
        read_one(path)


def test_a_card_may_not_take_a_built_in_name(organization: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card(organization, GOLD, "kept-forever.md")
    assert main(["org"]) == 2
    assert "Rename the card" in capsys.readouterr().err


def test_a_where_that_nobody_meets_is_told_at_its_line(organization: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card(organization, GOLD.replace("gold", "goldd"))
    assert main(["org", "--format", "json"]) in (0, 1)
    findings = json.loads(capsys.readouterr().out)["findings"]
    (told,) = [finding for finding in findings if finding["rule"] == "card-without-accounts"]
    assert told["path"].endswith("own-rule.md")
    assert GOLD.splitlines()[told["line"] - 1] == "where: {tags: {tier: gold}}"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("My Rule.md", GOLD, "a card's file name is its rule's id"),
        ("own-rule.md", GOLD.replace("field: ", "field: $."), "without $."),
    ],
)
def test_a_card_that_could_never_work_is_refused(
    organization: Path, name: str, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    card(organization, text, name)
    assert main(["org"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("text", ["```json\n{ nonsense\n```", "```yaml\nplans: {a: {b: 1}\n```"])
def test_an_example_that_can_not_be_read_proves_nothing(
    organization: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = card(organization, GOLD)
    path.write_text(f"{path.read_text()}\n## Prefer\n\n{text}\n")
    assert main(["test-rules", "org/rules"]) == 1
    assert "example 1 under Prefer can't be read:" in capsys.readouterr().out


def test_the_rules_of_an_organization_are_listed_and_shown(
    organization: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card(organization, GOLD)
    assert main(["rules", "own-rule"]) == 2
    assert "--organization FOLDER" in capsys.readouterr().err
    assert main(["rules", "own-rule", "--organization", "org"]) == 0
    assert capsys.readouterr().out.startswith("A rule of our own")
    assert main(["rules", "--organization", "org"]) == 0
    assert "A rule of our own" in capsys.readouterr().out


def test_a_folder_of_that_name_elsewhere_holds_no_cards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "about.md").write_text("# House rules\n")
    assert main([str(tmp_path)]) == 3
    assert "holds no organization.yaml" in capsys.readouterr().err
