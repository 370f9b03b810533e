"""What the examples of the cards leave open: where the rules on good practice speak up, and where they hold back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policylint.plugins import load
from policylint.testing import run_example

RULES = load([]).rules
FAR = "arn:aws:backup:eu-central-1:222222222222:backup-vault:copies"


def assign(value: Any) -> dict[str, Any]:
    return {"@@assign": value}


def rule(days: int | str | None = 35, **settings: Any) -> dict[str, Any]:
    made = {name: assign(value) if not isinstance(value, dict) else value for name, value in settings.items()}
    made.setdefault("target_backup_vault_name", assign("central"))
    if days is not None:
        made["lifecycle"] = {"delete_after_days": assign(days)}
    return made


def plan(*, tag: str = "daily", region: str = "eu-west-1", **rules: dict[str, Any]) -> dict[str, Any]:
    role = assign("arn:aws:iam::$account:role/Backup")
    selection = {"iam_role_arn": role, "tag_key": assign("backup"), "tag_value": assign([tag])}
    return {"regions": assign([region]), "rules": rules, "selections": {"tags": {"by-tag": selection}}}


def told(rule_id: str, top: str = "plans", **content: Any) -> list[str]:
    found = run_example(RULES[rule_id], "json", json.dumps({top: content}))
    return [finding.message for finding in found]


@pytest.mark.parametrize(
    ("rule_id", "settings"),
    [
        (
            "complete-window-too-short",
            {"start_backup_window_minutes": "${start}", "complete_backup_window_minutes": 60},
        ),
        ("window-in-seconds", {"complete_backup_window_minutes": "{{ window }}"}),
        ("start-window-over-next-run", {"schedule_expression": "${often}", "start_backup_window_minutes": 480}),
        ("short-warm-storage", {"lifecycle": {"move_to_cold_storage_after_days": assign("${cold}")}}),
        ("no-air-gapped-vault", {"target_logically_air_gapped_backup_vault_arn": "${vault}"}),
        ("short-retention-in-air-gapped-vault", {"target_logically_air_gapped_backup_vault_arn": "${vault}"}),
    ],
)
def test_placeholders_are_left_alone(rule_id: str, settings: dict[str, Any]) -> None:
    assert told(rule_id, daily=plan(nightly=rule(None, **settings))) == []


@pytest.mark.parametrize(
    ("source", "copy", "finds"), [(None, 90, True), (35, 35, False), ("${days}", 7, False), (7, "${days}", False)]
)
def test_a_copy_is_held_against_its_source(source: Any, copy: Any, finds: bool) -> None:
    copies = {FAR: {"target_backup_vault_arn": assign(FAR), "lifecycle": {"delete_after_days": assign(copy)}}}
    assert bool(told("copy-shorter-than-source", daily=plan(nightly=rule(source, copy_actions=copies)))) is finds


@pytest.mark.parametrize(
    ("one", "other", "finds"),
    [
        (rule(35), rule(None), ["one"]),  # no retention is for ever, no schedule is every day at five
        (rule(35), rule(90, schedule_expression="cron(0 5 ? * * *)"), ["one"]),
        (
            rule(90, schedule_expression="cron(0 9  ? * mon *)"),
            rule(35, schedule_expression="cron(0 9 ? * MON *)"),
            ["other"],
        ),
        (rule(35), rule(35), []),
        (rule(35), rule("${days}"), []),
        (rule(35, schedule_expression="${when}"), rule(90, schedule_expression="${when}"), []),
        (rule(35, enable_continuous_backup=True), rule(90), []),  # AWS advises to have both
    ],
)
def test_a_rule_makes_no_backups_beside_a_longer_one(
    one: dict[str, Any], other: dict[str, Any], finds: list[str]
) -> None:
    messages = told("rule-without-backups", daily=plan(one=one, other=other))
    assert [message.split("'")[1] for message in messages] == finds


def test_continuous_rules_of_one_vault_and_of_two() -> None:
    same = told(
        "two-continuous-rules", daily=plan(a=rule(enable_continuous_backup=True), b=rule(enable_continuous_backup=True))
    )
    assert "disregards" in same[0]
    second = rule(enable_continuous_backup=True, target_backup_vault_name="second")
    assert "refuses" in told("two-continuous-rules", daily=plan(a=rule(enable_continuous_backup=True), b=second))[0]


@pytest.mark.parametrize(
    ("second", "finds"), [({}, True), ({"tag": "weekly"}, False), ({"region": "eu-west-3"}, False)]
)
@pytest.mark.parametrize("rule_id", ["two-continuous-rules", "backed-up-twice"])
def test_two_plans_meet_in_a_tag_and_a_region(rule_id: str, second: dict[str, str], finds: bool) -> None:
    continuous = rule(enable_continuous_backup=True)
    assert bool(told(rule_id, first=plan(a=continuous), second=plan(b=continuous, **second))) is finds


@pytest.mark.parametrize(("values", "finds"), [(30, False), (31, True)])
def test_the_quota_on_values_of_a_tag(values: int, finds: bool) -> None:
    made = plan(nightly=rule())
    made["selections"]["tags"]["by-tag"]["tag_value"] = assign([f"value-{number}" for number in range(values)])
    assert bool(told("over-backup-quota", daily=made)) is finds


def test_the_quotas_on_selections_and_conditions() -> None:
    made = plan(nightly=rule())
    selection = made["selections"]["tags"]["by-tag"]
    made["selections"]["tags"] = {f"selection-{number}": selection for number in range(11)}
    conditions = {
        f"c{n}": {"condition_key": assign(f"aws:ResourceTag/k{n}"), "condition_value": assign("x")} for n in range(31)
    }
    made["selections"]["resources"] = {
        "all": {"iam_role_arn": selection["iam_role_arn"], "conditions": {"string_equals": conditions}}
    }
    messages = told("over-backup-quota", daily=made)
    assert [message.split(";")[0] for message in messages] == [
        "'daily' has 11 selections by tag",
        "'all' has 31 conditions",
    ]


def test_a_region_list_may_come_from_the_policy_above() -> None:
    tree = {
        "root": {
            "policies": ["security-hub/a"],
            "organizational_units": [
                {"name": "Prod", "policies": ["security-hub/b"], "accounts": [{"id": "1" * 12, "name": "x"}]}
            ],
        },
        "policies_content": {
            "security-hub/a": {
                "securityhub": {"enable_in_regions": assign(["eu-west-1"]), "disable_in_regions": assign([])}
            },
            "security-hub/b": {"securityhub": {"disable_in_regions": {"@@append": ["eu-west-1"]}}},
        },
    }
    for rule_id in ("missing-region-list", "region-enabled-and-disabled"):
        assert run_example(RULES[rule_id], "organization", json.dumps(tree)) == []


def test_all_regions_with_an_exception_is_fine() -> None:
    scan = {"enable_in_regions": assign(["ALL_SUPPORTED"]), "disable_in_regions": assign(["eu-west-1"])}
    assert told("region-enabled-and-disabled", "inspector", enablement={"ec2_scanning": scan}) == []


def test_what_the_guardduty_default_disables_may_be_left_out() -> None:
    enablement = {
        "default": {"foundational": {"status": assign("disabled")}},
        "eu-west-1": {"ai_protection": {"status": assign("enabled")}},
    }
    assert told("partial-region-block", "guardduty", enablement=enablement) == []


def _emptied(fragment: dict[str, Any], removal: dict[str, Any]) -> list[str]:
    tree = {
        "root": {
            "policies": ["backup/a"],
            "organizational_units": [
                {"name": "Prod", "policies": ["backup/b"], "accounts": [{"id": "1" * 12, "name": "x"}]}
            ],
        },
        "policies_content": {"backup/a": {"plans": {"daily": fragment}}, "backup/b": {"plans": {"daily": removal}}},
    }
    return [finding.message for finding in run_example(RULES["list-emptied"], "organization", json.dumps(tree))]


def test_an_emptied_list_that_aws_reports_is_told_there() -> None:
    assert _emptied({"regions": assign(["eu-west-1"])}, {"regions": {"@@remove": ["eu-west-1"]}}) == []


def test_an_empty_list_is_advised_only_where_aws_takes_one() -> None:
    def index(operator: str) -> dict[str, Any]:
        return {"rules": {"nightly": {"index_actions": {"resource_types": {operator: ["S3"]}}}}}

    (message,) = _emptied(index("@@assign"), index("@@remove"))
    assert "empty list" not in message


def test_an_organization_without_any_account_says_nothing_of_empty_units() -> None:
    tree = {
        "root": {"organizational_units": [{"name": "Prod", "policies": ["tag/a"]}]},
        "policies_content": {"tag/a": {"tags": {"stage": {"tag_key": assign("stage")}}}},
    }
    assert run_example(RULES["empty-organizational-unit"], "organization", json.dumps(tree)) == []
