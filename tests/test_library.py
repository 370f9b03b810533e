"""The library: a project is opened, checked and merged without a command line; wrong arguments raise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from installed import CHECKOUT

import policylint
from policylint.cli import main

FIXTURES = CHECKOUT / "fixtures"
AT = "2026-11-23T08:00:00Z"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("acme", "broken", "landing_zone", "every_type"):
        shutil.copytree(FIXTURES / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def acme(here: Path) -> policylint.Project:
    return policylint.open("acme")


def test_a_check_finds_what_the_command_reports(acme: policylint.Project, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["acme", "--format", "json", "--at", AT])
    found = json.loads(capsys.readouterr().out)["findings"]
    report = acme.check(at=AT)
    assert [finding.rule for finding in report.findings] == [one["rule"] for one in found]
    assert report.exit_code == code
    assert report.named == ("acme",)


def test_a_project_is_opened_by_text_and_by_path() -> None:
    assert len(policylint.open(Path("acme")).policies) == len(policylint.open("acme").policies) > 0
    assert repr(policylint.open("acme")).startswith("Project(acme: ")


def test_the_arguments_are_the_options(acme: policylint.Project) -> None:
    rules = {finding.rule for finding in acme.check(select="override").findings}
    assert rules
    assert rules == {finding.rule for finding in acme.check(select=["override"]).findings}
    assert not rules & {finding.rule for finding in acme.check(ignore="override").findings}
    Path("strict.yaml").write_text("fail_on: never\n")
    assert policylint.open("acme", config="strict.yaml").check().exit_code == 0
    assert policylint.open("acme", config="strict.yaml").check(fail_on="error").exit_code == 1


def test_files_on_their_own(here: Path) -> None:
    project = policylint.open("acme/policies/backup/prod.json", "acme/policies/tag/cost-center.yaml")
    assert len(project.policies) == 2
    assert project.check().organization is None
    with pytest.raises(policylint.UsageError, match="Open the folder of its organization"):
        project.effective("payments", "backup")


def test_an_effective_policy_is_what_the_command_prints(
    acme: policylint.Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["effective", "acme", "--account", "payments"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert acme.effective("payments", "backup").content() == printed
    account = acme.account("payments")
    assert acme.effective(account.id, "BACKUP_POLICY").content() == printed


def test_the_distinct_effective_policies_cover_every_account(acme: policylint.Project) -> None:
    policies = acme.effective_policies("backup")
    accounts = [account.id for policy in policies for account in policy.accounts]
    assert sorted(accounts) == sorted(account.id for account in acme.organization.accounts)


def test_what_aws_rejects_is_not_called_served() -> None:
    project = policylint.open("broken")
    account = project.organization.accounts[0]
    assert project.rejected(account, "backup")
    assert project.served(account, "backup") is None


@pytest.mark.parametrize(
    ("call", "error", "words", "nearest"),
    [
        (
            lambda acme: acme.effective("paymets", "backup"),
            "UnknownName",
            "No account has the id or the name",
            "payments",
        ),
        (lambda acme: acme.effective("payments", "bakcup"), "UnknownName", "is not a policy type", "backup"),
        (lambda acme: acme.effective("payments", "chat"), "NotEnabled", "is not enabled", None),
        (lambda acme: acme.effective_policies("scp"), "UsageError", "don't merge", None),
        (lambda acme: acme.check(select="lockd-operator"), "UnknownName", "Did you mean 'locked-operator'?", None),
        (lambda acme: acme.check(profile="strct"), "UnknownName", "No profile", "strict"),
        (lambda acme: acme.check(fail_on="eror"), "UnknownName", "No severity", "error"),
        (lambda acme: acme.check(at="yesterday"), "UsageError", "ISO 8601", None),
        (lambda acme: acme.check(baseline="no.json"), "ConfigError", "no.json", None),
        (lambda acme: policylint.open("nowhere"), "ReadError", "no such file or folder", None),
        (lambda acme: policylint.open("."), "NothingToCheck", "holds no organization.yaml", None),
        (lambda acme: policylint.open("acme", reader="nativ"), "UnknownName", "No reader", "native"),
        (lambda acme: policylint.open("acme", container_locks="all"), "UnknownName", "No reading of locks", ""),
        (lambda acme: policylint.open("acme", config="no.yaml").check(), "ConfigError", "no.yaml", None),
        (lambda acme: policylint.open("acme/policies/backup/prod.json", type="bakcup"), "UnknownName", "", "backup"),
    ],
)
def test_a_wrong_argument_raises(
    acme: policylint.Project,
    call: Callable[[Any], Any],
    error: str,
    words: str,
    nearest: str | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(getattr(policylint, error)) as raised:
        call(acme)
    assert isinstance(raised.value, policylint.Error)
    assert words in str(raised.value)
    if nearest is not None:
        assert raised.value.nearest == nearest  # type: ignore[attr-defined]
    assert capsys.readouterr() == ("", "")


def test_what_is_skipped_is_in_the_notices(capsys: pytest.CaptureFixture[str]) -> None:
    Path("scp.json").write_text('{"Statement": []}')
    project = policylint.open("acme", "scp.json")
    assert any("scp.json" in notice for notice in project.notices)
    assert capsys.readouterr() == ("", "")


def test_an_organization_without_policies_can_be_looked_at_and_not_checked() -> None:
    Path("empty").mkdir()
    Path("empty/organization.json").write_text('{"root": {"accounts": [{"id": "111111111111", "name": "shop"}]}}')
    project = policylint.open("empty")
    assert project.account("shop").id == "111111111111"
    with pytest.raises(policylint.NothingToCheck, match="no policy below policies/"):
        project.check()


def test_a_reader_can_be_named() -> None:
    assert policylint.open("landing_zone", reader="landing-zone-accelerator").policies
