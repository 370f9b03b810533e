"""People know accounts by their names: messages and formats for people have these, machine fields the ids."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policylint.cli import main
from policylint.plugins import load

MACHINE_FORMATS = {"json", "jsonl", "sarif", "html"}  # the page shows name and id side by side
SHORT = """\
plans:
  daily:
    regions: {"@@assign": [eu-west-1]}
    rules:
      nightly:
        target_backup_vault_name: {"@@assign": central}
        copy_actions:
          arn:aws:backup:eu-west-1:999999999999:backup-vault:copies:
            target_backup_vault_arn: {"@@assign": "arn:aws:backup:eu-west-1:999999999999:backup-vault:copies"}
        lifecycle: {delete_after_days: {"@@assign": 3}}
    selections:
      tags:
        all:
          iam_role_arn: {"@@assign": "arn:aws:iam::$account:role/Backup"}
          tag_key: {"@@assign": backup}
          tag_value: {"@@assign": [daily]}
"""
TREE = """\
root:
  accounts:
    - {id: "111111111111", name: payments, policies: [backup/short]}
    - {id: "222222222222", name: shop, policies: [backup/short]}
    - {id: "333333333333", name: other}
    - {id: "999999999999", name: vaults}
  organizational_units:
    - name: Prod
      accounts:
        - {id: "444444444444", name: payments}
"""


@pytest.fixture
def org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    folder = tmp_path / "org"
    (folder / "policies" / "backup").mkdir(parents=True)
    (folder / "policies" / "backup" / "short.yaml").write_text(SHORT)
    (folder / "organization.yaml").write_text(TREE)
    return folder


@pytest.mark.parametrize("name", sorted(load(()).formats.keys() - MACHINE_FORMATS))
def test_formats_for_people_have_names_and_an_id_where_the_name_repeats(
    org: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    main(["org", "--select", "short-retention", "--format", name])
    shown = " ".join(capsys.readouterr().out.split())
    assert "payments (111111111111)" in shown
    assert "shop" in shown
    assert "222222222222" not in shown


def test_machine_fields_keep_the_ids(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["org", "--select", "short-retention", "--format", "json"])
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["accounts"] == {
        "count": 2,
        "organizational_units": [],
        "ids": ["111111111111", "222222222222"],
    }


def test_a_message_names_the_account_that_lacks_a_vault(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "inventory").mkdir()
    (org / "inventory" / "vaults.yaml").write_text("- {account: '1*', region: '*', name: '*'}\n")
    main(["org", "--select", "missing-vault", "--format", "json"])
    messages = [one["message"] for one in json.loads(capsys.readouterr().out)["findings"]]
    assert "There is no vault 'copies' in 'eu-west-1' of 'vaults', so the copies fail." in messages


def test_an_account_without_a_name_has_its_id(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = TREE.replace(", name: shop", "")
    (org / "organization.yaml").write_text(tree)
    main(["org", "--select", "short-retention", "--format", "table"])
    assert "payments (111111111111), 222222222222" in " ".join(capsys.readouterr().out.split())
