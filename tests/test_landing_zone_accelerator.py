"""Landing Zone Accelerator configurations are read as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policylint.cli import main

FILES = {
    "organization-config.yaml": """
enable: true
organizationalUnits:
  - name: Workloads/Prod
  - name: Suspended
    ignore: true
backupPolicies:
  - name: "{{ Prefix }}-daily"
    policy: backup/daily.json
    deploymentTargets:
      organizationalUnits: [Root]
  - name: gone
    policy: backup/gone.json
taggingPolicies:
  - name: team
    policy: tag/team.json
    deploymentTargets:
      organizationalUnits: [Workload/Prod]
      accounts: [Network]
""",
    "accounts-config.yaml": """
mandatoryAccounts:
  - name: Management
    email: <management>@example.com  <--- change me
    organizationalUnit: Root
workloadAccounts:
  - name: Network
    organizationalUnit: Workloads/Prod
""",
    "replacements-config.yaml": """
globalReplacements:
  - {key: Prefix, type: String, value: acme}
  - {key: Regions, type: StringList, value: [eu-west-1, eu-north-1]}
""",
    "tag/team.json": '{"tags": {"team": {}}}',
    "backup/daily.json": """{"plans": {"daily": {
  "regions": {"@@append": ${ACCEL_LOOKUP::CUSTOM:Regions}},
  "rules": {"r": {"target_backup_vault_name": {"@@assign": "{{ Prefix }}-vault"}}},
  "selections": {"tags": {"s": {
    "iam_role_arn": {"@@assign": "arn:${PARTITION}:iam::$account:role/Backup"},
    "tag_key": {"@@assign": "backup"}, "tag_value": {"@@assign": ["yes"]}}}}
}}}""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_placeholders_are_filled_in_and_others_stay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["effective", str(folder), "--account", "Network"]) == 0
    plan = json.loads(capsys.readouterr().out)["plans"]["daily"]
    assert plan["regions"] == ["eu-west-1", "eu-north-1"]
    assert plan["rules"]["r"]["target_backup_vault_name"] == "acme-vault"
    assert plan["selections"]["tags"]["s"]["iam_role_arn"] == "arn:${PARTITION}:iam::$account:role/Backup"


def test_slips_in_the_configuration_are_told_at_their_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(folder), "--format", "json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    found = {(f["rule"], f["line"]) for f in findings if f["path"].endswith("organization-config.yaml")}
    assert {("unknown-policy", 13), ("unknown-target", 18)} <= found
    assert not [f for f in findings if f["path"].endswith("daily.json") and f["outcome"] == "rejected"]


def test_a_broken_configuration_gets_a_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "accounts-config.yaml").write_text("mandatoryAccounts: [\n")
    assert main([str(folder)]) == 2
    assert "accounts-config.yaml:" in capsys.readouterr().err


def test_its_service_and_resource_control_policies_are_read_and_not_checked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = """
serviceControlPolicies:
  - {name: guard, policy: scp/guard.json, deploymentTargets: {organizationalUnits: [Root]}}
  - {name: gone, policy: scp/gone.json, deploymentTargets: {organizationalUnits: [Rot]}}
resourceControlPolicies:
  - {name: perimeter, policy: scp/guard.json, deploymentTargets: {organizationalUnits: [Rot]}}
"""
    (folder / "organization-config.yaml").write_text(FILES["organization-config.yaml"] + lists)
    (folder / "scp").mkdir()
    (folder / "scp" / "guard.json").write_text("{broken")
    before = FILES["organization-config.yaml"].count("\n")
    main([str(folder), "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    rules = [one["rule"] for one in report["findings"] if one["line"] > before]
    assert rules == ["unknown-policy", "unknown-target"]
    assert report["summary"]["policies_not_checked"] == {"RESOURCE_CONTROL_POLICY": 1, "SERVICE_CONTROL_POLICY": 1}
    assert not [one for one in report["findings"] if "guard.json" in one["path"]]


def test_the_tree_is_checked_as_in_every_layout(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each finding is at the entry that somebody would edit, also in the file of the accounts."""
    lists = "".join(
        f"  - {{name: p{number}, policy: backup/daily.json, deploymentTargets: {{organizationalUnits: [Workloads/Prod]}}}}\n"
        for number in range(12)
    )
    config = FILES["organization-config.yaml"].partition("backupPolicies:")[0]
    unattached = "  - {name: idle, policy: backup/daily.json}\n"
    (folder / "organization-config.yaml").write_text(f"{config}backupPolicies:\n{lists}{unattached}")
    second = "  - name: Network\n    organizationalUnit: Workloads/Prod\n"
    (folder / "accounts-config.yaml").write_text(FILES["accounts-config.yaml"] + second)
    assert main([str(folder), "--format", "json", "--select", "organization"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    told = {(one["rule"], Path(one["path"]).name, one["line"], one["pointer"]) for one in found}
    assert told == {
        ("too-many-attachments", "organization-config.yaml", 4, "/organizationalUnits/0"),
        ("duplicate-account", "accounts-config.yaml", 9, "/workloadAccounts/1"),
        ("unattached-policy", "organization-config.yaml", 20, "/backupPolicies/12"),
    }
