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
    assert "ignores" in same[0]
    second = rule(enable_continuous_backup=True, target_backup_vault_name="second")
    assert "rejects" in told("two-continuous-rules", daily=plan(a=rule(enable_continuous_backup=True), b=second))[0]


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
    assert [message.split(". ")[0] for message in messages] == [
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
    assert message.endswith("Keep a value.")


def test_an_organization_without_any_account_says_nothing_of_empty_units() -> None:
    tree = {
        "root": {"organizational_units": [{"name": "Prod", "policies": ["tag/a"]}]},
        "policies_content": {"tag/a": {"tags": {"stage": {"tag_key": assign("stage")}}}},
    }
    assert run_example(RULES["empty-organizational-unit"], "organization", json.dumps(tree)) == []


# ---- each limit, on both sides ------------------------------------------------------------------------------


def copies(arn: str = FAR, **lifecycle: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"target_backup_vault_arn": assign(arn)}
    if lifecycle:
        made["lifecycle"] = {name: assign(value) for name, value in lifecycle.items()}
    return {"copy_actions": {"c": made}}


@pytest.mark.parametrize(
    ("rule_id", "settings", "finds"),
    [
        ("complete-window-too-short", {"start_backup_window_minutes": 60, "complete_backup_window_minutes": 60}, False),
        ("complete-window-too-short", {"start_backup_window_minutes": 61, "complete_backup_window_minutes": 60}, True),
        ("window-in-seconds", {"complete_backup_window_minutes": 31 * 24 * 60}, False),
        ("window-in-seconds", {"complete_backup_window_minutes": 31 * 24 * 60 + 1}, True),
        (
            "start-window-over-next-run",
            {"schedule_expression": "cron(0 8,9 ? * * *)", "start_backup_window_minutes": 60},
            False,
        ),
        (
            "start-window-over-next-run",
            {"schedule_expression": "cron(0 8,9 ? * * *)", "start_backup_window_minutes": 61},
            True,  # the shorter of the two gaps counts
        ),
        ("start-window-over-next-run", {"start_backup_window_minutes": 480}, False),
        ("rare-schedule", {"schedule_expression": "no schedule"}, False),
        (
            "retention-shorter-than-cold-storage",
            copies(move_to_cold_storage_after_days=30, delete_after_days=119),
            True,
        ),
        (
            "retention-shorter-than-cold-storage",
            copies(move_to_cold_storage_after_days=30, delete_after_days=120),
            False,
        ),
        ("short-warm-storage", copies(move_to_cold_storage_after_days=7), True),
        ("short-warm-storage", copies(move_to_cold_storage_after_days=8), False),
        ("no-air-gapped-vault", copies(), False),
        ("no-copy-to-another-region", copies("arn:aws:backup:eu-west-1:222222222222:backup-vault:v"), True),
        ("no-copy-to-another-region", copies("arn:aws:backup:eu-west-3:222222222222:backup-vault:v"), False),
        ("no-copy-to-another-account", copies("arn:aws:backup:eu-west-3:$account:backup-vault:v"), True),
        ("no-copy-to-another-account", copies("arn:aws:backup:eu-west-3:222222222222"), True),  # no vault, no copy
    ],
)
def test_where_a_rule_begins_to_speak(rule_id: str, settings: dict[str, Any], finds: bool) -> None:
    assert bool(told(rule_id, daily=plan(nightly=rule(**settings)))) is finds


def test_a_vault_may_stand_in_the_name_of_its_copy_alone() -> None:
    near = "arn:aws:backup:eu-west-1:$account:backup-vault:v"
    made = rule(copy_actions={near: {"lifecycle": {"delete_after_days": assign(7)}}})
    assert told("copy-without-gain", daily=plan(nightly=made)) != []
    assert told("copy-without-gain", daily=plan(nightly=rule(**copies(near)))) != []
    elsewhere = {near: {"target_backup_vault_arn": assign(FAR)}}  # the setting counts before the name
    assert told("copy-without-gain", daily=plan(nightly=rule(copy_actions=elsewhere))) == []


def test_one_rule_with_a_placeholder_hides_no_other() -> None:
    short = copies(delete_after_days=7)
    assert len(told("copy-shorter-than-source", daily=plan(a=rule("${days}", **short), b=rule(35, **short)))) == 1
    vault = {"target_logically_air_gapped_backup_vault_arn": FAR}
    assert len(told("short-retention-in-air-gapped-vault", daily=plan(a=rule(35, **vault), b=rule(6, **vault)))) == 1


def test_a_source_without_retention_is_kept_for_ever() -> None:
    (message,) = told("copy-shorter-than-source", daily=plan(nightly=rule(None, **copies(delete_after_days=7))))
    assert message.startswith("This copy is kept for 7 days and its source forever: then")


def test_of_rare_rules_the_most_frequent_is_told() -> None:
    yearly, monthly = "cron(0 5 1 1 ? *)", "cron(0 5 1 * ? *)"
    rules = {"a": rule(schedule_expression=yearly), "b": rule(schedule_expression=monthly)}
    (message,) = told("rare-schedule", daily=plan(**rules))
    assert "leaves up to 31 days between backups (allowed: 1 day)" in message
    twins = {"a": rule(schedule_expression=monthly), "b": rule(schedule_expression=monthly)}
    assert len(told("rare-schedule", daily=plan(**twins))) == 1


@pytest.mark.parametrize(("minutes", "fix"), [(86_400, "1440"), (86_401, None)])
def test_whole_minutes_can_be_mended(minutes: int, fix: str | None) -> None:
    made = plan(nightly=rule(complete_backup_window_minutes=minutes))
    (finding,) = run_example(RULES["window-in-seconds"], "json", json.dumps({"plans": {"daily": made}}))
    assert (finding.fix.edits[0].new if finding.fix else None) == fix
    advice = f"If 86,400 seconds were meant, write {fix}." if fix else "Write minutes, not seconds."
    assert finding.message.endswith(f"AWS counts minutes. {advice}")


def test_a_short_retention_is_not_lengthened_as_if_nothing_else_could_be_meant() -> None:
    made = plan(
        nightly=rule(None, lifecycle={"move_to_cold_storage_after_days": assign(30), "delete_after_days": assign(35)})
    )
    (message,) = told("retention-shorter-than-cold-storage", daily=made)
    assert message.endswith("Remove the move to cold storage, or keep the backups for 120 days.")


# ---- quotas and selections ----------------------------------------------------------------------------------


def selections(kind: str, count: int) -> dict[str, Any]:
    return {kind: {f"{kind}-{n}": {"iam_role_arn": assign("arn:aws:iam::$account:role/r")} for n in range(count)}}


def test_each_quota_is_named() -> None:
    tags = {f"t{n}": {"tag_key": assign(f"k{n}"), "tag_value": assign("v")} for n in range(11)}
    many = {f"{FAR}-{n}": {"target_backup_vault_arn": assign(f"{FAR}-{n}")} for n in range(6)}
    made = plan(nightly=rule(recovery_point_tags=tags, copy_actions=many))
    made["selections"] = selections("tags", 11) | selections("resources", 90)
    conditions = {f"c{n}": {"condition_value": assign("v")} for n in range(31)}
    made["selections"]["resources"]["resources-0"]["conditions"] = {"string_equals": conditions}
    made["selections"]["tags"]["tags-0"]["tag_value"] = assign([str(n) for n in range(31)])
    findings = run_example(RULES["over-backup-quota"], "json", json.dumps({"plans": {"daily": made}}))
    assert {finding.message: finding.place.pointer.removeprefix("/plans/daily/") for finding in findings} == {
        f"'{name}' has {count} {what}. AWS Backup rejects a plan with more than {most}. Remove some.": path
        for name, count, what, most, path in (
            ("nightly", 11, "tags for its recovery points", 10, "rules/nightly/recovery_point_tags"),
            ("nightly", 6, "copy actions", 5, "rules/nightly/copy_actions"),
            ("daily", 101, "selections", 100, "selections"),
            ("daily", 11, "selections by tag", 10, "selections/tags"),
            ("tags-0", 31, "tag values", 30, "selections/tags/tags-0/tag_value/@@assign"),
            ("resources-0", 31, "conditions", 30, "selections/resources/resources-0/conditions"),
        )
    }
    made["selections"]["resources"].popitem()
    assert "101" not in " ".join(told("over-backup-quota", daily=made))


@pytest.mark.parametrize(
    ("types", "more", "finds"),
    [
        (["*"], {}, True),
        (["arn:aws:ec2:*:*:volume/*"], {}, False),
        (["*"], {"not_resource_types": assign(["arn:aws:s3:::*"])}, False),
        (["*"], {"conditions": {"string_equals": {"c": {"condition_value": assign("v")}}}}, False),
    ],
)
def test_everything_is_selected_without_exception(types: list[str], more: dict[str, Any], finds: bool) -> None:
    made = plan(nightly=rule())
    made["selections"] = {"resources": {"all": {"resource_types": assign(types), **more}}}
    assert bool(told("selects-everything", daily=made)) is finds


@pytest.mark.parametrize("kind", ["tags", "resources"])
def test_the_default_role_is_looked_at_in_every_selection(kind: str) -> None:
    made = plan(nightly=rule())
    made["selections"] = selections(kind, 2)
    made["selections"][kind][f"{kind}-1"]["iam_role_arn"] = assign(
        "arn:aws:iam::$account:role/AWSBackupDefaultServiceRole"
    )
    assert len(told("default-role-without-path", daily=made)) == 1


def test_one_kind_of_selections_is_fine() -> None:
    made = plan(nightly=rule())
    for kind in ("tags", "resources"):
        made["selections"] = selections(kind, 2)
        assert told("two-kinds-of-selections", daily=made) == []


def test_scan_actions_without_settings_are_another_rules_concern() -> None:
    assert told("unused-scan-settings", daily=plan(nightly=rule())) == []


def test_what_two_continuous_rules_lead_to_is_told_in_full() -> None:
    continuous = rule(enable_continuous_backup=True)
    (message,) = told("two-continuous-rules", daily=plan(a=continuous, b=continuous))
    assert message == (
        "'a' and 'b' of 'daily' both back up continuously: AWS Backup follows the one that keeps its backups longer and ignores the other. Remove one."
    )
    source = json.dumps({"plans": {"first": plan(a=continuous), "second": plan(b=continuous)}})
    (finding,) = run_example(RULES["two-continuous-rules"], "json", source)
    assert finding.message == (
        "'first' and 'second' both back up what is tagged 'backup: daily' continuously: AWS Backup makes one continuous "
        "backup of a resource, and only snapshots for the other plan."
    )
    assert finding.place.pointer == "/plans/second/rules/b/enable_continuous_backup/@@assign"


def test_continuous_backups_and_snapshots_go_together() -> None:
    continuous = rule(enable_continuous_backup=True)
    assert told("backed-up-twice", first=plan(a=continuous), second=plan(b=rule())) == []
    assert len(told("backed-up-twice", first=plan(a=rule()), second=plan(b=rule()), third=plan(c=rule()))) == 2


def test_a_tag_with_a_placeholder_may_be_another() -> None:
    plans = {name: plan(tag="${tag}", nightly=rule()) for name in ("first", "second")}
    assert told("backed-up-twice", **plans) == []


def test_every_disabled_feature_that_a_region_lacks_is_named() -> None:
    features = ("foundational", "ai_protection", "s3_protection")
    enablement = {
        "default": {feature: {"status": assign("enabled")} for feature in features},
        "eu-west-1": {"foundational": {"status": assign("enabled")}},
    }
    (message,) = told("partial-region-block", "guardduty", enablement=enablement)
    assert "'ai_protection', 's3_protection'" in message


def test_a_retention_that_is_missing_is_told_where_it_would_stand() -> None:
    made = plan(nightly=rule(None, lifecycle={"move_to_cold_storage_after_days": assign(7)}))
    (finding,) = run_example(RULES["kept-forever"], "json", json.dumps({"plans": {"daily": made}}))
    assert finding.place.pointer == "/plans/daily/rules/nightly/lifecycle"
