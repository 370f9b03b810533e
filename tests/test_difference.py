"""What differs between two merges: settings, by the accounts for which they do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.difference import ChangedSetting, Difference, difference
from policylint.effective import effective_policy
from policylint.inheritance import Inheritance, resolve
from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.parsing import parse_document
from policylint.policy_types import policy_type

BACKUP, TAG = policy_type("backup"), policy_type("tag")
LOCK = "@@operators_allowed_for_child_policies"

lists = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3)
settings = st.dictionaries(st.sampled_from(["@@assign", "@@append", "@@remove"]), lists, max_size=2)
tag_rules = st.fixed_dictionaries({}, optional={"tag_value": settings, LOCK: st.just(["@@none"])})
documents = st.dictionaries(st.sampled_from(["One", "two"]), tag_rules, max_size=2).map(lambda rules: {"tags": rules})
# Whose id it is, and below which unit it lies: some have no id and are known by their paths.
accounts = st.lists(
    st.tuples(st.sampled_from(["1", "2", "3", ""]), st.sampled_from("ab"), st.sampled_from(["x", "y"])),
    max_size=4,
    unique_by=(lambda one: one[0] or one[1:], lambda one: one[1:]),
)
organizations = st.tuples(accounts, documents, documents, documents)


def merged(drawn: tuple[list[tuple[str, str, str]], Any, Any, Any], kind: Any = TAG) -> Inheritance:
    """Two units `a` and `b` below the root, each with a policy, and accounts in them."""
    listed, at_root, at_a, at_b = drawn

    def policy(name: str, content: Any) -> Policy:
        return Policy(name, kind, parse_document(json.dumps(content), f"{name}.json"))

    root = OrganizationalUnit("Root", "", "", "Root", (policy("root", at_root),))
    for name, content in (("a", at_a), ("b", at_b)):
        unit = OrganizationalUnit(name, "", "", f"Root/{name}", (policy(name, content),))
        unit.accounts = [Account(last, id, "", f"Root/{name}/{last}") for id, home, last in listed if home == name]
        root.organizational_units.append(unit)
    organization = Organization(root, {}, (kind,), parse_document("{}", "organization.json"))
    organization.number_accounts()
    return resolve(organization, kind)


def contents(inheritance: Inheritance) -> dict[int, dict[str, Any]]:
    every = inheritance.organization.accounts
    return {id(account): effective_policy(inheritance, account).content() for account in every}


def regions(*values: str) -> dict[str, Any]:
    return {"plans": {"p": {"regions": {"@@assign": list(values)}}}}


def differing(before: Any, after: Any, *listed: tuple[str, str, str]) -> Difference:
    given = list(listed) or [("1", "a", "x"), ("2", "b", "y")]
    return difference(merged((given, *before), BACKUP), merged((given, *after), BACKUP))


@given(organizations)
def test_nothing_differs_from_itself(drawn: Any) -> None:
    found = difference(merged(drawn), merged(drawn))
    assert not found
    assert found == Difference("TAG_POLICY")


@given(organizations, organizations)
def test_it_agrees_with_comparing_account_by_account(one: Any, other: Any) -> None:
    before, after = merged(one), merged(other)
    old, new = contents(before), contents(after)
    found = difference(before, after)
    told = {id(first): (group, id(second)) for group in found.changed for first, second in group.accounts}
    vanished, appeared = {id(one) for one in found.vanished}, {id(one) for one in found.appeared}
    seconds = {(one.id or one.path): one for one in after.organization.accounts}
    for account in before.organization.accounts:
        if id(account) in told:
            group, second = told[id(account)]
            assert applied(group.settings, old[id(account)]) == new[second] != old[id(account)]
        elif id(account) not in vanished:
            same = seconds.get(account.id) or next(
                one for one in after.organization.accounts if one.path == account.path
            )
            assert new[id(same)] == old[id(account)]
    met = len(before.organization.accounts) - len(vanished)
    assert met == len(after.organization.accounts) - len(appeared)


@given(organizations, organizations)
def test_back_and_forth_are_one_difference(one: Any, other: Any) -> None:
    before, after = merged(one), merged(other)
    forth, back = difference(before, after), difference(after, before)
    assert forth.appeared == back.vanished
    assert forth.vanished == back.appeared
    assert changes(forth) == {(second, first, path, new, old) for first, second, path, old, new in changes(back)}


def changes(found: Difference) -> set[Any]:
    return {
        (id(first), id(second), setting.path, json.dumps(setting.before), json.dumps(setting.after))
        for group in found.changed
        for first, second in group.accounts
        for setting in group.settings
    }


def applied(changed: tuple[ChangedSetting, ...], content: dict[str, Any]) -> dict[str, Any]:
    """An effective policy with its settings changed, written anew from its leaves."""
    leaves = dict(flat(content))
    for setting in changed:
        assert leaves.get(setting.path) == setting.before
        leaves[setting.path] = setting.after
    made: dict[str, Any] = {}
    for path, value in leaves.items():
        if value is not None:
            node = made
            for name in path[:-1]:
                node = node.setdefault(name, {})
            node[path[-1]] = list(value) if isinstance(value, tuple) else value
    return made


def flat(content: dict[str, Any], path: tuple[str, ...] = ()) -> Any:
    for name, item in content.items():
        if isinstance(item, dict):
            yield from flat(item, (*path, name))
        else:
            yield (*path, name), tuple(item) if isinstance(item, list) else item


def test_accounts_with_the_same_changes_are_told_together() -> None:
    found = differing((regions("eu-west-1"), {}, {}), (regions("eu-west-2"), {}, {}))
    assert found.to_dict() == {
        "policy_type": "BACKUP_POLICY",
        "changed": [
            {
                "settings": [{"path": ["plans", "p", "regions"], "before": ["eu-west-1"], "after": ["eu-west-2"]}],
                "accounts": [
                    {"id": "1", "name": "x", "path": "Root/a/x"},
                    {"id": "2", "name": "y", "path": "Root/b/y"},
                ],
            }
        ],
        "appeared": [],
        "vanished": [],
    }


def test_accounts_with_other_changes_are_told_apart() -> None:
    found = differing((regions("eu-west-1"), {}, {}), (regions("eu-west-1"), {}, regions("eu-west-2")))
    assert [[first.name for first, _ in group.accounts] for group in found.changed] == [["y"]]


def test_what_is_set_nowhere_has_no_value() -> None:
    found = differing(({}, {}, {}), (regions("eu-west-1"), {}, {}), ("1", "a", "x"))
    assert found.changed[0].settings == (ChangedSetting(("plans", "p", "regions"), None, ("eu-west-1",)),)


def test_an_account_that_moves_is_known_by_its_id() -> None:
    policies = ({}, regions("eu-west-1"), regions("eu-west-2"))
    before, after = merged(([("1", "a", "x")], *policies), BACKUP), merged(([("1", "b", "y")], *policies), BACKUP)
    found = difference(before, after)
    assert [(first.path, second.path) for first, second in found.changed[0].accounts] == [("Root/a/x", "Root/b/y")]
    assert not found.appeared
    assert not found.vanished


def test_accounts_with_other_ids_at_one_path_are_two() -> None:
    found = difference(merged(([("1", "a", "x")], {}, {}, {})), merged(([("2", "a", "x")], {}, {}, {})))
    assert [account.id for account in found.appeared] == ["2"]
    assert [account.id for account in found.vanished] == ["1"]


def test_an_account_without_an_id_is_known_by_its_path() -> None:
    assert not difference(merged(([("", "a", "x")], {}, {}, {})), merged(([("2", "a", "x")], {}, {}, {})))


def test_what_aws_fills_in_counts() -> None:
    one = [("1", "a", "x")]
    found = difference(merged((one, {"tags": {}}, {}, {})), merged((one, {"tags": {"Owner": {}}}, {}, {})))
    assert {setting.path: setting.after for setting in found.changed[0].settings} == {
        ("tags", "owner", "tag_key"): "owner",
        ("tags", "owner", "tag_value"): ("*",),
    }


def test_two_types_are_not_compared() -> None:
    with pytest.raises(ValueError, match="two types"):
        difference(merged(([], {}, {}, {}), TAG), merged(([], {}, {}, {}), BACKUP))
