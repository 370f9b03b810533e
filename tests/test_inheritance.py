"""The merge: what AWS is known to do, and that the engine agrees with a naive second one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import effective as naive_effective

from policylint.effective import effective_policy
from policylint.inheritance import Inheritance, resolve
from policylint.merge import EMPTY, Merger, State
from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.parsing import parse_document
from policylint.policy_types import policy_type
from policylint.validity import validation_errors

LOCK = "@@operators_allowed_for_child_policies"
BACKUP = policy_type("backup")
TAG = policy_type("tag")


def resolved(levels: list[list[dict[str, Any]]], kind=BACKUP, locks="entries") -> tuple[Inheritance, Account]:
    """An organization that is one path, with these documents on its levels; the last level is the account."""
    policies = [
        tuple(
            Policy(f"p{depth}-{i}", kind, parse_document(json.dumps(content), f"p{depth}-{i}.json"))
            for i, content in enumerate(peers)
        )
        for depth, peers in enumerate(levels)
    ]
    root = unit = OrganizationalUnit("Root", "", "/root", "Root", policies[0])
    for depth, peers in enumerate(policies[1:-1]):
        child = OrganizationalUnit(f"ou{depth}", "", "", f"{unit.path}/ou{depth}", peers)
        unit.organizational_units.append(child)
        unit = child
    account = Account("a", "1" * 12, "", f"{unit.path}/a", policies[-1])
    sibling = Account("b", "2" * 12, "", f"{unit.path}/b")
    unit.accounts.extend([account, sibling])
    organization = Organization(root, {}, (kind,), parse_document("{}", "organization.json"))
    organization.number_accounts()
    return resolve(organization, kind, container_locks=locks), account


def content(levels: list[list[dict[str, Any]]], kind=BACKUP, locks="entries") -> dict[str, Any]:
    inheritance, account = resolved(levels, kind, locks)
    return effective_policy(inheritance, account).content()


def regions(*peers_of_levels: list[dict[str, Any]]) -> Any:
    levels = [[{"plans": {"p": {"regions": setting}}} for setting in peers] for peers in peers_of_levels]
    return content(levels).get("plans", {}).get("p", {}).get("regions")


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([[{"@@assign": ["a", "b"]}], [{"@@assign": ["c"]}]], ["c"]),
        ([[{"@@assign": ["a"]}, {"@@assign": ["b"]}], []], ["a"]),
        ([[{"@@append": ["a"]}, {"@@assign": ["b"]}], []], ["b", "a"]),
        ([[{"@@remove": ["a"]}, {"@@append": ["a"]}], []], []),
        ([[{"@@assign": ["a"]}], [{"@@remove": ["a"], "@@append": ["b"], "@@assign": ["c"]}]], ["c", "b"]),
        ([[{"@@remove": ["a"]}], []], None),
        ([[{"@@assign": ["a"], LOCK: ["@@none"]}], [{"@@assign": ["b"]}]], ["a"]),
        ([[{"@@assign": ["a"], LOCK: ["@@append"]}], [{LOCK: ["@@all"]}], [{"@@assign": ["b"]}]], ["a"]),
        ([[{"@@assign": ["a"], LOCK: ["@@append"]}, {LOCK: ["@@remove"]}], [{"@@append": ["b"]}]], ["a"]),
        ([[{"@@assign": ["a"], LOCK: ["@@append"]}], [{"@@assign": ["b"], "@@append": ["c"]}]], ["a", "c"]),
    ],
)
def test_operators(levels: list[list[dict[str, Any]]], expected: Any) -> None:
    assert regions(*levels) == expected


def test_lock_on_a_container_has_two_readings() -> None:
    levels = [
        [{"plans": {"p": {LOCK: ["@@none"], "regions": {"@@assign": ["a"]}}}}],
        [{"plans": {"p": {"regions": {"@@assign": ["b"]}, "backup_plan_tags": {"t": {"tag_key": {"@@assign": "t"}}}}}}],
    ]
    assert content(levels, locks="entries") == {"plans": {"p": {"regions": ["b"]}}}
    assert content(levels, locks="subtree") == {"plans": {"p": {"regions": ["a"]}}}


def test_scalars_become_texts_and_names_fold() -> None:
    rule = {"Start_Backup_Window_Minutes": {"@@Assign": 60}, "enable_continuous_backup": {"@@assign": False}}
    assert content([[{"Plans": {"Daily": {"Rules": {"R": rule}}}}], []]) == {
        "plans": {"daily": {"rules": {"r": {"start_backup_window_minutes": "60", "enable_continuous_backup": "false"}}}}
    }


def test_an_empty_tag_rule_has_defaults() -> None:
    assert content([[{"tags": {"Team": {}}}], []], TAG) == {"tags": {"team": {"tag_value": ["*"], "tag_key": "team"}}}


def test_an_incomplete_plan_is_reported_as_aws_does() -> None:
    inheritance, account = resolved(
        [[{"plans": {"p": {"rules": {"r": {"lifecycle": {"delete_after_days": {"@@assign": "7"}}}}}}}], []]
    )
    errors = {(e.code, e.message, e.path) for e in validation_errors(effective_policy(inheritance, account))}
    assert errors == {
        ("KEY_REQUIRED", "'regions' is missing", "plans/p"),
        ("KEY_REQUIRED", "'selections' is missing", "plans/p"),
        ("KEY_REQUIRED", "'target_backup_vault_name' is missing", "plans/p/rules/r"),
    }


# ---- properties over generated organizations ----------------------------------------------------------------

values = st.lists(st.sampled_from("abc"), max_size=3, unique=True)
controls = st.sampled_from([["@@all"], ["@@none"], ["@@assign"], ["@@append"], ["@@remove"], ["@@assign", "@@remove"]])
setting = st.fixed_dictionaries(
    {}, optional={"@@assign": values, "@@append": values, "@@remove": values, LOCK: controls}
)


def container(child: Any, names: str) -> Any:
    inside = st.dictionaries(st.sampled_from(list(names)), child, max_size=3)
    return st.tuples(inside, st.none() | controls).map(lambda p: {**p[0], LOCK: p[1]} if p[1] else p[0])


documents = container(container(setting, "xy"), "pq").map(lambda tags: {"tags": tags})
levels_of_documents = st.lists(st.lists(documents, max_size=2), min_size=2, max_size=4)
GENERIC = policy_type("ec2")


def as_generic(levels: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    return [[{"ec2_attributes": document["tags"]} for document in peers] for peers in levels]


@given(levels_of_documents)
def test_the_naive_merge_agrees(levels: list[list[dict[str, Any]]]) -> None:
    assert content(as_generic(levels), GENERIC) == naive_effective(as_generic(levels))


@given(levels_of_documents)
def test_the_order_of_names_in_a_document_never_matters(levels: list[list[dict[str, Any]]]) -> None:
    def backwards(node: Any) -> Any:
        return {key: backwards(node[key]) for key in reversed(node)} if isinstance(node, dict) else node

    assert content([[backwards(d) for d in peers] for peers in as_generic(levels)], GENERIC) == content(
        as_generic(levels), GENERIC
    )


@given(levels_of_documents)
def test_an_account_without_attachments_equals_its_unit(levels: list[list[dict[str, Any]]]) -> None:
    inheritance, account = resolved([*as_generic(levels), []], GENERIC)
    sibling = inheritance.organization.accounts[account.index + 1]
    assert inheritance.state_of(account) is inheritance.state_of(sibling)


@given(levels_of_documents)
def test_merging_level_by_level_in_a_tree_equals_merging_one_path_at_once(levels: list[list[dict[str, Any]]]) -> None:
    """Every level gets an account of its own: what it has is what the levels down to it give when merged alone."""
    inheritance, _ = resolved(as_generic(levels), GENERIC)
    organization = inheritance.organization
    for depth, unit in enumerate(organization.root.walk()):
        unit.accounts.append(Account(f"at{depth}", "", "", ""))
    organization.number_accounts()
    inheritance = resolve(organization, GENERIC)
    for depth, unit in enumerate(organization.root.walk()):
        shared = effective_policy(inheritance, unit.accounts[-1]).content()
        assert shared == content([*as_generic(levels)[: depth + 1], []], GENERIC)


def all_of(state: State) -> tuple[Any, ...]:
    """A state and everything below it, to be compared."""
    below = {name: all_of(child) for name, child in state.children.items()}
    return below, *(getattr(state, slot) for slot in State.__slots__ if slot not in ("children", "view"))


@given(levels_of_documents)
def test_the_short_way_of_merging_an_addition_equals_the_long_one(levels: list[list[dict[str, Any]]]) -> None:
    """`explain` has every step told and so goes the long way."""
    inheritance, _ = resolved(as_generic(levels), GENERIC)
    short, long = Merger(), Merger(verbose=True)
    before = beside = EMPTY
    for level in inheritance.levels:
        one, other = short.level(before, level.policies), long.level(beside, level.policies)
        before, beside = one.after, other.after
        assert all_of(before) == all_of(beside)
        assert one.events == [event for event in other.events if event.kind != "applied"]


@given(levels_of_documents)
def test_no_operator_is_left_in_the_effective_policy(levels: list[list[dict[str, Any]]]) -> None:
    assert "@@" not in json.dumps(content(as_generic(levels), GENERIC))


@given(levels_of_documents, controls)
def test_a_control_never_widens_what_is_allowed_below(levels: list[list[dict[str, Any]]], control: list[str]) -> None:
    def allowed(node: Any) -> dict[str, int]:
        return {"": node.allowed, **{f"{n}/{k}": v for n, c in node.children.items() for k, v in allowed(c).items()}}

    before_inheritance, account = resolved(as_generic(levels), GENERIC)
    before = allowed(before_inheritance.state_of(account))
    last = {"ec2_attributes": {"p": {"x": {LOCK: control}}}}
    after_inheritance, account = resolved([*as_generic(levels), [last]], GENERIC)
    after = allowed(after_inheritance.state_of(account))
    assert all(after[path] & ~bits == 0 for path, bits in before.items())
