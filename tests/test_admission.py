"""What AWS refuses on one document, told at its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policylint.admission import inspect
from policylint.organization import Policy
from policylint.parsing import parse_document
from policylint.policy_types import policy_type

ARN = "arn:aws:backup:eu-west-1:$account:backup-vault:copies"


def faults(content: Any, kind: str = "backup") -> list[tuple[str, str]]:
    text = content if isinstance(content, str) else json.dumps(content)
    policy = Policy("p", policy_type(kind), parse_document(text, "p.json"))
    return [(rule, fault.place.pointer) for rule, fault in inspect(policy)]


def rule(**fields: Any) -> dict[str, Any]:
    return {"plans": {"p": {"rules": {"r": fields}}}}


def assign(value: Any) -> dict[str, Any]:
    return {"@@assign": value}


def resource_types(pattern: str) -> dict[str, Any]:
    return {"plans": {"p": {"selections": {"resources": {"s": {"resource_types": assign([pattern])}}}}}}


RULE = "/plans/p/rules/r"
RESOURCE_TYPE = "/plans/p/selections/resources/s/resource_types/@@assign/0"
VAULT = "arn:aws:backup:eu-west-1:$account:backup-vault:copies"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"plan": {}}, [("wrong-top-key", ""), ("wrong-top-key", "/plan")]),
        ({"plans": {}, "@@assign": 1}, [("ignored-operator", "/@@assign")]),
        ({"plans": {"@@append": []}}, [("operator-on-container", "/plans/@@append")]),
        ({"plans": {"a b": {}}}, [("malformed-name", "/plans/a b")]),
        ({"plans": {"Daily": {}, "daily": {}}}, [("same-name-twice", "/plans/daily")]),
        ({"plans": {"p": {"regions": assign("eu-west-1")}}}, [("list-expected", "/plans/p/regions/@@assign")]),
        ({"plans": {"p": {"regions": assign(["mars-1"])}}}, [("malformed-value", "/plans/p/regions/@@assign/0")]),
        ({"plans": {"p": {"regions": ["eu-west-1"]}}}, [("missing-operator", "/plans/p/regions")]),
        (rule(lifecycle={"to_delete_after_days": {}}), [("unknown-field", RULE + "/lifecycle/to_delete_after_days")]),
        (
            rule(start_backup_window_minutes=assign("59")),
            [("malformed-value", RULE + "/start_backup_window_minutes/@@assign")],
        ),
        (rule(start_backup_window_minutes=assign("0060")), []),
        (
            rule(target_backup_vault_name={"@@append": ["v"]}),
            [("operator-on-single-value", RULE + "/target_backup_vault_name/@@append")],
        ),
        (
            rule(target_backup_vault_name={"@@asign": "v"}),
            [("unknown-operator", RULE + "/target_backup_vault_name/@@asign")],
        ),
        (
            rule(schedule_expression=assign("cron(0/10 * ? * * *)")),
            [("schedule-refused", RULE + "/schedule_expression/@@assign")],
        ),
        (rule(schedule_expression=assign("${Schedule}")), [("placeholder", RULE + "/schedule_expression/@@assign")]),
        (
            {"plans": {"p": {"regions": assign(["eu-west-1", "eu-west-2", "eu-west-1"])}}},
            [("repeated-value", "/plans/p/regions/@@assign/2")],
        ),
        (
            rule(lifecycle={"delete_after_days": assign(36_501)}),
            [("value-over-backup-limit", RULE + "/lifecycle/delete_after_days/@@assign")],
        ),
        (rule(lifecycle={"delete_after_days": assign(36_500)}), []),
        (resource_types("arn:aws:ec2:*:*:volume/*"), []),
        (resource_types("arn:aws:sqs:*:*:*"), [("unlisted-value", RESOURCE_TYPE)]),
        (resource_types("arn:aws:ec2:eu-west-1:111111111111:volume/vol-1"), [("malformed-value", RESOURCE_TYPE)]),
        (
            rule(enable_continuous_backup=assign(True)),
            [("continuous-backup-incomplete", RULE + "/enable_continuous_backup")],
        ),
        (rule(enable_continuous_backup=assign(False)), []),
        (rule(copy_actions={VAULT: {}}), [("incomplete-block", RULE + "/copy_actions/" + VAULT)]),
        (rule(copy_actions={VAULT: {"target_backup_vault_arn": assign(VAULT)}}), []),
        (
            {"plans": {"@@operators_allowed_for_child_policies": ["@@none", "@@all"]}},
            [("malformed-control", "/plans/@@operators_allowed_for_child_policies")],
        ),
        (
            {"plans": {"@@operators_allowed_for_child_policies": ["@@assign", "@@Assign"]}},
            [("operator-spelled-twice", "/plans/@@operators_allowed_for_child_policies")],
        ),
    ],
)
def test_backup(content: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert faults(content) == expected


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("tag", {"tags": {"team": {"tag_key": assign("squad")}}}, ["name-differs-from-tag-key"]),
        ("tag", {"tags": {"team": {"tag_value": assign(["*a*"])}}}, ["malformed-value"]),
        ("tag", {"tags": {"team": {"enforced_for": assign(["ec2:*"])}}}, ["malformed-value"]),
        ("tag", {"TAGS": {"Team": {"Tag_Key": assign("TEAM")}}}, []),
        ("ai-opt-out", {"services": {"Lex": {}}}, ["malformed-name"]),
        ("ai-opt-out", {"services": {"lex": {"opt_out_policy": assign("OptOut")}}}, ["malformed-value"]),
        ("ai-opt-out", {"services": {"clairvoyance": {}}}, ["unlisted-value"]),
        (
            "ai-opt-out",
            {"services": {"@@operators_allowed_for_child_policies": ["@@assign"]}},
            ["undocumented-control"],
        ),
        ("tag", {"tags": {"team": {"enforced_for": assign(["clairvoyance:orb"])}}}, ["unlisted-value"]),
        ("tag", {"tags": {"team": {"enforced_for": assign(["ec2:instnce"])}}}, ["unlisted-value"]),
        ("tag", {"tags": {"team": {"enforced_for": assign(["rds:db"])}}}, ["unlisted-value"]),
        (
            "tag",
            {"tags": {"team": {"enforced_for": assign(["EC2:instance", "kinesis:unheard-of"])}}},
            ["malformed-value"],
        ),
        ("tag", {"tags": {"team": {"enforced_for": assign(["ec2:Instance", "kinesis:unheard-of"])}}}, []),
        ("chat", {"chatbot": {"platforms": {"default": {}}}}, ["unknown-field"]),
        ("chat", {"chatbot": {"platforms": {"slack": {"workspaces": assign([7])}}}}, []),
        ("ec2", {"ec2_attributes": {"not_described_yet": {"state": "on"}}}, ["missing-operator"]),
        ("tag", {"tags": {"team": {"enforced_for": assign("${Types}")}}}, ["placeholder"]),
        ("ec2", {"ec2_attributes": {"not_described_yet": {"state": assign("on")}}}, []),
    ],
)
def test_other_types(kind: str, content: dict[str, Any], expected: list[str]) -> None:
    assert [rule for rule, _ in faults(content, kind)] == expected


def test_white_space_counts_towards_the_limit() -> None:
    assert faults(json.dumps({"plans": {}}) + " " * 10_000) == [("white-space-over-limit", "")]
    plans = {f"plan-{number}": {"regions": assign(["eu-west-1"])} for number in range(300)}
    assert faults({"plans": plans}) == [("document-over-limit", "")]


def test_one_note_for_all_placeholders() -> None:
    content = {"plans": {"p": {"regions": assign(["${a}", "${b}"])}, "q": {"regions": assign("{{ c }}")}}}
    assert faults(content) == [("placeholder", "/plans/p/regions/@@assign/0")]


# ---- what AWS takes, and what it only seems to refuse -------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "rules"),
    [
        ("tag", {"tags": {"o": {"enforced_for": {"@@append": ["dynamodb:*"]}}}}, {"older-form"}),
        ("tag", {"tags": {"o": {"enforced_for": {"@@append": ["elasticloadbalancing:*"]}}}}, {"older-form"}),
        ("tag", {"tags": {"o": {"enforced_for": {"@@append": ["ecs:*"]}}}}, {"malformed-value"}),
        ("tag", {"tags": {"o": {"tag_value": {"@@assign": ["a", None]}}}}, {"null-as-text"}),
        ("tag", {"tags": {"o": {"tag_value": {"@@assign": ["a", "null"]}}}}, set()),
        ("s3", {"s3_attributes": {"x": {"@@assign": "a", "@@ASSIGN": "b"}}}, {"operator-spelled-twice"}),
        ("s3", {"s3_attributes": {"x": {"@@assign": "a"}, "X": {"@@assign": "a"}}}, {"same-name-twice"}),
        # What is below a mistake is looked at too, so that no fix uncovers it.
        ("tag", {"tags": {"o": {"enforced_for": {"@@assign": "ec2:*"}}}}, {"list-expected", "malformed-value"}),
        ("tag", {"tags": {"o": {"enforced_for": ["ec2:*"]}}}, {"missing-operator", "malformed-value"}),
        ("backup", {"plans": {"p": {"regions": "moon"}}}, {"missing-operator", "malformed-value"}),
        ("tag", {"tags": {"o": {"tag_value": {"@@assign": {"a": None, "b": None}}}}}, {"list-expected"}),
        # A tag is given whole in each document that mentions it.
        ("backup", {"plans": {"p": {"backup_plan_tags": {"t": {"tag_key": {"@@assign": "t"}}}}}}, {"incomplete-block"}),
        ("backup", {"plans": {"p": {"backup_plan_tags": {}}}}, set()),
        # The top key within itself.
        ("tag", {"tags": {"tags": {"o": {"tag_value": {"@@assign": ["a"]}}}}}, {"wrong-top-key"}),
        ("tag", {"tags": {"tags": {"tag_value": {"@@assign": ["a"]}}}}, set()),
        ("backup", {"plans": {"Plans": {"p": {"regions": {"@@assign": ["eu-west-1"]}}}}}, {"wrong-top-key"}),
        ("ec2", {"ec2_attributes": {"ec2_attributes": {"exception_message": {"@@assign": "a"}}}}, {"wrong-top-key"}),
        # Types that are not described in full: only what is known to belong elsewhere, or is all but a known name.
        ("ec2", {"ec2_attributes": {"serial_console_access": {"exception_message": {}}}}, {"doubtful-field"}),
        ("ec2", {"ec2_attributes": {"vpc_block_public_access": {"internet_gateway": {}}}}, {"doubtful-field"}),
        ("ec2", {"ec2_attributes": {"serial_consol_access": {}}}, {"doubtful-field"}),
        ("ec2", {"ec2_attributes": {"something_new": {"status": {"@@assign": "x"}, "mode": {}}}}, set()),
        ("bedrock", {"bedrock": {"guardrail_inference": {"eu-west-1": {"config_2": {}}}}}, set()),
    ],
)
def test_what_is_said_of_a_document(kind: str, content: dict[str, Any], rules: set[str]) -> None:
    policy = Policy("x", policy_type(kind), parse_document(json.dumps(content), "x.json"))
    assert {rule for rule, _ in inspect(policy)} == rules


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("tag", {"tags": {"o": {"TAG_KEY": {"@@assign": "other"}}}}),
        ("backup", {"plans": {"p": {"rules": {"r": {"Enable_Continuous_Backup": {"@@assign": "true"}}}}}}),
        (
            "backup",
            {
                "plans": {
                    "p": {"rules": {"r": {"copy_actions": {ARN: {"TARGET_backup_vault_arn": {"@@assign": ARN[:-1]}}}}}}
                }
            },
        ),
    ],
)
def test_places_follow_the_spelling_of_the_document(kind: str, content: dict[str, Any]) -> None:
    document = parse_document(json.dumps(content), "x.json")
    faults = [fault for _, fault in inspect(Policy("x", policy_type(kind), document))]
    assert faults
    assert all(fault.place.pointer in document.entries for fault in faults)


@pytest.mark.parametrize(
    ("text", "told", "position"),
    [
        ('{"a": {\n  "x",\n  "y"\n}}', "Values without names are in braces here. A list needs brackets", (2, 6)),
        ('{"a": {"x"}}', "Values without names are in braces here.", (1, 11)),
        ('{\n "a": {}\n  }\n}\n', "One closing '}' too many: the document was closed in 3:3 already.", (4, 1)),
        ('{"a": []}]', "One closing ']' too many", (1, 10)),
        ('{"a": 1} {"b": 2}', "Keep one JSON object in a file.", (1, 10)),
    ],
)
def test_braces_are_counted_for_the_author(text: str, told: str, position: tuple[int, int]) -> None:
    document = parse_document(text, "x.json")
    assert told in document.problems[0].message
    assert document.position(document.problems[0].span.start) == position


def test_a_field_that_belongs_elsewhere_is_sent_there_and_not_renamed() -> None:
    document = parse_document(json.dumps(rule(to_delete_after_days=assign(7))), "x.json")
    ((name, fault),) = inspect(Policy("x", policy_type("backup"), document))
    assert name == "unknown-field"
    assert fault.message.endswith("'delete_after_days' belongs directly below 'lifecycle'.")
    assert fault.fix is None


@pytest.mark.parametrize(
    ("kind", "content", "advice"),
    [
        ("tag", {"tags": {"a": {"enforced_for": assign(["ec2:instnce"])}}}, "Did you mean 'ec2:instance'?"),
        ("tag", {"tags": {"a": {"enforced_for": assign(["ec3:instance"])}}}, "Did you mean 'ec2:instance'?"),
        ("tag", {"tags": {"a": {"enforced_for": assign(["rds:db"])}}}, "such as ec2:ALL_SUPPORTED."),
        ("ai-opt-out", {"services": {"recognition": {}}}, "Did you mean 'rekognition'?"),
        ("ai-opt-out", {"services": {"clairvoyance": {}}}, "or a service's name in lower case."),
    ],
)
def test_a_name_that_is_not_listed_has_a_hint_where_one_is_near(
    kind: str, content: dict[str, Any], advice: str
) -> None:
    document = parse_document(json.dumps(content), "p.json")
    ((_, fault),) = inspect(Policy("p", policy_type(kind), document))
    assert fault.message.endswith(advice)


@pytest.mark.parametrize(
    ("schedule", "lifecycle", "told"),
    [
        (
            "cron(0 5 ? * * *)",
            {"move_to_cold_storage_after_days": assign("${cold}"), "delete_after_days": assign(200)},
            True,
        ),
        ("${schedule}", {"move_to_cold_storage_after_days": assign(30), "delete_after_days": assign(60)}, True),
        ("${schedule}", {"move_to_cold_storage_after_days": assign("${cold}"), "delete_after_days": assign(60)}, False),
    ],
)
def test_a_placeholder_leaves_open_only_what_depends_on_it(schedule: str, lifecycle: Any, told: bool) -> None:
    archived = {"opt_in_to_archive_for_supported_resources": assign(True), **lifecycle}
    found = faults(rule(schedule_expression=assign(schedule), lifecycle=archived))
    assert ("archive-opt-in-incomplete" in {one for one, _ in found}) == told
