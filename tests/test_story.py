"""The story of a value as data: what each policy on the way did, in one form for whoever tells it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.effective import effective_policy
from policylint.errors import NothingThere
from policylint.inheritance import resolve
from policylint.merge import EMPTY, Level, Merger, State
from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.parsing import parse_document
from policylint.policy_types import policy_type
from policylint.story import Story
from policylint.tracing import overruled, story_of

BACKUP, TAG = policy_type("backup"), policy_type("tag")
LOCK = "@@operators_allowed_for_child_policies"

lists = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True)
locks = st.lists(st.sampled_from(["@@all", "@@assign", "@@append", "@@remove", "@@none"]), min_size=1, max_size=2)
settings = st.dictionaries(st.sampled_from(["@@assign", "@@append", "@@remove"]), lists, min_size=1, max_size=2)
locked = st.one_of(settings, st.tuples(settings, locks).map(lambda both: {**both[0], LOCK: both[1]}))
documents = st.dictionaries(
    st.sampled_from(["One", "one", "two"]), st.fixed_dictionaries({"tag_value": locked}), max_size=1
)
levels = st.lists(documents.map(lambda rules: {"tags": rules}), min_size=3, max_size=3)


def organization_of(contents: list[Any], kind: Any = TAG) -> Organization:
    """A root, a unit and an account, each with one policy."""
    policies = [
        Policy(name, kind, parse_document(json.dumps(content), f"{name}.json"))
        for name, content in zip(("above", "middle", "own"), contents, strict=True)
    ]
    root = OrganizationalUnit("Root", "", "", "Root", (policies[0],))
    unit = OrganizationalUnit("Prod", "", "", "Root/Prod", (policies[1],))
    unit.accounts.append(Account("shop", "1" * 12, "", "Root/Prod/shop", (policies[2],)))
    root.organizational_units.append(unit)
    organization = Organization(root, {}, (kind,), parse_document("{}", "organization.json"))
    organization.number_accounts()
    return organization


def told(contents: list[Any], pointer: str, kind: Any = TAG, **reading: Any) -> Story:
    organization = organization_of(contents, kind)
    return story_of(organization, organization.accounts[0], kind, pointer, **reading)


def team(**operators: Any) -> dict[str, Any]:
    return {"tags": {"team": {"tag_value": {f"@@{name}": values for name, values in operators.items()}}}}


def test_the_story_says_who_did_what_and_who_may_still_change_it() -> None:
    above = {"tags": {"Team": {"tag_value": {"@@assign": ["red"], LOCK: ["@@append"]}}}}
    found = told([above, team(assign=["blue"]), team(append=["green"])], "/tags/team/tag_value").to_dict()
    lock = {"policy": "above", "location": "above.json:1:97", "allows": ["@@append"], "reach": "here"}
    assert [found["pointer"], found["path"], found["policy_type"], found["container_locks"]] == [
        "/tags/team/tag_value",
        ["tags", "team", "tag_value"],
        "TAG_POLICY",
        "entries",
    ]
    assert found["account"] == {"id": "1" * 12, "name": "shop", "path": "Root/Prod/shop"}
    assert (found["effective"]["value"], found["effective"]["is_there"]) == (["red", "green"], True)
    assert [(one["value"], one["policy"]) for one in found["effective"]["set_by"]] == [
        ("red", "above"),
        ("green", "own"),
    ]
    events = [
        (step["target"], event["policy"], event["kind"], event["operator"], event["values"], event["by"])
        for step in found["steps"]
        for policy in step["policies"]
        for event in policy["events"]
    ]
    assert events == [
        ("Root", "above", "applied", "@@assign", ["red"], []),
        ("Root", "above", "control", LOCK, None, [lock]),
        ("Root/Prod", "middle", "locked", "@@assign", ["blue"], [lock]),
        ("Root/Prod/shop", "own", "applied", "@@append", ["green"], []),
    ]
    assert found["allowed"] == {"path": ["tags", "team", "tag_value"], "operators": ["@@append"], "locks": [lock]}
    assert (found["inside"], found["errors"], found["rejected"], found["unread"]) == ([], [], [], [])
    json.dumps(found)


def test_what_took_the_place_of_another_value_says_of_which() -> None:
    (_, events) = told([team(assign=["red"]), team(assign=["blue"]), {}], "/tags/team/tag_value").steps[1].policies[0]
    (event,) = events
    assert (event.kind, event.values, event.lost) == ("applied", ("blue",), ("red",))
    assert [giver.policy.name for giver in event.givers] == ["above"]


def test_it_ends_with_aws_s_errors() -> None:
    plan = {"plans": {"daily": {"regions": {"@@assign": ["eu-west-1"]}}}}
    found = told([plan, {}, {}], "/plans/daily/regions", BACKUP)
    assert {error.code for error in found.errors} == {"KEY_REQUIRED"}
    assert found.to_dict()["errors"][0]["PathToError"] == "plans/daily"


def test_what_no_policy_mentions_has_no_story() -> None:
    with pytest.raises(NothingThere) as raised:
        told([team(assign=["red"]), {}, {}], "/tags/time")
    assert raised.value.known == ["team"]


@given(levels, st.sampled_from(["entries", "subtree"]))
def test_it_ends_with_what_is_effective(contents: list[Any], reading: Any) -> None:
    organization = organization_of(contents)
    (account,) = organization.accounts
    policy = effective_policy(resolve(organization, TAG, container_locks=reading), account)
    for name in ("one", "two"):
        expected = policy.root.get(f"tags/{name}/tag_value")
        try:
            found = story_of(organization, account, TAG, f"/tags/{name}/tag_value", container_locks=reading)
        except NothingThere:
            assert expected is None
            continue
        effective = found.effective
        assert (None if effective.by_aws else effective.value) == expected
        if not effective.by_aws and effective.value:
            assert [value for value, _ in effective.givers] == list(effective.value)


def merged(contents: list[Any]) -> list[Level]:
    """The levels on the way to the account, as the page has them: without what was applied."""
    organization, merger, state, found = organization_of(contents), Merger(), EMPTY, []
    for target in organization.path_to(organization.accounts[0]):
        found.append(merger.level(state, target.policies))
        state = found[-1].after
    return found


@given(levels)
def test_each_value_that_a_level_takes_away_is_told(contents: list[Any]) -> None:
    for level in merged(contents):
        gone = {
            (name, value)
            for name in ("one", "two")
            for value in values(level.before, name)
            if value not in values(level.after, name)
        }
        lost = {(one.path[1], value) for one in overruled(level) if one.kind == "applied" for value in one.lost or ()}
        assert gone <= lost


def values(state: State, name: str) -> tuple[str, ...]:
    node: State | None = state
    for part in ("tags", name, "tag_value"):
        node = node.children.get(part) if node else None
    return node.value if node and isinstance(node.value, tuple) else ()


@pytest.mark.parametrize("field", ["tag_value", "TAG_VALUE", "tag-value"])
def test_a_removal_is_told_however_the_field_is_spelled(field: str) -> None:
    """A name in other letters is the same name, and a misspelled one is read as it will be once it is fixed."""
    below = {"Tags": {"TEAM": {field: {"@@Remove": ["red"]}}}}
    (event,) = overruled(merged([team(assign=["red", "blue"]), below, {}])[1])
    assert (event.kind, event.operator, event.lost) == ("applied", "@@remove", ("red",))
    assert event.path == ("tags", "team", "tag_value")
    assert [giver.policy.name for giver in event.givers] == ["above"]
    assert event.place is not None
    assert event.place.pointer == f"/Tags/TEAM/{field}/@@Remove/0"


def test_a_removal_that_a_lock_forbids_took_nothing_away() -> None:
    """Another policy of the level may have assigned a list that lacks the value all the same."""
    above = {"tags": {"team": {"tag_value": {"@@assign": ["red", "blue"], LOCK: ["@@assign"]}}}}
    level = merged([above, {"tags": {"team": {"tag_value": {"@@assign": ["green"], "@@remove": ["red"]}}}}, {}])[1]
    assert [(event.kind, event.operator) for event in overruled(level)] == [
        ("applied", "@@assign"),
        ("locked", "@@remove"),
    ]
