"""A stranger's policy type says its defaults, rules between fields and limits after the merge as data, as ours do."""

from __future__ import annotations

import json
import re
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, get_args

import pytest
from installed import CHECKOUT

from policylint.cli import main
from policylint.cross_fields import cross_faults
from policylint.organization import Policy
from policylint.parsing import parse_document
from policylint.plugins import Host, load
from policylint.policy_types import POLICY_TYPES, shape
from policylint.policy_types.vocabulary import mistakes, rejections
from policylint.testing import run_example

FOLDER = CHECKOUT / "fixtures" / "plugins" / "policylint-robots"
MONTHLY, DAILY = "cron(0 5 1 * ? *)", "cron(0 5 * * ? *)"
LIFTING = {"lifts": "true", "battery": {"hours": 8}, "charged": MONTHLY, "service": 10, "end": 40}


def assigned(value: Any) -> Any:
    return {name: assigned(one) for name, one in value.items()} if isinstance(value, dict) else {"@@assign": value}


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setattr("policylint.plugins.installed_plugins", lambda: [EntryPoint("robots", "policylint_robots", "")])
    return load()


@pytest.fixture
def lint(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command in an organization with one robot policy on the root."""
    monkeypatch.chdir(tmp_path)

    def run(robots: dict[str, Any], *arguments: str) -> str:
        tree = {"root": {"policies": ["robot/a"], "accounts": [{"name": "one", "id": "111111111111"}]}}
        document = {"robots": {name: assigned(robot) for name, robot in robots.items()}}
        for name, value in {"organization.json": tree, "policies/robot/a.json": document}.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(json.dumps(value))
        main([*arguments])
        return capsys.readouterr().out

    return run


def effective(lint: Any, robots: dict[str, Any]) -> Any:
    return json.loads(lint(robots, "effective", ".", "--account", "one", "--format", "jsonl"))


def messages(lint: Any, robots: dict[str, Any]) -> list[str]:
    return [one["message"] for one in json.loads(lint(robots, ".", "--format", "json"))["findings"]]


def test_it_is_registered_with_its_rule(host: Host) -> None:
    assert host.failures == []
    assert host.types.named("robot policies").enum == "ROBOT_POLICY"
    assert host.rules["robot-fields"].card.policy_types == ("ROBOT_POLICY",)


def test_the_examples_of_its_rule(host: Host) -> None:
    rule = host.rules["robot-fields"]
    for section, found in (("Avoid", True), ("Prefer", False)):
        for kind, text in rule.card.examples(section):
            assert bool(run_example(rule, kind, text, types=host.types)) == found


def test_defaults_are_filled_in_and_empty_entries_stay(lint: Any) -> None:
    shown = effective(lint, {"R2": {}, "C3": {"speed": "fast"}})["effective_policy"]
    assert shown == {"robots": {"r2": {"speed": "slow", "id": "r2"}, "c3": {"speed": "fast", "id": "c3"}}}


def test_explain_tells_of_defaults(lint: Any) -> None:
    told = lint({"r2": {}}, "explain", ".", "/robots/r2/speed", "--account", "one")
    assert "is 'slow', which AWS fills in where no policy sets it" in told
    assert "holds speed, id, which AWS fills in" in lint({"r2": {}}, "explain", ".", "/robots/r2", "--account", "one")


@pytest.mark.parametrize(
    ("robot", "told"),
    [
        (LIFTING, None),
        ({**LIFTING, "id": "R2"}, None),
        ({**LIFTING, "id": "c3"}, "The robot 'r2' has the id 'c3'. Write one name twice."),
        ({**LIFTING, "battery": {"hours": 9}}, "Lifting needs a battery of at most 8 hours."),
        ({**LIFTING, "toy": {"name": "x"}}, "A robot that lifts is no toy."),
    ],
)
def test_documents_are_held_to_its_rules(lint: Any, robot: dict[str, Any], told: str | None) -> None:
    found = messages(lint, {"r2": robot})
    assert told in found if told else not found


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, None),
        ({"battery": {"hours": 9}}, "lifts=true,hours=9"),
        ({"charged": DAILY}, f"lifts=true,charged={DAILY}"),
        ({"end": 39}, "lifts=true,end=39,service=10"),
    ],
)
def test_the_merged_policy_is_held_to_its_rules(lint: Any, change: dict[str, Any], fields: str | None) -> None:
    errors = effective(lint, {"r2": {**LIFTING, **change}})["errors"]
    message = f"Dependent fields {fields} in policy block r2 are invalid when used together"
    assert [one["ErrorMessage"] for one in errors] == ([message] if fields else [])


def test_limits_after_the_merge(lint: Any) -> None:
    errors = effective(lint, {f"r{number}": {"halls": ["north"]} for number in range(2)})["errors"]
    assert [one["ErrorMessage"] for one in errors] == [
        "Hall 'north' has 2 robots for 'halls', which exceeds the maximum limit of 1. Contributing robots include: r0, r1"
    ]
    (error,) = effective(lint, {f"r{number}": {} for number in range(30)})["errors"]
    assert error["ErrorMessage"].endswith("exceeds the maximum limit of 600 bytes")


# ---- the page about it ---------------------------------------------------------------------------------------

PAGE = (CHECKOUT / "docs" / "policy-types.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_is_a_type_that_makes_sense() -> None:
    example, check = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example + check, names)
    assert list(mistakes(names["ROBOTS"], POLICY_TYPES)) == []
    assert rejections(names["ROBOTS"]) == {"robot-fields"}


@pytest.mark.parametrize("rule", get_args(shape.FieldRule), ids=lambda rule: rule.__name__)
def test_the_page_tells_of_every_rule_between_fields(rule: type) -> None:
    assert f"| `{rule.__name__}` |" in PAGE


def test_rules_about_each_entry_report_every_entry_at_its_own_place() -> None:
    """Two rules may share a rejection: an entry that the one reports hides none that the other does."""
    refused = shape.Rejection("robot-fields", "'{name}' has '{value}'.")
    days = shape.Setting(shape.Values("days", minimum=1))
    arms = shape.Container(entry=shape.Container({"low": days, "high": days}))
    rules = tuple(
        shape.Apart(shape.When("low"), "low", "high", days=5, each=each, rejection=refused)
        for each in ("left", "right")
    )
    value = {side: {name: assigned({"low": 1, "high": 2}) for name in ("x", "y")} for side in ("left", "right")}
    document = parse_document(json.dumps(value), "robot.json")
    policy = Policy("robot/a", POLICY_TYPES["TAG_POLICY"], document)
    both = shape.Container({"left": arms, "right": arms}, rules=rules)
    found = [fault for _, fault in cross_faults(both, policy, document.value, "", "robot", None)]
    assert [fault.place.pointer for fault in found] == ["/left/x/low", "/left/y/low", "/right/x/low", "/right/y/low"]
    assert [fault.message for fault in found] == ["'x' has '1'.", "'y' has '1'."] * 2
