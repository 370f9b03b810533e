"""What can't be judged of a file on its own is said, in the last lines and as data, and never passed over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main

RULES = {
    "nightly": {
        "schedule_expression": {"@@assign": "cron(0 5 ? * * *)"},
        "target_backup_vault_name": {"@@assign": "central"},
        "lifecycle": {"delete_after_days": {"@@assign": "35"}},
    }
}
PART: dict[str, Any] = {"plans": {"daily": {"regions": {"@@assign": ["eu-west-1"]}, "rules": RULES}}}
TAGS = {
    "backup": {
        "iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/Backup"},
        "tag_key": {"@@assign": "backup"},
        "tag_value": {"@@assign": ["yes"]},
    }
}
WHOLE = {"plans": {"daily": {**PART["plans"]["daily"], "selections": {"tags": TAGS}}}}
LINE = "Attached alone, AWS would withhold 'part.json': 'selections' is missing."


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in (("part.json", PART), ("whole.json", WHOLE), ("other.json", PART)):
        Path(name).write_text(json.dumps(content))


@pytest.mark.parametrize("output", ["table", "text", "markdown", "html", "github"])
def test_reports_for_people_end_with_it(output: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["part.json", "--format", output]) == 0
    out = capsys.readouterr().out
    expected = LINE.replace("'part.json'", "`part.json`").replace("'selections'", "`selections`")
    assert (expected if output == "markdown" else LINE) in out


@pytest.mark.parametrize("output", ["gitlab", "jsonl"])
def test_bare_lists_say_it_on_standard_error(output: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["part.json", "--format", output]) == 0
    out, err = capsys.readouterr()
    assert LINE not in out
    assert LINE in err


@pytest.mark.parametrize("output", ["sarif", "junit"])
def test_formats_with_a_place_for_it_hold_it(output: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["part.json", "--format", output]) == 0
    assert LINE.split("'")[0] in capsys.readouterr().out


def alone(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    main([*arguments, "--format", "json"])
    return json.loads(capsys.readouterr().out)["summary"]["withheld_alone"]


def test_it_is_data_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert alone(capsys, "part.json", "whole.json") == [{"path": "part.json", "reason": "'selections' is missing"}]


def test_several_files_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["part.json", "other.json"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 policies checked, each on its own: no findings.\n")
    assert "Attached alone, AWS would withhold 2 of these files, such as 'part.json': " in out


def test_a_whole_policy_has_nothing_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert alone(capsys, "whole.json") == []


def test_every_reason_at_one_place_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    Path("part.json").write_text(json.dumps({"plans": {"daily": {"rules": RULES}}}))
    assert alone(capsys, "part.json") == [{"path": "part.json", "reason": "'regions' and 'selections' are missing"}]


def test_what_aws_rejects_anyway_is_not_called_incomplete(capsys: pytest.CaptureFixture[str]) -> None:
    Path("part.json").write_text('{"plans": {"daily": {"colour": {"@@assign": "blue"}}}}')
    assert alone(capsys, "part.json") == []


def test_in_an_organization_there_is_no_such_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("policies/backup").mkdir(parents=True)
    Path("part.json").rename("policies/backup/part.json")
    Path("organization.json").write_text('{"root": {"policies": ["backup/part"], "accounts": [{"name": "a"}]}}')
    assert alone(capsys, ".") == []
