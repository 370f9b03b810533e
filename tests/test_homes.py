"""A policy file on its own is judged with the settings of the organization that it lies in."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main

FAULTY = '{"plans": {"daily": {"regions": ["eu-west-1"]}}}'
TREE = '{"root": {"policies": ["backup/base"], "accounts": [{"id": "111111111111", "name": "shop"}]}}'
POLICY = "org/policies/backup/base.json"
OFF = "rules: {missing-operator: off}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    organization("org")
    return tmp_path


def organization(folder: str) -> None:
    Path(folder, "policies", "backup").mkdir(parents=True)
    Path(folder, "policies", "backup", "base.json").write_text(FAULTY)
    Path(folder, "organization.json").write_text(TREE)


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    main([*arguments, "--format", "json"])
    return json.loads(capsys.readouterr().out)


def rules(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    return [one["rule"] for one in report(capsys, *arguments)["findings"]]


def prints(found: Any) -> dict[str, str]:
    return {one["rule"]: one["fingerprint"] for one in found["findings"] if one["path"].endswith("base.json")}


def test_its_configuration_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert rules(capsys, POLICY) == ["missing-operator"]
    Path("org/policylint.yaml").write_text(OFF)
    assert rules(capsys, POLICY) == []
    assert main([POLICY]) == 0
    assert "Settings: org/policylint.yaml turns 1 rule off." in capsys.readouterr().out
    assert rules(capsys, POLICY, "--no-config") == ["missing-operator"]


def test_its_baseline_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", "org"]) == 0
    capsys.readouterr()
    found = report(capsys, POLICY)
    assert found["findings"] == []
    assert found["summary"]["accepted"] == 1
    assert rules(capsys, POLICY, "--no-baseline") == ["missing-operator"]


def test_its_own_cards_hold(capsys: pytest.CaptureFixture[str]) -> None:
    Path("org/rules").mkdir()
    Path("org/rules/two-regions.md").write_text(
        "---\nscope: document\nselect: $.plans.*\nfield: rules\nrequire: {present: true}\nmessage: seen\n---\n# A card\n"
    )
    assert "two-regions" in rules(capsys, POLICY)


def test_its_findings_have_the_same_fingerprints(capsys: pytest.CaptureFixture[str]) -> None:
    alone = prints(report(capsys, POLICY))
    assert alone
    assert alone.items() <= prints(report(capsys, "org")).items()


@pytest.mark.parametrize("folder", ["org", "org/policies", "org/policies/backup"])
def test_it_does_not_matter_where_one_stands(
    folder: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = prints(report(capsys, POLICY))
    Path("org/policylint.yaml").write_text("rules: {missing-operator: warning}\n")
    monkeypatch.chdir(folder)
    found = report(capsys, str(Path(*Path(POLICY).parts[len(Path(folder).parts) :])))
    assert [one["severity"] for one in found["findings"]] == ["warning"]
    assert prints(found) == expected
    assert not any(Path(one["source"]).is_absolute() for one in found["summary"]["settings"])


def test_the_folder_says_the_type(capsys: pytest.CaptureFixture[str]) -> None:
    Path(POLICY).write_text('{"tags": {}}')
    assert report(capsys, POLICY)["findings"][0]["policy_type"] == "BACKUP_POLICY"


def test_a_service_control_policy_is_known_by_its_folder(capsys: pytest.CaptureFixture[str]) -> None:
    Path("org/policies/scp").mkdir()
    Path("org/policies/scp/deny.json").write_text("{}")
    assert main(["org/policies/scp/deny.json"]) == 3
    assert capsys.readouterr().err == (
        "policylint: org/policies/scp/deny.json: Service control policies are not checked, so it is skipped.\n"
    )


def test_the_nearest_organization_counts(capsys: pytest.CaptureFixture[str]) -> None:
    organization("org/inner")
    Path("org/policylint.yaml").write_text(OFF)
    assert rules(capsys, "org/inner/policies/backup/base.json") == ["missing-operator"]
    assert rules(capsys, POLICY) == []


def test_nothing_above_the_repository_counts(capsys: pytest.CaptureFixture[str]) -> None:
    Path("org/policylint.yaml").write_text(OFF)
    repository = Path("org/checkout")
    repository.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=repository, check=True)
    shutil.copy(POLICY, repository / "base.json")
    assert rules(capsys, "org/checkout/base.json") == ["missing-operator"]


def test_other_layouts_are_found_too(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path("accelerator")
    (folder / "backup").mkdir(parents=True)
    for name in ("organization-config.yaml", "accounts-config.yaml"):
        (folder / name).write_text("enable: true\n")
    (folder / "backup" / "base.json").write_text(FAULTY)
    (folder / "policylint.yaml").write_text(OFF)
    assert rules(capsys, "accelerator/backup/base.json") == []


def test_files_of_several_organizations_have_each_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    organization("other")
    Path("org/policylint.yaml").write_text(OFF + "fail_on: never\n")
    Path("other/policylint.yaml").write_text("rules: {missing-operator: warning}\nfail_on: warning\n")
    Path("loose.json").write_text(FAULTY)
    names = [POLICY, "other/policies/backup/base.json", "loose.json"]
    found = report(capsys, *names)
    assert [(one["path"], one["severity"]) for one in found["findings"]] == [
        ("loose.json", "error"),
        ("other/policies/backup/base.json", "warning"),
    ]
    assert found["summary"]["policies"] == 3
    assert [one["source"] for one in found["summary"]["settings"]] == ["org/policylint.yaml", "other/policylint.yaml"]
    assert main(names[:1]) == 0
    assert main(names[:2]) == 1
    capsys.readouterr()
    assert len({one["fingerprint"] for one in report(capsys, *names, "--no-config")["findings"]}) == 3


def test_fixing_reaches_files_of_several_organizations(capsys: pytest.CaptureFixture[str]) -> None:
    organization("other")
    names = [POLICY, "other/policies/backup/base.json"]
    assert main([*names, "--diff"]) == 1
    assert capsys.readouterr().out.count("\n+++ ") == 2
    assert main([*names, "--fix"]) == 0
    assert all("@@assign" in Path(name).read_text() for name in names)


def test_what_is_missing_is_to_be_seen_in_the_organization(capsys: pytest.CaptureFixture[str]) -> None:
    Path(POLICY).write_text('{"plans": {"daily": {"regions": {"@@assign": ["eu-west-1"]}}}}')
    assert main([POLICY]) == 0
    assert "missing. Check the folder 'org' to see the merged policy.\n" in capsys.readouterr().out


def test_files_may_be_named_beside_an_organization(capsys: pytest.CaptureFixture[str]) -> None:
    Path("loose.json").write_text(FAULTY)
    Path("scp.json").write_text('{"Statement": []}')
    expected = prints(report(capsys, "org"))
    alone = report(capsys, "loose.json")["findings"][0]["fingerprint"]
    assert main(["org", POLICY, "loose.json", "scp.json", "--format", "json"]) == 1
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert "1 policy file lies outside of 'org', so what is merged there is not checked." in err
    assert "scp.json: looks like a service control policy" in err
    assert prints(found) == expected
    assert [one["fingerprint"] for one in found["findings"] if one["path"] == "loose.json"] == [alone]
    assert (found["summary"]["policies"], found["summary"]["accounts"]) == (2, 1)


@pytest.mark.parametrize("output", ["table", "text", "html", "sarif", "markdown", "junit", "gitlab", "github", "jsonl"])
def test_every_format_shows_an_organization_and_files(output: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("loose.json").write_text(FAULTY)
    assert main(["org", "loose.json", "--format", output]) == 1
    assert "loose.json" in capsys.readouterr().out


def test_two_organizations_are_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    organization("other")
    assert main(["org", "other"]) == 2
    assert "Name one folder." in capsys.readouterr().err


def test_one_setting_of_several_parts_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    organization("other")
    Path("policylint.yaml").write_text(OFF)
    found = report(capsys, POLICY, "other/policies/backup/base.json")
    assert [one["source"] for one in found["summary"]["settings"]] == ["policylint.yaml"]
