"""A rule's `except`: units and accounts that a rule is not about, in one line of the configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main

TREE: dict[str, Any] = {
    "enabled_policy_types": ["backup"],
    "root": {
        "accounts": [{"id": "111111111111", "name": "management"}],
        "organizational_units": [
            {"name": "Prod", "accounts": [{"id": "222222222222", "name": "shop"}]},
            {
                "name": "Suspended",
                "accounts": [{"id": "333333333333", "name": "old"}, {"id": "444444444444", "name": "older"}],
            },
        ],
    },
}
PLAN = {
    "plans": {
        "daily": {
            "regions": {"@@assign": ["eu-west-1"]},
            "rules": {
                "nightly": {
                    "target_backup_vault_name": {"@@assign": "central"},
                    "lifecycle": {"delete_after_days": {"@@assign": 3}},
                }
            },
            "selections": {
                "tags": {
                    "all": {
                        "iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/Backup"},
                        "tag_key": {"@@assign": "backup"},
                        "tag_value": {"@@assign": ["daily"]},
                    }
                }
            },
        }
    }
}


@pytest.fixture
def org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "org"
    (folder / "policies" / "backup").mkdir(parents=True)
    (folder / "policies" / "backup" / "all.json").write_text(json.dumps(PLAN))
    write(folder, TREE)
    return folder


def write(folder: Path, tree: dict[str, Any]) -> None:
    (folder / "organization.json").write_text(json.dumps(tree))


def settle(folder: Path, text: str) -> None:
    (folder / "policylint.yaml").write_text(text)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["org", "--format", "json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def reached(report: dict[str, Any], rule: str = "unprotected-account") -> list[tuple[Any, Any]]:
    found = [one["accounts"] for one in report["findings"] if one["rule"] == rule]
    return [(accounts["organizational_units"], accounts["ids"]) for accounts in found]


@pytest.mark.parametrize("profile", ["minimal", "recommended", "strict"])
def test_an_account_without_a_plan_fails_the_run(org: Path, capsys: pytest.CaptureFixture[str], profile: str) -> None:
    code, report = run(capsys, "--profile", profile)
    assert code == 1
    (finding,) = [one for one in report["findings"] if one["rule"] == "unprotected-account"]
    assert (finding["severity"], finding["outcome"]) == ("error", "fails")


@pytest.mark.parametrize("enabled", [{"enabled_policy_types": ["tag"]}, {}])
def test_where_backup_is_not_enabled_nobody_lacks_a_plan(
    org: Path, capsys: pytest.CaptureFixture[str], enabled: dict[str, Any]
) -> None:
    (org / "policies" / "backup" / "all.json").unlink()
    (org / "policies" / "tag").mkdir()
    (org / "policies" / "tag" / "team.json").write_text('{"tags": {}}')
    write(org, {"root": TREE["root"], **enabled})
    assert reached(run(capsys)[1]) == []


@pytest.mark.parametrize(
    "pattern",
    [
        "Root/Suspended",
        "Root/Suspended/",
        '"*/Suspended"',
        "Root/Suspended/*",
        "old*",
        "Root/Suspended/old, Root/Suspended/older",
        '"333333333333", older',
    ],
)
def test_one_line_excepts_a_unit_or_accounts(org: Path, capsys: pytest.CaptureFixture[str], pattern: str) -> None:
    settle(org, f"rules: {{unprotected-account: {{except: [{pattern}]}}}}\n")
    code, report = run(capsys)
    assert code == 1
    assert reached(report) == [(["Root/Prod"], ["111111111111"])]
    assert [one["rule"] for one in report["findings"] if one["rule"] == "override-without-accounts"] == []


@pytest.mark.parametrize("name", ["Suspended", "old [2024]", "R&D: old, older", "*", "Müll", "-", "what?"])
def test_what_the_message_says_to_write_excepts_the_unit(
    org: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    tree = json.loads(json.dumps(TREE))
    tree["root"]["policies"] = []
    tree["root"]["organizational_units"][1]["name"] = name
    tree["root"]["organizational_units"][0]["policies"] = ["backup/all"]
    tree["root"]["accounts"][0]["policies"] = ["backup/all"]
    write(org, tree)
    (finding,) = [one for one in run(capsys)[1]["findings"] if one["rule"] == "unprotected-account"]
    assert finding["message"].startswith(f"'Root/{name}' has no backup plan, so nothing there is backed up.")
    line = finding["message"].partition(" except it with '")[2].removesuffix("' in policylint.yaml.")
    settle(org, line + "\n")
    code, report = run(capsys)
    assert (code, reached(report)) == (0, [])
    assert "override-without-accounts" not in {one["rule"] for one in report["findings"]}


def test_an_exception_that_names_nothing_is_reported_at_its_line(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settle(org, "rules:\n  unprotected-account:\n    except:\n      - Root/Suspended\n      - Root/Suspendd\n")
    report = run(capsys)[1]
    (finding,) = [one for one in report["findings"] if one["rule"] == "override-without-accounts"]
    assert (finding["path"], finding["line"]) == ("org/policylint.yaml", 5)
    settle(org, "rules: {unprotected-account: {except: [Root/Suspendd]}}\n")
    assert run(capsys)[1]["summary"]["settings"] == []
    assert finding["message"] == (
        "There is no unit or account 'Root/Suspendd', so nothing is excepted. Did you mean 'Root/Suspended'?"
    )


@pytest.mark.parametrize("status", ["SUSPENDED", "suspended", "PENDING_CLOSURE", "CLOSED"])
def test_closed_accounts_need_no_backups(org: Path, capsys: pytest.CaptureFixture[str], status: str) -> None:
    tree = json.loads(json.dumps(TREE))
    for account in tree["root"]["organizational_units"][1]["accounts"]:
        account["status"] = status
    write(org, tree)
    (finding,) = [one for one in run(capsys)[1]["findings"] if one["rule"] == "unprotected-account"]
    assert finding["message"].startswith("'Root' has no backup plan")  # the closed ones hide nothing
    assert finding["accounts"]["count"] == 2
    tree["root"]["policies"] = []
    tree["root"]["accounts"] = tree["root"]["organizational_units"][0]["accounts"] = []
    write(org, tree)
    assert reached(run(capsys)[1]) == []


@pytest.mark.parametrize("status", ["ACTIVE", "PENDING_ACTIVATION", ""])
def test_other_accounts_need_backups(org: Path, capsys: pytest.CaptureFixture[str], status: str) -> None:
    tree = json.loads(json.dumps(TREE))
    tree["root"]["accounts"][0]["status"] = status
    write(org, tree)
    report = run(capsys)[1]
    assert reached(report) == [(["Root"], [])]
    (finding,) = [one for one in report["findings"] if one["rule"] == "unprotected-account"]
    assert (
        "except units that need none with 'rules: {unprotected-account: {except: [Root/UNIT]}}'" in finding["message"]
    )


def test_a_closed_account_with_a_plan_leaves_the_rest_of_its_unit_found(
    org: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = json.loads(json.dumps(TREE))
    old, older = tree["root"]["organizational_units"][1]["accounts"]
    old.update(status="SUSPENDED", policies=["backup/all"])
    tree["root"]["organizational_units"][0]["policies"] = tree["root"]["accounts"][0]["policies"] = ["backup/all"]
    write(org, tree)
    assert reached(run(capsys)[1]) == [([], [older["id"]])]


def test_every_rule_can_be_excepted_from(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(org, {**TREE, "root": {**TREE["root"], "policies": ["backup/all"]}})
    settle(org, "rules:\n  short-retention: {except: [Root/Prod], minimum_days: 7}\n")
    assert reached(run(capsys)[1], "short-retention") == [(["Root/Suspended"], ["111111111111"])]


def test_exceptions_hold_for_a_rule_that_the_command_line_selects(
    org: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settle(org, "rules: {unprotected-account: {except: [Root/Suspended]}}\n")
    _, report = run(capsys, "--select", "unprotected-account")
    assert reached(report) == [(["Root/Prod"], ["111111111111"])]
    assert report["summary"]["settings"] == [
        {"source": "org/policylint.yaml", "effect": "turns 1 rule off for 2 accounts"}
    ]


def test_an_override_has_exceptions_of_its_own_and_may_take_back_others(
    org: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settle(
        org,
        "rules: {unprotected-account: {except: [Root/Suspended]}}\n"
        "overrides:\n"
        "  - organizational_units: [Root/Suspended]\n"
        "    rules: {unprotected-account: {severity: note, except: [older]}}\n",
    )
    report = run(capsys)[1]
    assert reached(report) == [(["Root/Prod"], ["111111111111", "333333333333"])]


def test_an_exception_is_a_list_of_texts(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settle(org, "rules: {unprotected-account: {except: Root/Suspended}}\n")
    assert main(["org"]) == 2
    assert "org/policylint.yaml:1:39: A list belongs here: units and accounts" in capsys.readouterr().err


def test_more_exceptions_than_can_be_read_are_named(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ", ".join(f"{{rules: {{unprotected-account: {{except: [a{n}]}}}}}}" for n in range(100))
    settle(org, f"rules: {{unprotected-account: {{except: [a]}}}}\noverrides: [{settings}]\n")
    assert main(["org"]) == 2
    assert "There are 101 lists of exceptions, and at most 100 are read." in capsys.readouterr().err
