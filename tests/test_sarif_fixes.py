"""The fixes that SARIF offers: made as its readers make them, they give what `--fix` gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main

TEXTS = {
    "policy.json": '{"plans": {"daily": {\r\n\t"regions": {"@@assign": "eu-west-1"},\r\n\t"rules": {"é": '
    '{"lifecycle": {"to_delete_after_days": {"@@assign": "14"}}}}\r\n}}}',
    "policy.yaml": "plans:\n  daily:\n    regions:\n      '@@append': [eu-west-1, eu-west-1]\n    rules:\n      é:\n"
    "        lifecycle: {to_delete_after_days: {'@@assign': 14}}  # two weeks\n"
    "        start_backup_window_minutes:\n          '@@assign': 60 minutes\n",
}


def made(text: str, fix: dict[str, Any]) -> str:
    """The text with the pieces replaced, by lines and columns that count from 1."""
    (change,) = fix["artifactChanges"]
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:index]) for index in range(len(lines))]
    for piece in reversed(change["replacements"]):
        region = piece["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + piece["insertedContent"]["text"] + text[end:]
    return text


def results(capsys: pytest.CaptureFixture[str], name: str) -> list[dict[str, Any]]:
    main([name, "--type", "backup", "--format", "sarif", "--fail-on", "never"])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_fixes_made_one_by_one_are_those_of_the_tool(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / name
    file.write_bytes(TEXTS[name].encode())
    rounds = 0
    while fixes := [fix for result in results(capsys, name) for fix in result.get("fixes", ())]:
        assert fixes[0]["artifactChanges"][0]["artifactLocation"] == {"uri": name, "uriBaseId": "%SRCROOT%"}
        file.write_bytes(made(file.read_bytes().decode(), fixes[0]).encode())
        rounds += 1
    by_hand = file.read_bytes()
    assert rounds > 1
    file.write_bytes(TEXTS[name].encode())
    main([name, "--type", "backup", "--fix"])
    assert file.read_bytes() == by_hand


def test_a_guess_is_called_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.json").write_text('{"plans": {"daily": {"regionss": {"@@assign": ["eu-west-1"]}}}}')
    (fix,) = (fix for result in results(capsys, "policy.json") for fix in result.get("fixes", ()))
    assert fix["description"] == {"text": "Write 'regions'. This is a guess: review it before you apply it."}
