"""What AWS reports about an effective policy: letter by letter, at each limit, and at a given moment."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from policylint.effective import EffectivePolicy, effective_policy
from policylint.inheritance import resolve
from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.parsing import parse_document
from policylint.policy_types import policy_type
from policylint.validity import ValidationError, validation_errors

ROLE = {"@@assign": "arn:aws:iam::$account:role/r"}
ARCHIVED = {"opt_in_to_archive_for_supported_resources": True}
MONTHLY = "cron(0 5 1 * ? *)"
DAILY = "cron(0 5 ? * * *)"
IN_JANUARY = "cron(0 5 1,8 1 ? *)"  # two runs in one week, and then none for a year


def effective(*documents: dict[str, Any], kind: str = "backup") -> EffectivePolicy:
    """The effective policy of an account whose root has these documents attached."""
    found = policy_type(kind)
    policies = [
        Policy(f"p{i}", found, parse_document(json.dumps(document), f"p{i}.json"))
        for i, document in enumerate(documents)
    ]
    root = OrganizationalUnit("Root", "", "/root", "Root", tuple(policies))
    account = Account("a", "1" * 12, "", "Root/a")
    root.accounts.append(account)
    organization = Organization(root, {}, (found,), parse_document("{}", "organization.json"))
    organization.number_accounts()
    return effective_policy(resolve(organization, found), account)


def assigned(values: dict[str, Any]) -> dict[str, Any]:
    """Every text, number or list in an object as a setting that assigns it."""
    return {
        name: assigned(value) if isinstance(value, dict) else {"@@assign": value}
        for name, value in values.items()
        if value is not None
    }


def plan(**settings: Any) -> dict[str, Any]:
    """A document with one complete plan `p` with one rule `r`, which has these settings."""
    selection = {"iam_role_arn": ROLE, "tag_key": {"@@assign": "k"}, "tag_value": {"@@assign": ["v"]}}
    rule = assigned({"target_backup_vault_name": "v", **settings})
    content = {"regions": {"@@assign": ["eu-west-1"]}, "rules": {"r": rule}, "selections": {"tags": {"s": selection}}}
    return {"plans": {"p": content}}


def told(*documents: dict[str, Any], at: datetime | None = None) -> list[tuple[str, str, str, str]]:
    return [shown(error) for error in validation_errors(effective(*documents), at)]


def shown(error: ValidationError) -> tuple[str, str, str, str]:
    assert error.view.path == error.path
    return error.code, error.message, error.path, error.field


def clash(fields: str, field: str) -> tuple[str, str, str, str]:
    message = f"Dependent fields {fields} in policy block r are invalid when used together"
    return "CROSS_ATTRIBUTE_VALIDATION", message, "plans/p/rules/r", field


def test_a_complete_plan_has_no_errors() -> None:
    assert told(plan()) == []
    assert told() == []


# ---- what is missing, too few, too many ---------------------------------------------------------------------


def test_what_is_missing_is_named_with_the_field() -> None:
    document = plan(target_backup_vault_name=None, start_backup_window_minutes=60)
    del document["plans"]["p"]["regions"]
    document["plans"]["p"]["selections"] = {"resources": {"s": {"iam_role_arn": ROLE}}}
    assert told(document) == [
        ("KEY_REQUIRED", "'regions' is missing", "plans/p", "regions"),
        ("KEY_REQUIRED", "'target_backup_vault_name' is missing", "plans/p/rules/r", "target_backup_vault_name"),
        ("KEY_REQUIRED", "'resource_types' is missing", "plans/p/selections/resources/s", "resource_types"),
    ]


def test_no_region_is_too_few() -> None:
    document = plan()
    document["plans"]["p"]["regions"] = {"@@assign": []}
    message = "'regions' is less than the allowed minimum limit 1"
    assert told(document) == [("ELEMENTS_TOO_FEW", message, "plans/p/regions", "")]


@pytest.mark.parametrize(("rules", "reported"), [(10, False), (11, True)])
def test_a_plan_has_at_most_ten_rules(rules: int, reported: bool) -> None:
    document = plan()
    vault = assigned({"target_backup_vault_name": "v"})
    document["plans"]["p"]["rules"] = {f"r{number}": vault for number in range(rules)}
    error = ("ELEMENTS_TOO_MANY", "'rules' exceeds the allowed maximum limit 10", "plans/p/rules", "")
    assert told(document) == [error] * reported


# ---- fields that depend on each other -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "shown_as"),
    [
        ("35", None),
        ("36", "delete_after_days=36"),
        (None, "delete_after_days(undefined)"),
        ("${days}", None),
        ("²", None),  # no number at all: another rule says so
        ("9" * 5000, None),
    ],
)
def test_continuous_backup_is_kept_35_days_at_most(days: str | None, shown_as: str | None) -> None:
    document = plan(enable_continuous_backup=True, lifecycle={"delete_after_days": days})
    fields = f"enable_continuous_backup=true,{shown_as}"
    assert told(document) == ([clash(fields, "enable_continuous_backup")] if shown_as else [])


ARCHIVE_FIELD = "lifecycle/opt_in_to_archive_for_supported_resources"


@pytest.mark.parametrize(
    ("cold", "delete", "fits"),
    [
        ("30", "120", True),
        ("30", "119", False),
        ("${cold}", "31", True),
        ("30", "${delete}", True),
        ("30", "²", True),
        ("²", "120", True),
        ("30", "9" * 5000, True),
    ],
)
def test_cold_storage_lasts_90_days_at_least(cold: str, delete: str, fits: bool) -> None:
    lifecycle = {**ARCHIVED, "move_to_cold_storage_after_days": cold, "delete_after_days": delete}
    fields = f"delete_after_days={delete},move_to_cold_storage_after_days={cold}"
    error = clash(f"opt_in_to_archive_for_supported_resources=true,{fields}", ARCHIVE_FIELD)
    assert told(plan(schedule_expression=MONTHLY, lifecycle=lifecycle)) == ([] if fits else [error])


@pytest.mark.parametrize(
    ("lifecycle", "fields"),
    [
        ({"delete_after_days": 120}, "delete_after_days=120,move_to_cold_storage_after_days(undefined)"),
        (
            {"move_to_cold_storage_after_days": 30},
            "delete_after_days(undefined),move_to_cold_storage_after_days=30",
        ),
    ],
)
def test_archive_needs_both_ends_of_cold_storage(lifecycle: dict[str, Any], fields: str) -> None:
    document = plan(schedule_expression=MONTHLY, lifecycle={**ARCHIVED, **lifecycle})
    assert told(document) == [clash(f"opt_in_to_archive_for_supported_resources=true,{fields}", ARCHIVE_FIELD)]


COLD = {**ARCHIVED, "move_to_cold_storage_after_days": 30, "delete_after_days": 120}
NEW_YEAR = datetime(2026, 1, 3, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "at", "rare"),
    [
        (MONTHLY, None, True),
        (DAILY, None, False),
        (None, None, False),  # AWS runs it daily then
        ("${schedule}", None, True),
        ("whenever", None, True),
        (IN_JANUARY, None, True),  # there are moments at which AWS takes it
        (IN_JANUARY, NEW_YEAR, True),
        (IN_JANUARY, FEBRUARY, False),  # the next two runs are a week apart
    ],
)
def test_what_goes_to_the_archive_runs_rarely(schedule: str | None, at: datetime | None, rare: bool) -> None:
    shown_as = "(undefined)" if schedule is None else f"={schedule}"
    error = clash(f"opt_in_to_archive_for_supported_resources=true,schedule_expression{shown_as}", ARCHIVE_FIELD)
    assert told(plan(schedule_expression=schedule, lifecycle=COLD), at=at) == ([] if rare else [error])


def test_the_same_fault_of_two_copies_is_one_error_of_the_rule() -> None:
    copies = {f"arn:aws:backup:eu-west-{n}:1:backup-vault:v": {"lifecycle": COLD} for n in (2, 3)}
    fields = f"opt_in_to_archive_for_supported_resources=true,schedule_expression={DAILY}"
    assert told(plan(schedule_expression=DAILY, copy_actions=copies)) == [clash(fields, ARCHIVE_FIELD)]


def test_scans_need_the_settings_of_their_plan() -> None:
    document = plan(scan_actions={"guardduty": {"scan_mode": "FULL_SCAN"}})
    assert told(document) == [clash("scan_actions(undefined),scan_settings(undefined)", "scan_actions")]
    document["plans"]["p"]["scan_settings"] = assigned({"guardduty": {"scanner_role_arn": ROLE["@@assign"]}})
    assert told(document) == []


# ---- tag policies -------------------------------------------------------------------------------------------


def tags(names: list[str]) -> dict[str, Any]:
    return {"tags": {name: {"report_required_tag_for": {"@@assign": ["ec2:instance"]}} for name in names}}


def test_fifty_keys_may_be_required_of_a_resource_type() -> None:
    names = [f"k{number:02}" for number in range(51)]
    assert validation_errors(effective(tags(names[:50]), kind="tag")) == []
    policy = effective(tags(names[:50]), tags(names[50:]), kind="tag")
    [error] = validation_errors(policy)
    message = (
        "Resource type 'ec2:instance' has 51 tags for 'report_required_tag_for', which exceeds the maximum limit of "
        "50. Contributing tag keys include: k00, k01, k02, k03, k04 and 46 more"
    )
    assert shown(error) == ("ELEMENTS_TOO_MANY", message, "tags", "")
    assert error.policies == policy.policies
    assert [attached.name for attached in error.policies] == ["p0", "p1"]
    assert error.view is policy.top


def test_an_effective_tag_policy_has_at_most_395000_bytes() -> None:
    def sized(length: int) -> EffectivePolicy:
        return effective({"tags": {"k": {"tag_value": {"@@assign": ["ä" * 1000, "v" * length]}}}}, kind="tag")

    small = len(json.dumps(sized(1).content(), separators=(",", ":"), ensure_ascii=False).encode())
    assert validation_errors(sized(395_000 - small + 1)) == []
    policy = sized(395_000 - small + 2)
    [error] = validation_errors(policy)
    message = "Effective policy size is 395001 bytes, which exceeds the maximum limit of 395000 bytes"
    assert shown(error) == ("ELEMENTS_TOO_MANY", message, "tags", "")
    assert (error.policies, error.view.path) == ((), "tags")


# ---- the same in plain words --------------------------------------------------------------------------------


def reasons(*documents: dict[str, Any], kind: str = "backup") -> list[str]:
    return [error.reason for error in validation_errors(effective(*documents, kind=kind))]


def changed(**content: Any) -> dict[str, Any]:
    """The complete plan with other settings of its own."""
    document = plan()
    document["plans"]["p"].update(content)
    return document


NEEDED = "a 'schedule_expression' with at least 28 days between runs"
STORED = "at least 90 days from 'move_to_cold_storage_after_days' ({}) to 'delete_after_days' ({})"
TOO_LONG = "continuous backup needs a 'delete_after_days' of at most 35"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (plan(enable_continuous_backup=True), [f"{TOO_LONG}, and there is none"]),
        (plan(enable_continuous_backup=True, lifecycle={"delete_after_days": 36}), [f"{TOO_LONG}, not '36'"]),
        (plan(lifecycle=COLD), [f"archive opt-in needs {NEEDED}, and there is none"]),
        (plan(schedule_expression=DAILY, lifecycle=COLD), [f"archive opt-in needs {NEEDED}, not '{DAILY}'"]),
        (
            plan(schedule_expression=MONTHLY, lifecycle={**COLD, "delete_after_days": 60}),
            [f"archive opt-in needs {STORED.format(30, 60)}"],
        ),
        (
            plan(schedule_expression=MONTHLY, lifecycle=ARCHIVED),
            [f"archive opt-in needs {STORED.format('not set', 'not set')}"],
        ),
        (
            plan(schedule_expression=MONTHLY, copy_actions={"Far": {"lifecycle": ARCHIVED}}),
            [f"archive opt-in of the copy 'Far' needs {STORED.format('not set', 'not set')}"],
        ),
        (
            plan(scan_actions={"guardduty": {"scan_mode": "FULL_SCAN"}}),
            ["'scan_actions' of a rule needs 'scan_settings' of its plan, and there is none"],
        ),
        (changed(regions={"@@assign": []}), ["the list is empty"]),
        (changed(regions={"@@assign": ["a"], "@@remove": ["a"]}), ["nothing is left after a removal"]),
        (
            changed(rules={f"r{n}": assigned({"target_backup_vault_name": "v"}) for n in range(11)}),
            ["'rules' has 11 entries, and AWS allows 10"],
        ),
        (plan(target_backup_vault_name=None, start_backup_window_minutes=60), [""]),
    ],
)
def test_each_error_has_a_reason_unless_its_message_is_one(document: dict[str, Any], expected: list[str]) -> None:
    assert reasons(document) == expected


def test_the_reasons_of_tag_policies() -> None:
    (required,) = reasons(tags([f"k{number:02}" for number in range(51)]), kind="tag")
    assert required.startswith("51 tags are required on 'ec2:instance', and AWS allows 50 (")
    (size,) = reasons({"tags": {"k": {"tag_value": {"@@assign": ["v" * 395_000]}}}}, kind="tag")
    assert size == "the merged policy has 395,047 bytes, and AWS allows 395,000"


def test_a_type_twice_in_one_list_counts_once_towards_the_required_keys() -> None:
    keys = {f"k{n}": {"report_required_tag_for": {"@@assign": ["ec2:instance", "ec2:instance"]}} for n in range(50)}
    assert validation_errors(effective({"tags": keys}, kind="tag")) == []
