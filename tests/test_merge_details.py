"""What the merge tells beside its result: what had no effect and why, who gave what, and who has it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from test_inheritance import BACKUP, LOCK, TAG, resolved

from policylint.inheritance import accounts_with_policies, resolve
from policylint.merge import EMPTY, Level, Merger, State
from policylint.operators import APPEND, ASSIGN, REMOVE
from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.parsing import parse_document

Told = tuple[str, str, int | None, Any, list[str]]
BOTH = {LOCK: ["@@append", "@@assign"]}


def policy(content: Any, name: str = "p", kind=BACKUP) -> Policy:
    return Policy(name, kind, parse_document(json.dumps(content), f"{name}.json"))


def levels_of(*levels: list[dict[str, Any]], merger: Merger | None = None) -> list[Level]:
    """The merges of documents given level by level. A policy is called by its level and its place in it: `1b`."""
    merger = merger or Merger()
    state, merged = EMPTY, []
    for depth, peers in enumerate(levels):
        policies = tuple(policy(content, f"{depth}{'abc'[i]}") for i, content in enumerate(peers))
        level = merger.level(state, policies)
        merged.append(level)
        state = level.after
    return merged


def regions(setting: dict[str, Any]) -> dict[str, Any]:
    return {"plans": {"p": {"regions": setting}}}


def events(*levels: list[dict[str, Any]], verbose: bool = False) -> list[Told]:
    """The events of the last of the levels, each policy writing the list `regions` of one plan."""
    documents = [[regions(setting) for setting in peers] for peers in levels]
    return told(levels_of(*documents, merger=Merger(verbose=verbose))[-1])


def told(level: Level) -> list[Told]:
    return [
        (
            event.kind,
            event.fragment.policy.name,
            event.operator,
            event.values,
            [giver.policy.name for giver in event.by],
        )
        for event in level.events
    ]


# ---- events -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([[{LOCK: ["@@append"]}], [{"@@assign": ["b"]}]], [("locked", "1a", ASSIGN, ("b",), ["0a"])]),
        pytest.param([[{LOCK: ["@@assign"]}], [{"@@append": ["b"]}]], [("locked", "1a", APPEND, ("b",), ["0a"])]),
        pytest.param([[{LOCK: ["@@assign"]}], [{"@@remove": ["b"]}]], [("locked", "1a", REMOVE, ("b",), ["0a"])]),
        pytest.param(
            [[BOTH], [{LOCK: ["@@append"]}], [{"@@assign": ["b"]}]],
            [("locked", "2a", ASSIGN, ("b",), ["1a"])],
            id="the control that allows it is not to blame",
        ),
        pytest.param(
            [[{LOCK: ["@@none"]}], [{"@@append": ["b"]}, {"@@remove": ["b"]}, {"@@append": ["c"], "@@remove": ["c"]}]],
            [
                ("locked", "1a", APPEND, ("b",), ["0a"]),
                ("locked", "1c", APPEND, ("c",), ["0a"]),
                ("locked", "1b", REMOVE, ("b",), ["0a"]),
                ("locked", "1c", REMOVE, ("c",), ["0a"]),
            ],
            id="every policy is told of its lock",
        ),
        pytest.param(
            [[{LOCK: ["@@none"]}], [{"@@assign": ["b"]}, {"@@assign": ["c"]}]],
            [("locked", "1a", ASSIGN, ("b",), ["0a"]), ("locked", "1b", ASSIGN, ("c",), ["0a"])],
            id="what is locked shadows nothing",
        ),
        pytest.param(
            [[{"@@assign": ["a"]}, {"@@assign": ["b"]}]],
            [("shadowed", "0b", ASSIGN, ("b",), ["0a"])],
        ),
        pytest.param(
            [[{"@@assign": ["a"]}, {"@@assign": ["b"]}, {"@@assign": ["c"]}]],
            [("shadowed", "0b", ASSIGN, ("b",), ["0a"]), ("shadowed", "0c", ASSIGN, ("c",), ["0a"])],
            id="the first of three counts",
        ),
        pytest.param(
            [[{"@@assign": ["a", "b"]}], [{"@@append": ["c"]}], [{"@@assign": ["d"]}]],
            [("replaced", "2a", ASSIGN, ("a", "b", "c"), ["0a", "1a"])],
        ),
        pytest.param([[{"@@assign": ["a"]}], [{"@@assign": ["a"]}]], []),
        pytest.param(
            [[{"@@assign": ["a", "b"]}], [{"@@append": ["c"]}], [{"@@append": ["c", "d", "a"]}]],
            [("already-there", "2a", APPEND, ("c", "a"), ["0a", "1a"])],
        ),
        pytest.param([[{"@@assign": ["a"]}], [{"@@append": ["b"]}]], []),
        pytest.param(
            [[{"@@assign": ["a", "b"]}], [{"@@remove": ["c", "a"]}]],
            [("not-inherited", "1a", REMOVE, ("c",), [])],
        ),
    ],
)
def test_what_the_merge_tells(levels: list[list[dict[str, Any]]], expected: list[Told]) -> None:
    assert events(*levels) == expected


def test_explain_is_told_what_was_applied_too() -> None:
    everything = {"@@assign": ["a"], "@@append": ["a", "b"], "@@remove": ["a", "c"]}
    assert events([everything], [{"@@append": ["d"]}], verbose=True) == [("applied", "1a", APPEND, ("d",), [])]
    assert events([everything], verbose=True) == [
        ("applied", "0a", ASSIGN, ("a",), []),
        ("already-there", "0a", APPEND, ("a",), ["0a"]),
        ("applied", "0a", APPEND, ("b",), []),
        ("not-inherited", "0a", REMOVE, ("c",), []),
        ("applied", "0a", REMOVE, ("a",), []),
    ]


def test_a_new_entry_that_a_lock_keeps_out_is_told_once_for_each_policy() -> None:
    locked = {"plans": {LOCK: ["@@assign"], "p": {}}}
    new = {"plans": {"q": {"regions": {"@@assign": ["a"]}, "rules": {"r": {}}}}}
    level = levels_of([locked], [new, new])[-1]
    assert told(level) == [("locked", "1a", None, None, ["0a"]), ("locked", "1b", None, None, ["0a"])]
    assert [event.fragment.path for event in level.events] == ["plans/q", "plans/q"]


def test_what_a_lock_keeps_out_hides_nothing_beside_it() -> None:
    locked = {"plans": {LOCK: ["@@assign"], "p": {"regions": {"@@assign": ["a"]}}}}
    mixed = {"plans": {"new": {"regions": {"@@assign": ["x"]}}, "p": {"regions": {"@@assign": ["b"]}}}}
    assert regions_of(levels_of([locked], [mixed])[-1]).value == ("b",)


def test_a_control_on_a_container_is_to_blame_below_it_under_the_wider_reading() -> None:
    documents = [
        [{"plans": {LOCK: ["@@append"], **regions({"@@assign": ["a"]})["plans"]}}],
        [regions({"@@assign": ["b"]})],
    ]
    assert told(levels_of(*documents, merger=Merger("subtree"))[-1]) == [("locked", "1a", ASSIGN, ("b",), ["0a"])]
    assert told(levels_of(*documents)[-1]) == [("replaced", "1a", ASSIGN, ("a",), ["0a"])]


# ---- states -------------------------------------------------------------------------------------------------


def regions_in(state: State) -> State:
    return state.children["plans"].children["p"].children["regions"]


def regions_of(level: Level) -> State:
    return regions_in(level.after)


def test_each_element_of_a_list_knows_who_gave_it() -> None:
    documents = [[{"@@assign": ["a", "b"]}], [{"@@append": ["c", "d"]}], [{"@@remove": ["a", "c"]}]]
    state = regions_of(levels_of(*([regions(setting) for setting in peers] for peers in documents))[-1])
    assert state.value == ("b", "d")
    assert [(o.fragment.policy.name, o.operator) for o in state.origins] == [("0a", ASSIGN), ("1a", APPEND)]
    assert [writer.policy.name for writer in state.writers] == ["0a", "1a", "2a"]


def test_an_emptied_list_is_the_doing_of_who_emptied_it() -> None:
    state = regions_of(levels_of([regions({"@@assign": ["a"]})], [regions({"@@remove": ["a"]})])[-1])
    assert state.value == ()
    assert [(o.fragment.policy.name, o.operator) for o in state.origins] == [("1a", REMOVE)]


def test_a_single_value_has_one_giver() -> None:
    """AWS rejects appending to it, so that takes no part."""

    def schedule(setting: dict[str, Any]) -> dict[str, Any]:
        return {"plans": {"p": {"rules": {"r": {"schedule_expression": setting}}}}}

    levels = levels_of([schedule({"@@assign": "ab"})], [schedule({"@@assign": "bc"})], [schedule({"@@append": "d"})])
    rules = [level.after.children["plans"].children["p"].children["rules"] for level in levels]
    settings = [rule.children["r"].children["schedule_expression"] for rule in rules]
    assert [setting.value for setting in settings] == ["ab", "bc", "bc"]
    assert [[o.fragment.policy.name for o in setting.origins] for setting in settings] == [["0a"], ["1a"], ["1a"]]


def test_what_a_state_allows_and_who_narrowed_it() -> None:
    levels = levels_of([regions({LOCK: ["@@assign", "@@append"]})], [regions({LOCK: ["@@append", "@@remove"]})])
    states = [regions_of(level) for level in levels]
    assert [state.allowed for state in states] == [ASSIGN | APPEND, APPEND]
    assert [[control.policy.name for control in state.controls] for state in states] == [["0a"], ["0a", "1a"]]
    assert not any(state.rendered for state in states)


def test_the_same_policies_below_the_same_state_are_merged_once() -> None:
    merger = Merger()
    peers = policy(regions({"@@assign": ["a"]}), "a"), policy(regions({"@@append": ["b"]}), "b")
    assert merger.level(EMPTY, peers) is merger.level(EMPTY, peers)
    assert regions_of(merger.level(EMPTY, peers[::-1])) is not regions_of(merger.level(EMPTY, peers))
    assert merger.level(EMPTY, (policy([], "broken"),)).after is EMPTY


def test_the_same_policies_below_another_state_are_another_merge() -> None:
    merger = Merger()
    above, appending = policy(regions({"@@assign": ["a"]}), "a"), (policy(regions({"@@append": ["b"]}), "b"),)
    assert regions_of(merger.level(EMPTY, appending)).value == ("b",)
    assert regions_of(merger.level(merger.level(EMPTY, (above,)).after, appending)).value == ("a", "b")


def test_a_container_of_which_nothing_is_left_shows_nowhere() -> None:
    entry = {"plans": {"p": {"rules": {"r": {LOCK: ["@@none"]}}}}}
    inside = {"plans": {"p": {"rules": {"r": {"copy_actions": {"c": {"target_backup_vault_arn": {"@@assign": "x"}}}}}}}}
    level = levels_of([entry], [inside])[-1]
    assert [event.kind for event in level.events] == ["locked"]
    assert level.after.children["plans"].writers
    assert not level.after.rendered


def test_accounts_keep_their_states_whichever_policies_stand_beside_them() -> None:
    own = policy(regions({"@@assign": ["own"]}), "own")
    other = policy({"tags": {"t": {}}}, "tag", TAG)
    attached = [(), (own,), (other,), (), (own, other), ()]
    root = OrganizationalUnit("Root", "", "/root", "Root", (policy(regions({"@@assign": ["all"]}), "all"),))
    root.accounts.extend(Account(f"a{n}", f"{n}" * 12, "", f"Root/a{n}", peers) for n, peers in enumerate(attached))
    organization = Organization(root, {}, (BACKUP, TAG), parse_document("{}", "organization.json"))
    organization.number_accounts()
    inheritance = resolve(organization, BACKUP)
    values = [regions_in(inheritance.state_of(account)).value for account in organization.accounts]
    assert values == [("all",), ("own",), ("all",), ("all",), ("own",), ("all",)]
    assert sorted(res.account_ranges for res in inheritance.resolutions.values()) == [
        [(0, 1), (2, 4), (5, 6)],
        [(1, 2), (4, 5)],
    ]


def test_who_has_a_state_is_told_in_half_open_ranges() -> None:
    inheritance, account = resolved([[regions({"@@assign": ["a"]})], [regions({"@@assign": ["b"]})]])
    organization = inheritance.organization
    found = [(regions_in(found.state).value, found.account_ranges) for found in inheritance.resolutions.values()]
    assert sorted(found) == [(("a",), [(1, 2)]), (("b",), [(0, 1)])]
    assert [[target.path for target in level.targets] for level in inheritance.levels] == [["Root"], ["Root/a"]]
    assert [level.account_ranges for level in inheritance.levels] == [[(0, 2)], [(0, 1)]]
    assert accounts_with_policies(organization) == {id(organization.root): [account]}
    again = resolve(organization, BACKUP, attached={})
    assert [res.account_ranges for res in again.resolutions.values()] == [[(0, 2)]]


@pytest.mark.parametrize("name", ["to_delete_after_days", "deleteAfterDays", "Delete-After-Days"])
def test_a_field_in_another_spelling_is_merged_as_it_was_meant(name: str) -> None:
    lifecycle = {name: {"@@assign": "14"}}
    (level,) = levels_of([{"plans": {"p": {"rules": {"r": {"lifecycle": lifecycle}}}}}])
    node = level.after
    for part in ("plans", "p", "rules", "r", "lifecycle", "delete_after_days"):
        node = node.children[part]
    assert node.value == "14"
    assert node.origins[0].fragment.pointer == f"/plans/p/rules/r/lifecycle/{name}"
