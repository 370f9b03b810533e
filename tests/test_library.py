"""The library: a project is opened, checked and merged without a command line; wrong arguments raise."""

from __future__ import annotations

import doctest
import json
import shutil
import subprocess
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
        (
            lambda acme: acme.check(select="lockd-operator"),
            "UnknownName",
            "Did you mean 'locked-operator'?",
            "locked-operator",
        ),
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


def test_a_report_is_plain_data_as_the_command_prints_it(
    acme: policylint.Project, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["acme", "--format", "json", "--at", AT])
    assert acme.check(at=AT).to_dict() == json.loads(capsys.readouterr().out)


def test_a_finding_says_where_it_is(acme: policylint.Project) -> None:
    finding = acme.check(at=AT).findings[0]
    path, line, column = str(finding.location).rsplit(":", 2)
    assert Path(path).is_file()
    assert (finding.location.line, finding.location.column) == (int(line), int(column))


def test_a_value_says_who_set_it(acme: policylint.Project) -> None:
    policy = acme.effective("payments", "backup")
    for path in ("plans/daily/regions", "/plans/daily/regions", ("plans", "daily", "regions")):
        assert policy[path].value == tuple(policy.content()["plans"]["daily"]["regions"])
        assert str(policy[path].location).startswith("acme/policies/backup/")
    with pytest.raises(policylint.UnknownName, match=r"Did you mean 'plans/daily/regions'\?"):
        policy["plans/daily/region"]
    with pytest.raises(policylint.UnknownName, match="There are plans"):
        policy["something/else"]


def test_the_errors_of_a_policy_are_those_of_aws() -> None:
    project = policylint.open("acme")
    errors = {error.code for policy in project.effective_policies("backup") for error in policy.errors()}
    assert errors == {"KEY_REQUIRED"}
    withheld = [policy for policy in project.effective_policies("backup") if policy.errors()]
    assert all(not project.served(account, "backup") for policy in withheld for account in policy.accounts)


def test_a_story_is_that_of_the_command(acme: policylint.Project, capsys: pytest.CaptureFixture[str]) -> None:
    story = acme.explain("payments", "backup", "/plans/daily/regions")
    assert story.to_dict()["effective"]["is_there"]
    assert main(["explain", "acme", "/plans/daily/regions", "--account", "payments"]) == 0
    assert ", ".join(story.to_dict()["effective"]["value"]) in capsys.readouterr().out
    with pytest.raises(policylint.UnknownName) as raised:
        acme.explain("payments", "backup", "/plans/dialy")
    assert raised.value.nearest == "daily"
    with pytest.raises(policylint.UsageError, match="Write '/plans/daily'"):
        acme.explain("payments", "backup", "plans/daily")


def test_two_projects_differ_in_settings(acme: policylint.Project) -> None:
    assert acme.diff(policylint.open("acme")) == []
    path = Path("acme/policies/backup/prod.json")
    path.write_text(path.read_text().replace("90", "120"))
    (difference,) = acme.diff(policylint.open("acme"))
    assert difference.policy_type == "BACKUP_POLICY"
    assert difference.to_dict()["changed"]
    (again,) = acme.diff(policylint.open("acme"), "backup")
    assert again.to_dict() == difference.to_dict()
    assert acme.diff(policylint.open("acme"), "tag") == []


def test_representations_are_short(acme: policylint.Project) -> None:
    report = acme.check(at=AT)
    policy = acme.effective("payments", "backup")
    things = [acme, acme.organization, *acme.policies, report, *report.findings, policy, policy["plans"]]
    things += [policy.accounts, acme.account("payments"), acme.organization.root]
    assert all(len(repr(thing)) < 200 for thing in things)


def test_names_are_taken_where_types_and_paths_are_meant() -> None:
    organization = policylint.read_native("acme")
    by_name = policylint.resolve(organization, "backup")
    assert by_name.policy_type.enum == "BACKUP_POLICY"
    assert by_name.resolutions
    with pytest.raises(policylint.UnknownName) as raised:
        policylint.resolve(organization, "bakcup")
    assert raised.value.nearest == "backup"
    assert policylint.read_policy_file("acme/policies/backup/prod.json").type.enum == "BACKUP_POLICY"
    assert policylint.read_document("acme/policies/backup/prod.json").value


PROD = "acme/policies/backup/prod.json"


def test_texts_that_are_not_saved_take_the_place_of_files(acme: policylint.Project) -> None:
    text = Path(PROD).read_text().replace("90", "120")
    edited = acme.with_texts({PROD: text, "acme/policies/backup/new.json": '{"plans": {'})
    (difference,) = acme.diff(edited)
    assert [setting.after for setting in difference.changed[0].settings] == ["120"]
    assert "broken-syntax" in {finding.rule for finding in edited.check(at=AT).findings}
    assert Path(PROD).read_text() != text
    again = edited.with_texts({PROD: Path(PROD).read_text()})
    assert acme.diff(again) == []
    assert any(finding.location.path.endswith("new.json") for finding in again.check(at=AT).findings)


def test_a_configuration_that_is_not_saved_holds(acme: policylint.Project) -> None:
    assert acme.with_texts({"acme/policylint.yaml": "fail_on: never\n"}).check(at=AT).exit_code == 0


def test_a_text_that_belongs_to_nothing_is_refused(acme: policylint.Project) -> None:
    with pytest.raises(policylint.UsageError, match="lies in no folder that was opened"):
        acme.with_texts({"broken/policies/backup/no-operators.json": "{}"})


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def test_a_project_at_a_revision(acme: policylint.Project) -> None:
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "first")
    before = acme.check(at=AT).to_dict()
    Path(PROD).write_text(Path(PROD).read_text().replace("90", "120"))
    Path("acme/policylint.yaml").write_text("fail_on: never\n")
    old = policylint.open("acme", revision="HEAD")
    assert old.check(at=AT).to_dict() == before
    (difference,) = old.diff(policylint.open("acme"))
    assert difference.policy_type == "BACKUP_POLICY"
    shutil.rmtree("acme")
    assert policylint.open("acme", revision="HEAD").check(at=AT).to_dict() == before


def test_a_revision_that_is_not_there_is_named() -> None:
    with pytest.raises(policylint.ReadError, match="lies in no git repository"):
        policylint.open("acme", revision="HEAD")
    git("init", "--quiet")
    with pytest.raises(policylint.ReadError, match="no-such-branch"):
        policylint.open("acme", revision="no-such-branch")


def test_the_examples_of_the_page_on_the_library_run(acme: policylint.Project) -> None:
    Path("acme").rename("org")
    failed, tried = doctest.testfile(str(CHECKOUT / "docs" / "library.md"), module_relative=False, encoding="utf-8")
    assert tried > 20
    assert failed == 0
