"""Names that look like others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policylint.cli import main
from policylint.lookalikes import misread


@pytest.mark.parametrize(
    "name",
    [
        "p\u0430yments",
        "Prod-\u03bfps",
        "a\u200bb",
        "a\u202eb",
        "team \u0435u-west",
        "\u13a0pp",
        "a\u3164b",
        "a\u034fb",
        "a\ufe0f",
        "\u2800",
        "\u3164\ufe0f",
        "a\U000e0101",
    ],
)
def test_what_may_be_misread_is_found(name: str) -> None:
    assert misread(name)


@pytest.mark.parametrize(
    "name",
    [
        "payments",
        "Zürich",
        "日本-prod",
        "продажи",
        "продажи prod",
        "Ελλάδα",
        "prod_été",
        "مصر eu-west-1",
        "",
        "a–b",
        "I \u2764\ufe0f backups",
        "\u845b\U000e0100",
    ],
)
def test_names_in_any_language_are_left_alone(name: str) -> None:
    assert misread(name) == ""


def test_units_accounts_and_policies_get_a_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "policies" / "tag"
    folder.mkdir(parents=True)
    (folder / "b\u0430se.json").write_text('{"tags": {}}')
    unit = {"name": "Pr\u043ed", "accounts": [{"name": "p\u0430yments"}]}
    tree = {"root": {"policies": ["tag/b\u0430se"], "organizational_units": [unit]}}
    (tmp_path / "organization.json").write_text(json.dumps(tree))
    assert main([str(tmp_path), "--format", "json", "--select", "look-alike-letters"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [one["severity"] for one in found] == ["note"] * 3
    assert "cyrillic small letter o (U+043E)" in "".join(one["message"] for one in found)
