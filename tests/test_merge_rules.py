"""What the examples of the cards leave open: rules on what policies do to each other, and on what must be there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.findings import Finding, Place
from policylint.plugins import load
from policylint.testing import run_example

RULES = load([]).rules
LOCK = "@@operators_allowed_for_child_policies"
NONE = {LOCK: ["@@none"]}
VAULT = {"target_backup_vault_name": {"@@assign": "v"}}


def found(rule_id: str, *levels: list[Any], kind: str = "backup", units: Any = None) -> list[Finding]:
    """What a rule finds where these documents are attached to the root, to the unit below it and to its account.

    A policy is called by its level and its place in it: `root-a`.
    """
    names = ("root", "unit", "account")
    contents = {
        f"{kind}/{names[depth]}-{'abc'[i]}": content
        for depth, peers in enumerate(levels)
        for i, content in enumerate(peers)
    }

    def at(level: str) -> list[str]:
        return [name for name in contents if f"/{level}-" in name]

    account = {"id": "1" * 12, "name": "shop", "policies": at("account")}
    unit = {"name": "Prod", "policies": at("unit"), "accounts": [account]}
    root = {"policies": at("root"), "organizational_units": units or [unit]}
    return run_example(RULES[rule_id], "organization", json.dumps({"root": root, "policies_content": contents}))


def messages(findings: list[Finding]) -> list[str]:
    return [finding.message for finding in findings]


def where(place: Place) -> str:
    return f"{Path(place.document.path).stem}{place.pointer}"


def regions(setting: dict[str, Any], plan: str = "p") -> dict[str, Any]:
    return {"plans": {plan: {"regions": setting}}}


def assigned(*values: str) -> dict[str, Any]:
    return {"@@assign": list(values)}


# ---- overriding ---------------------------------------------------------------------------------------------


def test_a_new_entry_is_told_at_its_name() -> None:
    (finding,) = found("locked-operator", [{"plans": {**NONE, "p": {}}}], [regions(assigned("a"), "q")])
    assert finding.message.startswith("The new entry 'q' is ignored by AWS")
    assert (where(finding.place), finding.place.part) == ("unit-a/plans/q", "key")


def test_what_is_in_the_list_already_has_no_effect() -> None:
    (finding,) = found("operator-without-effect", [regions(assigned("a", "b"))], [regions({"@@append": ["b", "a"]})])
    assert finding.message == "'@@append' of 'regions' does nothing for 'b', 'a': in the list already. Remove it."
    assert where(finding.place) == "unit-a/plans/p/regions/@@append"


def test_every_value_that_an_assignment_drops_is_named() -> None:
    levels = [[regions(assigned("a", "b"))], [regions({"@@append": ["c"]})], [regions(assigned("b"))]]
    (finding,) = found("inherited-list-replaced", *levels)
    assert finding.message == (
        "'@@assign' of 'regions' drops 'a', 'c', which it inherits. To add to the list use '@@append'."
    )
    assert [where(place) for place, _ in finding.related] == ["root-a/plans/p/regions/@@assign"]
    assert found("inherited-list-replaced", [regions(assigned("a"))], [regions(assigned("a", "b"))]) == []


def test_a_single_value_is_no_list() -> None:
    def schedule(value: str) -> dict[str, Any]:
        return {"plans": {"p": {"rules": {"r": {"schedule_expression": {"@@assign": value}}}}}}

    assert found("inherited-list-replaced", [schedule("a")], [schedule("b")]) == []


@pytest.mark.parametrize(
    ("above", "below", "finds"),
    [
        (["@@append"], ["@@assign", "@@append"], True),
        (["@@append"], ["@@append"], False),
        (["@@append", "@@assign"], ["@@append"], False),
        (["@@none"], ["@@all"], True),
        (["@@all"], ["@@none"], False),
    ],
)
def test_a_lock_may_be_tightened(above: list[str], below: list[str], finds: bool) -> None:
    assert bool(found("lock-loosened", [regions({LOCK: above})], [regions({LOCK: below})])) is finds


def open_settings(count: int) -> dict[str, Any]:
    return {"plans": {"p": {"rules": {f"r{n}": VAULT for n in range(count)}}}}


@pytest.mark.parametrize(
    ("settings", "more"), [(1, ""), (3, ""), (4, " and 1 more"), (5, " and 2 more"), (7, " and 4 more")]
)
def test_a_partial_lock_names_the_first_three_settings_and_shows_five(settings: int, more: str) -> None:
    (finding,) = found("partial-lock", [{**NONE, **open_settings(settings)}])
    names = ", ".join(f"'r{n}/target_backup_vault_name'" for n in range(min(settings, 3)))
    assert finding.message.startswith(f"The lock on 'the document' may leave {names}{more} open:")
    shown = [f"root-a/plans/p/rules/r{n}/target_backup_vault_name" for n in range(min(settings, 5))]
    assert [where(place) for place, _ in finding.related] == shown


def test_a_partial_lock_is_told_where_it_is_outermost() -> None:
    inner = {"plans": {"p": {**NONE, "rules": {"r": {**VAULT, "schedule_expression": {"@@assign": "x", **NONE}}}}}}
    (finding,) = found("partial-lock", [{**NONE, **inner}])
    assert "'r/target_backup_vault_name' open" in finding.message
    assert where(finding.place) == f"root-a/{LOCK}"
    assert found("partial-lock", [{LOCK: ["@@all"], **open_settings(1)}]) == []
    assert found("partial-lock", [regions({**assigned("a"), **NONE})]) == []


# ---- what no account gets -----------------------------------------------------------------------------------


def test_settings_overridden_on_every_path_are_told_one_by_one() -> None:
    above = {"plans": {"p": {"regions": assigned("a"), "rules": {"r": VAULT, "s": VAULT}}}}
    below = {
        "plans": {"p": {"regions": assigned("b"), "rules": {"s": {"target_backup_vault_name": {"@@assign": "w"}}}}}
    }
    findings = found("overridden-everywhere", [above], [below])
    assert [(finding.message, where(finding.place), finding.place.part) for finding in findings] == [
        (
            f"No account gets this '{name}': policies below assign it anew on every path.",
            f"root-a/plans/p/{path}",
            "key",
        )
        for name, path in (("regions", "regions"), ("target_backup_vault_name", "rules/s/target_backup_vault_name"))
    ]


def test_policies_without_any_effect_are_told_whole_each() -> None:
    first, second = regions(assigned("a")), regions(assigned("b"), "q")
    below = {"plans": {plan: {"regions": assigned("c")} for plan in "pq"}}
    findings = found("overridden-everywhere", [first, second], [below])
    assert [finding.message.split(":")[0] for finding in findings] == [
        f"'backup/root-{name}' has no effect on any account" for name in "ab"
    ]
    assert [where(finding.place) for finding in findings] == ["root-a/plans", "root-b/plans"]


def test_what_another_rule_tells_is_not_told_again() -> None:
    assert found("overridden-everywhere", [regions(assigned("a")), regions(assigned("b"))]) == []  # shadowed
    assert (
        found("overridden-everywhere", [regions({**assigned("a"), **NONE})], [regions(assigned("b"))]) == []
    )  # locked


def test_a_policy_with_a_control_is_not_called_useless() -> None:
    above = regions({**assigned("a"), LOCK: ["@@assign"]})
    (finding,) = found("overridden-everywhere", [above], [regions(assigned("b"))])
    assert finding.message.startswith("No account gets this 'regions'")


def test_a_removal_is_an_effect() -> None:
    levels = [
        [regions(assigned("a", "b"))],
        [regions({"@@remove": ["a"], "@@append": ["c"]})],
        [regions({"@@remove": ["c"]})],
    ]
    assert found("overridden-everywhere", *levels) == []


def test_values_that_one_account_of_two_gets_are_live() -> None:
    units = [
        {"name": name, "policies": policies, "accounts": [{"id": digit * 12, "name": name}]}
        for name, digit, policies in (
            ("Prod", "1", ["backup/unit-a"]),
            ("Test", "2", []),
            ("Dev", "3", ["backup/unit-a"]),
        )
    ]
    assert found("overridden-everywhere", [regions(assigned("a"))], [regions(assigned("b"))], units=units) == []


def test_units_without_accounts_get_nothing_and_are_told_nothing() -> None:
    units = [
        {"name": "Empty", "policies": ["backup/unit-a"]},
        {"name": "Full", "accounts": [{"id": "1" * 12, "name": "x"}]},
    ]
    assert found("overridden-everywhere", [], [regions(assigned("b"))], units=units) == []


# ---- what must be there -------------------------------------------------------------------------------------

SELECTION = {
    "iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/r"},
    "tag_key": {"@@assign": "k"},
    "tag_value": assigned("v"),
}


def plan(region: str = "eu-west-1", **rules: dict[str, Any]) -> dict[str, Any]:
    made = {name: {**VAULT, **settings} for name, settings in (rules or {"r": {}}).items()}
    return {"regions": assigned(region), "rules": made, "selections": {"tags": {"s": SELECTION}}}


def test_too_many_rules_are_told_at_their_container() -> None:
    (finding,) = found("wrong-count", [{"plans": {"p": plan(**{f"r{n}": {} for n in range(11)})}}])
    assert finding.message == (
        "AWS withholds the whole backup policy, because at 'plans/p/rules' 'rules' has 11 entries, and AWS takes 10. "
        "Take some away."
    )
    assert (where(finding.place), finding.place.part) == ("root-a/plans/p/rules", "key")


def test_an_empty_list_is_told_at_its_name() -> None:
    (finding,) = found("wrong-count", [{"plans": {"p": {**plan(), "regions": assigned()}}}])
    assert (where(finding.place), finding.place.part) == ("root-a/plans/p/regions", "key")
    assert "at 'plans/p/regions' the list is empty." in finding.message


def test_a_removal_that_leaves_nothing_is_told_where_it_stands() -> None:
    above = {"plans": {"p": {**plan(), "regions": assigned("a", "b", "c")}}}
    levels = [[above], [regions({"@@remove": ["a"]})], [regions({"@@remove": ["b"]}), regions({"@@remove": ["c"]})]]
    (finding,) = found("wrong-count", *levels)
    assert (where(finding.place), finding.place.part) == ("account-b/plans/p/regions/@@remove", "value")
    assert finding.message == (
        "AWS withholds the whole backup policy, because at 'plans/p/regions' nothing is left after a removal. "
        "Keep at least one value."
    )
    assert [where(place) for place, _ in finding.related] == [
        f"{name}/plans/p/regions" for name in ("root-a", "unit-a", "account-a")
    ]
    assert finding.aws == ("ELEMENTS_TOO_FEW", "plans/p/regions")


@pytest.mark.parametrize(
    ("setting", "left"), [({"@@append": ["z"]}, True), (assigned("z"), True), (assigned(), False), ({}, False)]
)
def test_what_follows_a_removal_counts(setting: dict[str, Any], left: bool) -> None:
    above, empties = {"plans": {"p": plan()}}, regions({"@@remove": ["eu-west-1"]})
    findings = found("wrong-count", [above], [empties], [regions(setting)])
    assert bool(findings) is not left
    cause = "account-a/plans/p/regions" if setting else "unit-a/plans/p/regions/@@remove"
    assert [where(finding.place) for finding in findings] == ([] if left else [cause])


def test_all_errors_of_one_place_are_told_together() -> None:
    made = plan(r={"enable_continuous_backup": {"@@assign": True}})
    made["rules"]["r"]["schedule_expression"] = {"@@assign": "cron(0 5 ? * * *)"}
    made["rules"]["r"]["lifecycle"] = {"opt_in_to_archive_for_supported_resources": {"@@assign": True}}
    (finding,) = found("conflicting-fields", [{"plans": {"p": made}}])
    assert finding.message == (
        "AWS withholds the whole backup policy, because at 'plans/p/rules/r' continuous backup needs a "
        "'delete_after_days' of at most 35, and there is none; archive opt-in needs a 'schedule_expression' with at least "
        "28 days between runs, not 'cron(0 5 ? * * *)'; archive opt-in needs at least 90 days from "
        "'move_to_cold_storage_after_days' (not set) to 'delete_after_days' (not set). Change one of the fields, in this "
        "policy or in one above."
    )


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        (("regions",), "'regions' is missing"),
        (("regions", "selections"), "'regions' and 'selections' are missing"),
        (("regions", "rules", "selections"), "'regions', 'rules' and 'selections' are missing"),
    ],
)
def test_all_that_is_missing_at_one_place_is_told_in_one_sentence(lacks: tuple[str, ...], said: str) -> None:
    made = {**plan(), "scan_settings": {"scanner_role_arn": {"@@assign": "arn:aws:iam::$account:role/s"}}}
    for name in lacks:
        del made[name]
    (finding,) = found("missing-element", [{"plans": {"p": made}}])
    assert finding.message == (
        f"AWS withholds the whole backup policy, because at 'plans/p' {said}. "
        "Add what is missing, here or in a policy above."
    )


def test_a_clash_is_told_in_plain_words() -> None:
    copy = {"lifecycle": {"opt_in_to_archive_for_supported_resources": {"@@assign": True}}}
    made = plan(
        r={"copy_actions": {"C": copy}, "scan_actions": {"guardduty": {"scan_mode": {"@@assign": "FULL_SCAN"}}}}
    )
    made["rules"]["r"]["schedule_expression"] = {"@@assign": "cron(0 5 1 * ? *)"}
    (finding,) = found("conflicting-fields", [{"plans": {"p": made}}])
    assert finding.message.split(" because ")[1].split(". Change")[0] == (
        "at 'plans/p/rules/r' archive opt-in of the copy 'C' needs at least 90 days from "
        "'move_to_cold_storage_after_days' (not set) to 'delete_after_days' (not set); "
        "'scan_actions' of a rule needs 'scan_settings' of its plan, and there is none"
    )


def test_the_quotas_of_tag_policies_are_told_in_plain_words() -> None:
    required = {"report_required_tag_for": assigned("ec2:instance")}
    tags = [{"tags": {f"k{n:02}": required for n in range(51)}}]
    (finding,) = found("wrong-count", tags, kind="tag")
    assert "because at 'tags' 51 tags are required on 'ec2:instance', and AWS takes 50 (k00, k01," in finding.message
    large = [{"tags": {f"k{n}": {"tag_value": assigned(*(f"{m}" * 200 for m in range(10)))} for n in range(200)}}]
    (finding,) = found("wrong-count", large, kind="tag")
    assert "because at 'tags' the merged policy has " in finding.message
    assert " bytes, and AWS takes 395,000. Take some away." in finding.message


def test_valid_plans_beside_faulty_ones_are_told_once() -> None:
    continuous = {"enable_continuous_backup": {"@@assign": True}}
    faulty = {"bad": plan(r=continuous), "worse": plan(r=continuous)}
    assert found("valid-plan-withheld", [{"plans": faulty}]) == []
    assert found("valid-plan-withheld", [{"plans": {"good": plan()}}]) == []
    (finding,) = found("valid-plan-withheld", [{"plans": {**faulty, "good": plan(), "fine": plan()}}])
    assert finding.message == (
        "AWS withholds the valid 'good', 'fine' too, because 'plans/bad/rules/r' of the same merged policy is invalid."
    )


ROLE = "arn:{}:iam::$account:role/r"
COPY = "arn:{}:backup:{}:1:backup-vault:v"


@pytest.mark.parametrize(
    ("region", "copy", "right"),
    [
        ("eu-west-1", COPY.format("aws", "eu-west-2"), None),
        ("eu-west-1", COPY.format("aws-cn", "eu-west-2"), "aws"),
        ("cn-north-1", COPY.format("aws", "eu-west-2"), None),  # its own Region counts, not the plan's
        ("cn-north-1", COPY.format("aws", "cn-northwest-1"), "aws-cn"),
        ("cn-north-1", COPY.format("aws", "$region"), "aws-cn"),
        ("cn-north-1", COPY.format("aws", "*"), "aws-cn"),
        ("cn-north-1", COPY.format("aws", ""), "aws-cn"),
        ("cn-north-1", "arn:aws:backup", None),  # no ARN
        ("cn-north-1", "x" + COPY.format("aws", "cn-north-1"), None),
        ("${region}", COPY.format("aws", "$region"), None),
        ("cn-north-1", COPY.format("aws", "${region}"), None),
    ],
)
def test_the_partition_of_an_arn_is_that_of_its_region(region: str, copy: str, right: str | None) -> None:
    made = plan(region, r={"copy_actions": {"c": {"target_backup_vault_arn": {"@@assign": copy}}}})
    made["selections"] = {}
    told = messages(found("wrong-partition", [{"plans": {"p": made}}]))
    partition = copy.split(":")[1]
    sentence = f"'{copy}' is in the partition '{partition}', but its Region is in '{right}'. Write '{right}'."
    assert told == ([sentence] if right else [])


def test_an_arn_of_the_wrong_partition_is_told_where_it_is_written() -> None:
    resources = {"iam_role_arn": {"@@assign": ROLE.format("aws")}, "resource_types": assigned("*")}
    bucket = "arn:aws:s3:::b"
    made = {
        **plan("cn-north-1"),
        "selections": {"resources": {"s": {**resources, "not_resource_types": assigned("x", bucket)}}},
    }
    assert [where(finding.place) for finding in found("wrong-partition", [{"plans": {"p": made}}])] == [
        "root-a/plans/p/selections/resources/s/iam_role_arn/@@assign",
        "root-a/plans/p/selections/resources/s/not_resource_types/@@assign/1",
    ]


def test_names_that_differ_in_case_are_found_at_every_depth() -> None:
    one = {"plans": {"daily": {"rules": {"Nightly": {"Schedule_expression": {"@@assign": "x"}}, "weekly": VAULT}}}}
    other = {"plans": {"daily": {"Rules": {"nightly": {"schedule_expression": {"@@assign": "y"}}, "weekly": VAULT}}}}
    (finding,) = found("name-differs-in-case", [one], [other])
    assert finding.message.startswith("AWS takes 'nightly' and 'Nightly' of 'backup/root-a' for one")
    assert where(finding.place) == "unit-a/plans/daily/Rules/nightly"
    assert [where(place) for place, _ in finding.related] == ["root-a/plans/daily/rules/Nightly"]


def test_names_of_three_policies_are_held_against_the_first() -> None:
    levels = [[{"plans": {name: plan()}}] for name in ("Daily", "daily", "DAILY")]
    assert [where(finding.place) for finding in found("name-differs-in-case", *levels)] == [
        "account-a/plans/DAILY",
        "unit-a/plans/daily",
    ]


def test_what_no_plan_reaches_is_told_at_the_highest_unit() -> None:
    def unit(name: str, digits: str, *, covered: bool = False, **more: Any) -> dict[str, Any]:
        accounts = [{"id": digit * 12, "name": f"{name}-{digit}"} for digit in digits]
        return {"name": name, "accounts": accounts, "policies": ["backup/unit-a"] if covered else [], **more}

    some = unit("Some", "34")
    some["accounts"][0]["policies"] = ["backup/unit-a"]
    units = [
        unit("Covered", "12", covered=True),
        unit("Bare", "5", organizational_units=[unit("Below", "6")]),
        unit("Empty", ""),
        some,
        unit("Mixed", "", organizational_units=[unit("Inner", "7", covered=True), unit("Outer", "8")]),
    ]
    findings = found("unprotected-account", [], [{"plans": {"p": plan()}}], units=units)
    assert [(finding.message.split("'")[1], finding.place.pointer) for finding in findings] == [
        ("Root/Bare", "/root/organizational_units/1/name"),
        ("Root/Some/Some-4", "/root/organizational_units/3/accounts/1"),
        ("Root/Mixed/Outer", "/root/organizational_units/4/organizational_units/1/name"),
    ]
    assert [(finding.accounts.organizational_units, finding.accounts.ids) for finding in findings] == [
        (("Root/Bare",), ()),
        ((), ("4" * 12,)),
        (("Root/Mixed/Outer",), ()),
    ]
