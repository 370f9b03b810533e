"""The types of which AWS documents less: what is documented passes, lists merge as lists, the unknown is left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.admission import inspect
from policylint.cli import main
from policylint.fragments import fragment_of
from policylint.organization import Policy
from policylint.parsing import parse_document
from policylint.policy_types import POLICY_TYPES

ON: dict[str, Any] = {"status": {"@@assign": "enabled"}}
LISTS: dict[str, Any] = {"enable_in_regions": {"@@append": ["ALL_SUPPORTED"]}, "disable_in_regions": {"@@assign": []}}
SOUND = {
    "DECLARATIVE_POLICY_EC2": {
        "exception_message": {"@@assign": "Ask the platform team."},
        "serial_console_access": {"status": {"@@assign": "disabled"}},
        "allowed_images_settings": {
            "state": {"@@assign": "enabled"},
            "image_criteria": {"criteria_1": {"allowed_image_providers": {"@@append": ["amazon"]}}},
        },
        "instance_metadata_defaults": {"http_put_response_hop_limit": {"@@assign": 2}},
    },
    "SECURITYHUB_POLICY": {**LISTS, "features": {"anything": {"@@assign": "new"}}},
    "INSPECTOR_POLICY": {"enablement": {"lambda_standard_scanning": {**LISTS, "lambda_code_scanning": LISTS}}},
    "NETWORK_SECURITY_DIRECTOR_POLICY": {"enablement": {"network_security_scan": LISTS}},
    "BEDROCK_POLICY": {
        "guardrail_inference": {
            "us-east-1": {
                "config_1": {
                    "identifier": {"@@assign": "arn:aws:bedrock:us-east-1:123456789012:guardrail/abc:1"},
                    "model_enforcement": {"included_models": {"@@assign": ["ALL"]}},
                }
            }
        }
    },
    "S3_POLICY": {"public_access_block_configuration": {"@@assign": "all"}},
    "UPGRADE_ROLLOUT_POLICY": {
        "default": {"patch_order": {"@@assign": "last"}},
        "tags": {"stage": {"tag_values": {"dev": {"patch_order": {"@@assign": "first"}}}}},
    },
    "GUARDDUTY_POLICY": {
        "enablement": {
            "default": {"foundational": ON},
            "us-east-1": {
                "foundational": ON,
                "runtime_monitoring": {**ON, "additional_configuration": {"ec2_agent_management": ON}},
                "a_feature_of_tomorrow": {"status": {"@@assign": "enabled"}, "more": {"@@append": ["x"]}},
            },
        }
    },
    "SECURITYHUB_CSPM_POLICY": {"anything": {"list": {"@@append": ["x"]}, "text": {"@@assign": "x"}}},
}


def _policy(enum: str, content: Any, folder: Path) -> Policy:
    kind = POLICY_TYPES[enum]
    text = json.dumps({kind.top_key: content})
    return Policy("example", kind, parse_document(text, str(folder / "example.json")))


@pytest.mark.parametrize("enum", SOUND)
def test_what_aws_documents_is_taken(enum: str, tmp_path: Path) -> None:
    assert list(inspect(_policy(enum, SOUND[enum], tmp_path))) == []


def test_every_other_type_is_tried() -> None:
    others = {enum for enum, kind in POLICY_TYPES.items() if kind.content.open and kind.checked}
    assert others == SOUND.keys()


@pytest.mark.parametrize(
    ("enum", "content", "rule"),
    [
        ("S3_POLICY", {"public_access_block_configuration": {"@@append": ["all"]}}, "operator-on-single-value"),
        ("GUARDDUTY_POLICY", {"enablement": {"default": {"foundational": "enabled"}}}, "object-expected"),
        ("SECURITYHUB_POLICY", {"enable_in_regions": {"@@assign": "eu-west-1"}}, "list-expected"),
        ("SECURITYHUB_POLICY", {"enable_in_regions": ["eu-west-1"]}, "missing-operator"),
    ],
)
def test_a_wrong_operator_is_found(enum: str, content: Any, rule: str, tmp_path: Path) -> None:
    assert [found for found, _ in inspect(_policy(enum, content, tmp_path))] == [rule]


def test_one_region_merges_as_a_list(tmp_path: Path) -> None:
    fragment = fragment_of(_policy("SECURITYHUB_POLICY", {"enable_in_regions": ["eu-west-1"]}, tmp_path))
    assert fragment is not None
    assert fragment.children["securityhub"].children["enable_in_regions"].assign == ("eu-west-1",)


def test_a_list_that_is_mentioned_is_not_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "policies" / "security-hub"
    folder.mkdir(parents=True)
    (tmp_path / "organization.yaml").write_text("root: {policies: [security-hub/hub], accounts: [{name: a}]}\n")
    for other, missing in (('{"@@append": []}', False), ('{"@@remove": ["eu-west-1"]}', False), (None, True)):
        lists = {"enable_in_regions": {"@@append": ["ALL_SUPPORTED"]}}
        if other:
            lists["disable_in_regions"] = json.loads(other)
        (folder / "hub.json").write_text(json.dumps({"securityhub": lists}))
        main([str(tmp_path), "--select", "missing-region-list"])
        assert ("missing-region-list" in capsys.readouterr().out) == missing
