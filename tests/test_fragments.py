"""How one policy's document is read for the merge: leniently, with names folded, and with the place of everything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from test_inheritance import BACKUP, GENERIC, LOCK, TAG
from trees import regions

from policylint.findings import Place
from policylint.fragments import Fragment, fragment_of
from policylint.operators import ALL, APPEND, ASSIGN, NONE, REMOVE
from policylint.organization import Policy
from policylint.parsing import parse_document


def policy(content: Any, name: str = "p", kind=BACKUP) -> Policy:
    return Policy(name, kind, parse_document(json.dumps(content), f"{name}.json"))


DOCUMENT = {
    LOCK: ["@@none"],
    "Plans": {
        "Daily": {
            "regions": {"@@Assign": ["a", "b"], "@@append": ["c"], "@@REMOVE": ["d"], LOCK: ["@@assign", "@@ALL", 7]},
            "rules": {"r/1": {"Start_Backup_Window_Minutes": {"@@assign": 60}, "schedule_expression": "daily"}},
        },
    },
}


def by_path(content: Any, kind=BACKUP) -> dict[str, Fragment]:
    root = fragment_of(policy(content, kind=kind))
    assert root
    return {fragment.path: fragment for fragment in root.walk()}


def test_fragments_are_walked_from_the_top_in_the_order_of_the_document() -> None:
    assert [(path, fragment.name, fragment.pointer) for path, fragment in by_path(DOCUMENT).items()] == [
        ("", "", ""),
        ("plans", "Plans", "/Plans"),
        ("plans/daily", "Daily", "/Plans/Daily"),
        ("plans/daily/regions", "regions", "/Plans/Daily/regions"),
        ("plans/daily/rules", "rules", "/Plans/Daily/rules"),
        ("plans/daily/rules/r/1", "r/1", "/Plans/Daily/rules/r~11"),
        (
            "plans/daily/rules/r/1/start_backup_window_minutes",
            "Start_Backup_Window_Minutes",
            "/Plans/Daily/rules/r~11/Start_Backup_Window_Minutes",
        ),
        (
            "plans/daily/rules/r/1/schedule_expression",
            "schedule_expression",
            "/Plans/Daily/rules/r~11/schedule_expression",
        ),
    ]


def test_operators_are_read_with_their_places() -> None:
    found = by_path(DOCUMENT)["plans/daily/regions"]
    document = found.policy.document
    here = "/Plans/Daily/regions"
    assert [found.values(operator) for operator in (ASSIGN, APPEND, REMOVE)] == [("a", "b"), ("c",), ("d",)]
    assert found.key_place() == Place(document, here, "key")
    assert found.operator_place(ASSIGN) == Place(document, f"{here}/@@Assign")
    assert found.operator_place(ASSIGN, "b") == Place(document, f"{here}/@@Assign/1")
    assert found.operator_place(ASSIGN, "z") == Place(document, f"{here}/@@Assign")
    assert found.operator_place(REMOVE, "d") == Place(document, f"{here}/@@REMOVE/0")
    assert found.operator_place(None) == found.operator_place(None, "a") == Place(document, f"{here}/{LOCK}")


def test_a_value_without_operator_stands_where_an_assignment_would() -> None:
    found = by_path(DOCUMENT)["plans/daily/rules/r/1/schedule_expression"]
    place = Place(found.policy.document, found.pointer)
    assert (found.assign, found.has_values) == ("daily", True)
    assert (
        found.operator_place(ASSIGN) == found.operator_place(ASSIGN, "daily") == found.operator_place(APPEND) == place
    )


def test_what_a_fragment_says_is_known_above_it() -> None:
    found = by_path(
        {"plans": {"p": {"rules": {"r": {LOCK: ["@@none"]}}}, "q": {"regions": {"@@append": ["a"]}}, "e": {}}}
    )
    assert [path for path, fragment in found.items() if fragment.has_values] == [
        "",
        "plans",
        "plans/q",
        "plans/q/regions",
    ]
    controlled = ["", "plans", "plans/p", "plans/p/rules", "plans/p/rules/r"]
    assert [path for path, fragment in found.items() if fragment.has_controls] == controlled
    assert by_path({LOCK: ["@@none"], "plans": {}})[""].has_controls
    assert not by_path({"plans": {}})[""].has_controls


def test_an_empty_tag_rule_gives_values() -> None:
    found = by_path({"tags": {"Team": {}}}, TAG)
    assert [path for path, fragment in found.items() if fragment.has_values] == ["", "tags", "tags/team"]
    assert not any(fragment.has_values for fragment in by_path({"tags": {}}, TAG).values())


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        (["@@none"], NONE),
        (["@@all"], ALL),
        (["@@Assign", "@@remove"], ASSIGN | REMOVE),
        (["@@none", "@@append"], APPEND),
        (["@@append", "@@unknown", 7], APPEND),
        (["@@unknown"], None),
        ([], None),
        ("@@none", NONE),
        (["@@apend"], APPEND),
        ({"@@none": 1}, None),
        (7, None),
    ],
)
def test_controls_are_read_as_bits(control: Any, expected: int | None) -> None:
    found = by_path(regions({LOCK: control}))["plans/p/regions"]
    assert (found.control, found.has_controls) == (expected, expected is not None)
    assert dict(found.written) == ({} if expected is None else {None: LOCK})


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"@@assign": "a"}, (("a",), None, None)),
        ({"@@append": "a", "@@remove": 1}, (None, ("a",), ("1",))),
        ({"@@assign": ["a", ["b"], {"c": 1}, True, None, 7]}, (("a", "true", "null", "7"), None, None)),
        ({"@@assign": {"a": 1}, "@@append": {"a": 1}}, (None, None, None)),
        ({"@@assign": []}, ((), None, None)),
        ({"@@assign": ["a"], "@@copy": ["b"]}, (("a",), None, None)),
        (["a", "b"], (("a", "b"), None, None)),
        ("a", (("a",), None, None)),
    ],
)
def test_lists_are_read_leniently(setting: Any, expected: tuple[Any, Any, Any]) -> None:
    found = by_path(regions(setting))["plans/p/regions"]
    assert (found.assign, found.append, found.remove) == expected


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"@@assign": ["a", "b"]}, (None, None)),
        ({"@@assign": ["a"]}, ("a", None)),
        ({"@@assign": {"a": 1}}, (None, None)),
        ({"@@assign": 60}, ("60", None)),
        ({"@@append": "a"}, (None, None)),
        ({"@@append": ["a", "b"]}, (None, None)),
        ({"@@asign": "0 5 ? * * *"}, ("cron(0 5 ? * * *)", None)),
        ("a", ("a", None)),
    ],
)
def test_single_values_are_read_leniently(setting: Any, expected: tuple[Any, Any]) -> None:
    found = by_path({"plans": {"p": {"rules": {"r": {"schedule_expression": setting}}}}})
    rule = found["plans/p/rules/r/schedule_expression"]
    assert (rule.assign, rule.append) == expected


def test_what_is_no_setting_is_left_out() -> None:
    content = {"plans": {"p": {"regions": None, "rules": ["r"], "unknown": "x"}, "q": 7}, "tags": {}, "@@assign": {}}
    assert list(by_path(content)) == ["", "plans", "plans/p"]
    assert list(by_path({"plans": ["p"]})) == [""]
    assert fragment_of(policy(["plans"])) is None
    unknown = {"plans": {"p": {"@@copy": {"regions": {"@@assign": ["a"]}}, "regions": {"@@assign": ["a"]}}}}
    assert list(by_path(unknown)) == ["", "plans", "plans/p", "plans/p/regions"]


def test_a_control_on_the_document_has_its_place() -> None:
    root = by_path(DOCUMENT)[""]
    assert root.operator_place(None) == Place(root.policy.document, f"/{LOCK}")


def test_below_what_is_not_described_every_operator_counts() -> None:
    found = by_path({"ec2_attributes": {"a": {"b": {"@@assign": "x", "@@append": ["y"]}}}}, GENERIC)
    setting = found["ec2_attributes/a/b"]
    assert (setting.assign, setting.append) == ("x", ("y",))


def test_the_right_name_wins_over_another_spelling() -> None:
    lifecycle = {"deleteAfterDays": {"@@assign": "14"}, "delete_after_days": {"@@assign": "35"}}
    for members in (lifecycle, dict(reversed(lifecycle.items()))):
        fragment = fragment_of(policy({"plans": {"p": {"rules": {"r": {"lifecycle": members}}}}}))
        assert fragment is not None
        (found,) = (one for one in fragment.walk() if one.path == "plans/p/rules/r/lifecycle/delete_after_days")
        assert found.assign == "35"


def test_misspelt_fields_have_the_paths_that_were_meant() -> None:
    lifecycle = {"Delete-After-Days": 14, "moveToColdStorageAfterDays": {"@@assign": 7}}
    found = by_path({"plans": {"p": {"rules": {"r": {"copyActions": {"c": {"Life_Cycle": lifecycle}}}}}}})
    copy = "plans/p/rules/r/copy_actions/c"
    assert list(found)[5:] == [
        copy.removesuffix("/c"),
        copy,
        f"{copy}/lifecycle",
        f"{copy}/lifecycle/delete_after_days",
        f"{copy}/lifecycle/move_to_cold_storage_after_days",
    ]
    assert found[f"{copy}/lifecycle"].pointer == "/plans/p/rules/r/copyActions/c/Life_Cycle"
    assert found[f"{copy}/lifecycle/delete_after_days"].assign == "14"


def test_an_operator_on_a_container_gives_no_value() -> None:
    content = {"plans": {"@@assign": "x", "daily": {"rules": {"@@append": ["x"], "r": {}}}}}
    fragments = by_path(content)
    assert (fragments["plans"].assign, fragments["plans/daily/rules"].append) == (None, None)
    assert "plans/daily/rules/r" in fragments


def test_a_placeholder_may_stand_for_a_container() -> None:
    fragments = by_path({"plans": {"daily": {"rules": "${rules}", "selections": "text"}}})
    assert fragments["plans/daily/rules"].assign == "${rules}"
    assert "plans/daily/selections" not in fragments
