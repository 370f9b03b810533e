"""The inventory: what it may hold, and that findings name the accounts that lack something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main

TREE = """
root:
  policies: [backup/base]
  organizational_units:
    - name: Prod
      accounts: [{name: payments, id: "111111111111"}, {name: mail, id: "222222222222"}]
    - name: Vaults
      accounts: [{name: vaults, id: "999999999999"}]
"""
COPY = "arn:aws:backup:eu-central-1:999999999999:backup-vault:copies"
PLAN = {
    "regions": {"@@assign": ["eu-west-1", "eu-west-2"]},
    "rules": {
        "nightly": {
            "target_backup_vault_name": {"@@assign": "central"},
            "lifecycle": {"delete_after_days": {"@@assign": "35"}},
            "copy_actions": {COPY: {"target_backup_vault_arn": {"@@assign": COPY}}},
        }
    },
    "selections": {
        "tags": {
            "tagged": {
                "iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/service-role/Backup"},
                "tag_key": {"@@assign": "backup"},
                "tag_value": {"@@assign": ["yes"]},
            }
        }
    },
}


@pytest.fixture
def inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    policy = tmp_path / "org" / "policies" / "backup" / "base.json"
    policy.parent.mkdir(parents=True)
    policy.write_text(json.dumps({"plans": {"daily": PLAN}}))
    (tmp_path / "org" / "organization.yaml").write_text(TREE)
    folder = tmp_path / "org" / "inventory"
    folder.mkdir()
    return folder


def found(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    main(["org", "--format", "json", "--select", "inventory"])
    findings: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    return findings


def test_nothing_is_asked_for_without_an_inventory(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inventory.rmdir()
    assert found(capsys) == []


def test_vaults_that_are_missing_name_the_regions_and_accounts(
    inventory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inventory / "vaults.csv").write_text(
        "account,region,name\n*,eu-west-1,central\npayments,eu-west-2,central\nvaults,*,*\n"
    )
    (finding,) = found(capsys)
    assert finding["message"] == "There is no vault 'central' in 'eu-west-2', so the backups of 'nightly' fail there."
    assert finding["accounts"]["ids"] == ["222222222222"]


def test_each_account_hears_of_the_regions_that_it_lacks(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Prod has one Region more than the others, and payments has the vault in all but that one."""
    more = {"plans": {"daily": {"regions": {"@@append": ["us-east-1"]}}}}
    (inventory.parent / "policies" / "backup" / "prod.json").write_text(json.dumps(more))
    tree = TREE.replace("- name: Prod", "- name: Prod\n      policies: [backup/prod]")
    (inventory.parent / "organization.yaml").write_text(tree)
    (inventory / "vaults.csv").write_text("account,region,name\npayments,eu-*,central\nvaults,eu-central-1,copies\n")
    (finding,) = found(capsys)

    def lacking(*regions: str) -> str:
        return (
            f"There is no vault 'central' in {', '.join(map(repr, regions))}, so the backups of 'nightly' fail there."
        )

    assert finding["message"].split(" For ") == [
        f"For payments: {lacking('us-east-1')}",
        f"mail: {lacking('eu-west-1', 'eu-west-2', 'us-east-1')}",
        f"Root/Vaults: {lacking('eu-west-1', 'eu-west-2')}",
    ]
    assert finding["accounts"]["organizational_units"] == ["Root"]


