"""`explain` on locks of containers, in both readings: what it says of each level agrees with what it says at the end."""

from __future__ import annotations

import json
from typing import Any

from policylint.explain import explain
from policylint.merge import ContainerLocks
from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.parsing import parse_document
from policylint.policy_types import policy_type

NONE = {"@@operators_allowed_for_child_policies": ["@@none"]}
RED, BLUE = ({"tag_value": {"@@assign": [value]}} for value in ("red", "blue"))


def story(
    above: dict[str, Any], below: dict[str, Any], pointer: str, reading: ContainerLocks = "entries"
) -> tuple[str, list[str]]:
    """What is told before the end, and the lines of the end, where the tags of two policies stand above each other."""
    found = policy_type("tag")
    policies = [
        Policy(name, found, parse_document(json.dumps(tags if "tags" in tags else {"tags": tags}), f"{name}.json"))
        for name, tags in (("above", above), ("below", below))
    ]
    root = OrganizationalUnit("Root", "", "/root", "Root", (policies[0],))
    account = Account("a", "1" * 12, "", "Root/a", (policies[1],))
    root.accounts.append(account)
    organization = Organization(root, {}, (found,), parse_document("{}", "organization.json"))
    organization.number_accounts()
    text = "\n".join(explain(organization, account, found, pointer, container_locks=reading))
    levels, _, end = text.rpartition("\n\n")
    return levels, end.splitlines()


NOT_BOUND = "A policy at the level of the lock, or above it up to Root, is not bound by it."
OPEN = ["Who could still change it: any policy attached on the way; no level locks it."]


def test_a_container_that_covers_all_below_is_named_as_the_lock() -> None:
    levels, end = story({"team": {**NONE, **RED}}, {"team": BLUE}, "/tags/team/tag_value", "subtree")
    assert "above: lets lower levels use no operator below team (above.json:1:" in levels
    assert "ignored: above allows no operator below team (above.json:1:" in levels
    assert end == [
        "Who could still change it: below the lock, policies may use no operator. Locked by above (above.json:1:62).",
        NOT_BOUND,
    ]


def test_a_container_that_covers_its_entries_leaves_settings_open() -> None:
    levels, end = story({"team": {**NONE, **RED}}, {"team": BLUE}, "/tags/team/tag_value")
    assert "took effect, in place of [red] from above" in levels
    assert end == OPEN


def test_the_lock_of_the_whole_document_has_words() -> None:
    levels, _ = story({"tags": {"team": RED}, **NONE}, {"team": BLUE}, "/tags/team/tag_value", "subtree")
    assert "above: lets lower levels use no operator in the whole document (" in levels
    assert "ignored: above allows no operator in the whole document (" in levels


def test_a_lock_is_named_by_what_it_covers() -> None:
    above = {"team": RED, **NONE}
    levels, _ = story(above, {"team": BLUE}, "/tags/team/tag_value", "subtree")
    assert "ignored: above allows no operator below tags (" in levels
    levels, _ = story(above, {"cost": BLUE}, "/tags/cost", "subtree")
    assert "ignored: above allows no operator for new entries of tags (" in levels
    levels, _ = story(above, {"team": {"enforced_for": BLUE["tag_value"]}}, "/tags/team/enforced_for", "subtree")
    assert "ignored: above allows no operator below tags (" in levels


def test_what_is_locked_inside_of_a_container_is_told() -> None:
    inside = {"CostCenter": {"tag_key": {"@@assign": "CostCenter", **NONE}, **RED}}
    _, end = story(inside, {"costcenter": BLUE}, "/tags/CostCenter")
    assert end == [
        "Who could still change it: any policy attached on the way, but for what is locked inside.",
        "  tag_key: below the lock, policies may use no operator. Locked by above (above.json:1:106).",
        NOT_BOUND,
    ]
    _, end = story(inside, {"costcenter": BLUE}, "/tags/CostCenter", "subtree")
    assert end[0].endswith("but for what is locked inside.")
    assert end[1].startswith("  tag_key: below the lock")


def test_the_lock_of_a_container_is_told_as_its_reading_has_it() -> None:
    above = {"team": {**NONE, **RED, "enforced_for": {"@@assign": ["ec2:instance"], **NONE}}}
    _, end = story(above, {"team": BLUE}, "/tags/team")
    assert [line.partition(". Locked")[0] for line in end] == [
        "Who could still change it: below the lock, policies may add no entries, but may change those that are there",
        "  enforced_for: below the lock, policies may use no operator",
        NOT_BOUND,
    ]
    _, end = story(above, {"team": BLUE}, "/tags/team", "subtree")
    assert [line.partition(". Locked")[0] for line in end] == [
        "Who could still change it: below the lock, policies may use no operator here and in all that is inside",
        NOT_BOUND,
    ]


def test_where_nothing_is_locked_everybody_may() -> None:
    for pointer in ("/tags", "/tags/team", "/tags/team/tag_value"):
        assert story({"team": RED}, {"team": BLUE}, pointer, "subtree")[1] == OPEN


def test_a_name_is_not_another_that_begins_with_it() -> None:
    levels, _ = story({"app": RED, "app/team": RED}, {"app/team": BLUE}, "/tags/app")
    assert "below: says nothing about it" in levels
    escaped, plain = (story({"app/team": RED}, {"app/team": BLUE}, f"/tags/app{slash}team")[0] for slash in ("~1", "/"))
    assert escaped.partition("\n")[2] == plain.partition("\n")[2]
    assert "is [blue]" in story({"app/team": RED}, {"app/team": BLUE}, "/tags/app/team/tag_value")[0]


def test_what_aws_fills_into_a_tag_rule_is_told() -> None:
    levels, _ = story({"Empty": {}}, {}, "/tags/empty")
    assert "holds tag_value, tag_key, which AWS fills in" in levels
    assert "is 'empty', which AWS fills in" in story({"Empty": {}}, {}, "/tags/empty/tag_key")[0]
    assert "is [*], which AWS fills in" in story({"Empty": {}}, {}, "/tags/empty/tag_value")[0]
    assert "is [red]" in story({"Empty": RED}, {}, "/tags/empty/tag_value")[0]


def test_what_only_locks_is_not_in_the_effective_policy() -> None:
    levels, _ = story({"team": {"tag_value": NONE, "tag_key": {"@@assign": "team"}}}, {}, "/tags/team")
    assert "  holds tag_key\n" in levels
