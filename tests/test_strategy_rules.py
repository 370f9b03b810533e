"""Policies that are complete by themselves, as the second of AWS's two strategies has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trees import found, messages, regions

from policylint.cli import main

COMPLETE = {
    "plans": {
        "p": {
            "regions": {"@@assign": ["eu-west-1"]},
            "rules": {"r": {"target_backup_vault_name": {"@@assign": "v"}}},
            "selections": {
                "tags": {
                    "s": {
                        "iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/r"},
                        "tag_key": {"@@assign": "k"},
                        "tag_value": {"@@assign": ["v"]},
                    }
                }
            },
        }
    }
}


def test_a_part_is_not_complete_although_the_whole_is() -> None:
    findings = found("policy-incomplete-alone", [COMPLETE], [regions({"@@append": ["eu-west-2"]})])
    assert messages(findings) == [
        "By itself this policy is not valid: at 'plans/p' 'rules' is missing; 'selections' is missing. This project requires each backup policy to be complete and valid alone."
    ]
    assert found("policy-incomplete-alone", [COMPLETE], [COMPLETE]) == []


def test_it_holds_for_a_file_on_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(regions({"@@assign": ["eu-west-1"]})))
    assert main([str(path)]) == 0
    assert main([str(path), "--profile", "self-contained"]) == 1
    assert "policy-incomplete-alone" in capsys.readouterr().out
