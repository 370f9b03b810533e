"""What the examples of the cards leave open: rules on what must be there."""

from __future__ import annotations

from typing import Any

import pytest
from trees import VAULT, assigned, found, messages, regions, where

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
        "AWS withholds the whole backup policy, because at 'plans/p/rules' 'rules' has 11 entries, and AWS allows 10. "
        "Remove some."
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
        "'move_to_cold_storage_after_days' (not set) to 'delete_after_days' (not set). Change one of the fields, in this policy or in a parent policy."
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
    made = {
        **plan(),
        "scan_settings": {"GUARDDUTY": {"scanner_role_arn": {"@@assign": "arn:aws:iam::$account:role/s"}}},
    }
    for name in lacks:
        del made[name]
    (finding,) = found("missing-element", [{"plans": {"p": made}}])
    assert finding.message == (
        f"AWS withholds the whole backup policy, because at 'plans/p' {said}. "
        "Add what is missing, here or in a parent policy."
    )


def test_what_a_placeholder_stands_for_is_not_missing() -> None:
    made = {**plan(), "rules": "${rules}", "selections": "${selections}"}
    assert (
        found("missing-element", [{"plans": {"p": made, "q": "${plan}", "r": {**plan(), "rules": {"r": "${r}"}}}}])
        == []
    )
    del made["rules"]
    assert len(found("missing-element", [{"plans": {"p": made}}])) == 1


@pytest.mark.parametrize(("days", "schedule"), [("120 days", "cron(0 5 1 1,7 ? *)"), ("120", "monthly")])
def test_a_value_that_aws_takes_nowhere_gives_no_second_error(days: str, schedule: str) -> None:
    lifecycle = {
        "opt_in_to_archive_for_supported_resources": {"@@assign": True},
        "move_to_cold_storage_after_days": {"@@assign": 10},
        "delete_after_days": {"@@assign": days},
    }
    made = plan(r={"lifecycle": lifecycle, "schedule_expression": {"@@assign": schedule}})
    assert found("conflicting-fields", [{"plans": {"p": made}}]) == []


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
    assert "because at 'tags' 51 tags are required on 'ec2:instance', and AWS allows 50 (k00, k01," in finding.message
    values = assigned(*(f"{m}" * 200 for m in range(10)))  # in nine policies: one that large would not be read
    large = [{"tags": {f"k{part}-{n}": {"tag_value": values} for n in range(23)}} for part in range(9)]
    (finding,) = found("wrong-count", large[:3], large[3:6], large[6:], kind="tag")
    assert "because at 'tags' the merged policy has " in finding.message
    assert " bytes, and AWS allows 395,000. Remove some." in finding.message


def test_valid_plans_beside_faulty_ones_are_told_once() -> None:
    continuous = {"enable_continuous_backup": {"@@assign": True}}
    faulty = {"bad": plan(r=continuous), "worse": plan(r=continuous)}
    assert found("valid-plan-withheld", [{"plans": faulty}]) == []
    assert found("valid-plan-withheld", [{"plans": {"good": plan()}}]) == []
    (finding,) = found("valid-plan-withheld", [{"plans": {**faulty, "good": plan(), "fine": plan()}}])
    assert finding.message == (
        "AWS withholds 'good', 'fine', which are valid, because 'plans/bad/rules/r' of the same merged policy is not."
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
        ("cn-north-1", "arn:aws:backup:eu-west-2::backup-vault:v", None),
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
    assert finding.message.startswith(
        "'nightly' and 'Nightly' of 'backup/root-a' differ only in case. AWS reads them as one"
    )
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


def test_each_node_has_its_errors_told() -> None:
    found_in = found("missing-element", [{"plans": {name: {"regions": assigned("a")} for name in "pq"}}])
    assert [where(finding.place) for finding in found_in] == ["root-a/plans/p", "root-a/plans/q"]


def test_names_differ_deep_inside_and_beside_what_one_policy_wrote_alone() -> None:
    def tagged(name: str, **more: Any) -> dict[str, Any]:
        pair = {"tag_key": {"@@assign": "k"}, "tag_value": {"@@assign": "v"}}
        return {"plans": {"p": {"rules": {"r": {"recovery_point_tags": {name: pair}}, **more}}}}

    (finding,) = found("name-differs-in-case", [tagged("Team", last=VAULT)], [tagged("team")])
    assert where(finding.place) == "unit-a/plans/p/rules/r/recovery_point_tags/team"