def test_accounts_below_a_broken_file_lack_nothing(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (inventory.parent / "policies" / "backup" / "prod.json").write_text("{")
    tree = TREE.replace("- name: Prod", "- name: Prod\n      policies: [backup/prod]")
    (inventory.parent / "organization.yaml").write_text(tree)
    (inventory / "roles.csv").write_text("account,name\n")
    (finding,) = [one for one in found(capsys) if one["rule"] == "missing-role"]
    assert finding["accounts"]["organizational_units"] == ["Root/Vaults"]


def test_an_accepted_account_takes_its_words_along(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (inventory / "vaults.csv").write_text("account,region,name\npayments,eu-west-1,central\nvaults,*,*\n")
    (inventory.parent / "policylint.yaml").write_text(
        "ignores: [{rule: missing-vault, accounts: [mail], reason: it has its own}]\n"
    )
    (finding,) = found(capsys)
    assert finding["message"] == "There is no vault 'central' in 'eu-west-2', so the backups of 'nightly' fail there."


def test_more_differences_than_one_can_read_are_counted(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    regions = [f"eu-west-{number}" for number in range(1, 7)]
    plan = {**PLAN, "regions": {"@@assign": regions}}
    (inventory.parent / "policies" / "backup" / "base.json").write_text(json.dumps({"plans": {"daily": plan}}))
    accounts = [{"name": f"a{number}", "id": f"{number:012}"} for number in range(1, 7)]
    tree = {"root": {"policies": ["backup/base"], "accounts": accounts}}
    (inventory.parent / "organization.yaml").write_text(json.dumps(tree))
    vaults = [f"a{number},eu-west-{number},central\n" for number in range(1, 7)]
    (inventory / "vaults.csv").write_text("account,region,name\n*,eu-central-1,copies\n" + "".join(vaults))
    message = next(one for one in found(capsys) if "central" in one["message"])["message"]
    assert message.count("For a") == 3
    assert message.endswith(" For 3 other accounts the same is true with other names or numbers.")


def test_a_copys_vault_is_looked_for_in_its_own_account(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (inventory / "vaults.yaml").write_text('- {account: "*", region: "eu-west-*", name: central}\n')
    (finding,) = found(capsys)
    assert "no vault 'copies' in 'eu-central-1' of 'vaults'" in finding["message"]
    assert finding["accounts"]["count"] == 3


def test_roles_and_regions(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (inventory / "roles.yaml").write_text('- {account: "1*", name: service-role/Backup}\n')
    (inventory / "accounts.csv").write_text('account,regions\n*,"eu-west-1 eu-west-2"\n')
    (finding,) = found(capsys)
    assert finding["rule"] == "missing-role"
    assert finding["accounts"]["organizational_units"] == ["Root/Vaults"]
    assert finding["accounts"]["ids"] == ["222222222222"]


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        ("vaults.yaml", "- {acount: a}\n", 1, "Did you mean 'account'?"),
        ("vaults.csv", "account,region\n*,*\n", 2, "lacks 'name'"),
        ("roles.yaml", "role: x\n", 1, "a list of entries"),
        ("roles.json", '[\n  "x"\n]', 2, "An entry is an object"),
        (
            "vaults.yaml",
            "- {account: a, region: r, name: n, max_retention_days: ²}\n",
            1,
            "'max_retention_days' takes a whole number",
        ),
        (
            "vaults.yaml",
            "- {account: a, region: r, name: n, min_retention_days: few}\n",
            1,
            "'min_retention_days' takes a whole number",
        ),
    ],
)
def test_a_slip_in_the_inventory_is_told_at_its_line(
    inventory: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, line: int, words: str
) -> None:
    (inventory / name).write_text(text)
    slip = next(finding for finding in found(capsys) if finding["rule"] == "malformed-inventory")
    assert slip["path"] == f"org/inventory/{name}"
    assert (slip["line"], words in slip["message"]) == (line, True), slip["message"]


def unread(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, int, str]]:
    main(["org", "--format", "json", "--select", "unread-file"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return [(finding["path"], finding["line"], finding["message"]) for finding in findings]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("role.csv", "'role' is not a part of an inventory, so this file is not read. Did you mean 'roles'?"),
        ("Vaults.YAML", "Did you mean 'vaults'?"),
        ("keys.json", "Known are vaults, roles, accounts."),
        (
            "vaults.csv",
            "The vaults are read from 'vaults.yaml', so this file is not read. Keep one of them.",
        ),
        ("vaults.tsv", "An inventory file has the extension .yaml, .yml, .json, .csv; this file is not read."),
        ("roles.CSV", "An inventory file has the extension .yaml, .yml, .json, .csv; this file is not read."),
    ],
)
def test_a_file_that_is_not_read_is_told(
    inventory: Path, capsys: pytest.CaptureFixture[str], name: str, words: str
) -> None:
    (inventory / "vaults.yaml").write_text("[]")
    (inventory / name).write_text("account,name\n")
    ((path, line, message),) = unread(capsys)
    assert (path, line) == (f"org/inventory/{name}", 1)
    assert message.endswith(words)


@pytest.mark.parametrize("name", ["README.md", "make_vaults.py", ".roles.csv", "notes"])
def test_scripts_and_notes_may_lie_beside_an_inventory(
    inventory: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (inventory / name).write_text("")
    assert unread(capsys) == []


def test_entries_for_accounts_that_are_not_there_are_told_once(
    inventory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inventory / "roles.csv").write_text(
        "account,name\n*,service-role/Backup\nPayments,a\nvault,b\nvault,c\n12*,d\n111111111112,e\npay*,f\n9999*,g\n"
    )
    told = [(one["rule"], one["severity"], one["line"], one["message"]) for one in found(capsys)]
    nobody = "No account has the id or the name '{}', so this entry has no effect.{}"
    assert told == [
        ("entry-without-accounts", "note", line, nobody.format(name, hint))
        for line, name, hint in [
            (3, "Payments", " Did you mean 'payments'?"),
            (4, "vault", " Did you mean 'vaults'?"),
            (6, "12*", ""),
            (7, "111111111112", ""),
        ]
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vaults.json", "[{"),
        ("vaults.yaml", ""),
        ("vaults.yaml", "vaults: []\n"),
        ("vaults.csv", "account;region;name\n*;eu-west-1;central\n"),
        ("vaults.yaml", "- {account: '*', region: '*', name: '*', min_retention: 3}\n"),
    ],
)
def test_what_could_not_be_read_is_not_missing(
    inventory: Path, name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (inventory / name).write_text(text)
    main(["org", "--format", "json"])
    rules = {finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert rules & {"broken-syntax", "malformed-inventory"}
    assert "missing-vault" not in rules


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("air_gapped: maybe", "'air_gapped' is true or false."),
        ("min_retention_days: 90, max_retention_days: 30", "'min_retention_days' is more than 'max_retention_days'"),
    ],
)
def test_values_that_mean_nothing_are_told(
    inventory: Path, fields: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (inventory / "vaults.yaml").write_text(f"- {{account: '*', region: '*', name: '*', {fields}}}\n")
    (finding,) = found(capsys)
    assert (finding["rule"], finding["message"][: len(said)]) == ("malformed-inventory", said)


def test_a_second_file_that_is_not_read_leaves_open_what_is_missing(
    inventory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inventory / "vaults.yaml").write_text("- {account: '*', region: '*', name: other}\n")
    assert "missing-vault" in [finding["rule"] for finding in found(capsys)]
    (inventory / "vaults.csv").write_text("account,region,name\n*,*,central\n")
    assert [finding["rule"] for finding in found(capsys)] == []


def test_a_role_of_the_same_name_below_another_path_is_named(
    inventory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inventory / "roles.csv").write_text("account,name\n*,Backup\n")
    main([str(inventory.parent), "--format", "json", "--select", "missing-role"])
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert "There is no role 'service-role/Backup'" in found["message"]
    assert "'Backup' is another role. Write its path too" in found["message"]
