"""What `effective` and `explain` say where AWS rejects a document, where it withholds a policy, and where no type is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from policylint import hookimpl
from policylint.cli import main
from policylint.policy_types import POLICY_TYPES
from policylint.policy_types.shape import Container, PolicyType, Setting, Values

Run = Callable[..., tuple[int, str, str]]
TREE = """\
enabled_policy_types: %s
root:
  policies: %s
  accounts: [{name: one, id: "111111111111", policies: [%s]}, {name: two, id: "222222222222"}]
"""
SELECTION = {"iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/b"}, "tag_key": {"@@assign": "b"}}
RULE = {"target_backup_vault_name": {"@@assign": "v"}, "lifecycle": {"delete_after_days": {"@@assign": "35"}}}
BASE = {
    "plans": {
        "daily": {
            "regions": {"@@assign": ["eu-west-1"]},
            "rules": {"nightly": RULE},
            "selections": {"tags": {"all": {**SELECTION, "tag_value": {"@@assign": ["yes"]}}}},
        }
    }
}
OWN = """\
{"plans": {"daily": {
  "Regions": "eu-west-2",
  "rules": {"nightly": {
    "lifecycl": {"delete_after_days": {"@@assign": "365"}},
    "targetBackupVaultName": {"@@assign": ["w", "x"]}
  }}
}}}
"""
TWO_STATES = "What AWS serves is not known while a document on the path is rejected."


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """policylint beside an organization whose first account has a policy that AWS rejects."""
    monkeypatch.chdir(tmp_path)
    save("[backup]", ["backup/base"], "backup/own", **{"backup/base": json.dumps(BASE), "backup/own": OWN})

    def policylint(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments])
        return code, *capsys.readouterr()

    return policylint


def save(enabled: str, above: list[str], own: str, **policies: str) -> None:
    Path("organization.yaml").write_text(TREE % (enabled, json.dumps(above), own))
    for name, text in policies.items():
        file = Path("policies", f"{name}.json")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_what_is_shown_is_what_the_safe_fixes_make_of_it(run: Run) -> None:
    before = run("effective", ".", "--format", "jsonl")[1]
    plan = lines(before)[0]["effective_policy"]["plans"]["daily"]
    assert plan["regions"] == ["eu-west-2"]  # fixed
    assert plan["rules"] == {"nightly": {"target_backup_vault_name": "v", "lifecycle": {"delete_after_days": "35"}}}
    assert "Made 2 fixes in 1 file." in run("check", ".", "--fix")[2]
    after = run("effective", ".", "--format", "jsonl")[1]
    assert [line["effective_policy"] for line in lines(after)] == [line["effective_policy"] for line in lines(before)]


def test_a_rejected_document_is_named_and_what_aws_serves_is_not_known(run: Run) -> None:
    code, shown, said = run("effective", ".", "--account", "one")
    assert (code, json.loads(shown)["plans"]["daily"]["regions"]) == (0, ["eu-west-2"])
    assert "policies/backup/own.json:2: AWS rejects 'backup/own': 'Regions' has a value without operator" in said
    assert "(2 more problems in this file.)" in said
    assert f"What is shown is the merge with the safe fixes applied. {TWO_STATES}" in said
    one, two = lines(run("effective", ".", "--format", "jsonl")[1])
    (rejected,) = one["rejected"]
    assert (rejected["policy"], rejected["path"], rejected["line"]) == ("backup/own", "policies/backup/own.json", 2)
    assert (one["served"], one["valid"], one["errors"]) == (None, True, [])
    assert (two["served"], two["valid"], two["rejected"]) == (True, True, [])


def test_only_what_aws_serves_passes_where_that_is_required(run: Run) -> None:
    assert run("effective", ".", "--account", "two", "--require-valid")[0] == 0
    assert run("effective", ".", "--account", "one", "--require-valid")[0] == 1
    assert run("effective", ".", "--format", "jsonl", "--require-valid")[0] == 1
    assert run("effective", ".", "--format", "jsonl", "--account", "two", "--require-valid")[0] == 0
    Path("policies/backup/own.json").write_text("{")
    assert run("effective", ".", "--account", "one", "--require-valid")[0] == 2
    assert lines(run("effective", ".", "--format", "jsonl")[1])[0]["served"] is None


def test_explain_and_effective_agree_on_a_file_that_cannot_be_read(run: Run) -> None:
    Path("policies/backup/own.json").write_text("{")
    for account, expected in (("one", 2), ("two", 0)):
        code, told, said = run("explain", ".", "/plans/daily/regions", "--account", account)
        assert (code, run("effective", ".", "--account", account)[0]) == (expected, expected)
        assert "is [eu-west-1]" in told
        assert ("policies/backup/own.json:1: AWS rejects 'backup/own': " in said) is (expected == 2)


def test_a_withheld_policy_is_not_shown_as_if_it_were_in_effect(run: Run) -> None:
    Path("policies/backup/own.json").write_text('{"plans": {"weekly": {"regions": {"@@assign": ["eu-west-1"]}}}}')
    code, _, said = run("effective", ".", "--account", "one")
    assert code == 0
    assert said.startswith(
        "policylint: This backup policy is NOT in effect: AWS withholds it, because at 'plans/weekly' "
    )
    assert "AWS serves the account's last valid policy instead, or none." in said
    assert run("effective", ".", "--account", "one", "--require-valid")[0] == 1
    one, two = lines(run("effective", ".", "--format", "jsonl")[1])
    assert (one["served"], one["rejected"], two["served"]) == (False, [], True)


DAYS = "/plans/daily/rules/nightly/lifecycle/delete_after_days"


def test_the_attempt_of_a_rejected_document_is_listed(run: Run) -> None:
    told = run("explain", ".", DAYS, "--account", "one")[1]
    assert told.splitlines()[1] == "  is '35'"
    attempt = (
        "backup/own: tries to set 365; rejected, because 'lifecycl' is not a field here (policies/backup/own.json:4:5)"
    )
    assert attempt in told
    assert (
        f"That is with the safe fixes applied: AWS rejects backup/own (policies/backup/own.json:4:5). {TWO_STATES}"
        in told
    )
    told = run("explain", ".", "/plans/daily/rules/nightly/target_backup_vault_name", "--account", "one")[1]
    assert "backup/own: tries to set [w, x]; rejected, because 'target_backup_vault_name' takes a single value" in told
    told = run("explain", ".", "/plans/daily/regions", "--account", "one")[1]
    assert "counts with the safe fixes applied; the document is rejected, because 'Regions' has a value without" in told
    assert "rejected" not in run("explain", ".", DAYS, "--account", "two")[1]


def test_what_only_a_rejected_document_tries_to_set_is_explained(run: Run) -> None:
    save("[backup]", [], "backup/own", **{"backup/own": OWN})
    code, told, _ = run("explain", ".", DAYS, "--account", "one")
    assert code == 0
    assert told.splitlines()[1] == "  is not in the effective policy."
    assert "tries to set 365; rejected, because" in told


TAG = '{"tags": {"owner": {"tag_value": {"@@assign": ["red"]}}}}'


def test_without_a_type_the_one_that_is_meant_is_shown_or_asked_for(run: Run) -> None:
    save("[tag]", ["tag/a"], "", **{"tag/a": TAG})
    assert '"red"' in run("effective", ".", "--account", "one")[1]
    save("[backup, tag]", ["tag/a"], "")
    code, shown, said = run("effective", ".", "--account", "one")
    assert (code, shown) == (2, "")
    assert said == "policylint: 'one' has no backup policy, but policies of other types. Name one with --type: 'tag'.\n"
    save("[backup, tag]", ["tag/a"], "backup/base")
    assert "plans" in run("effective", ".", "--account", "one")[1]
    save("[tag, chat]", ["tag/a"], "")
    code, shown, said = run("effective", ".", "--account", "one")
    assert (code, shown) == (2, "")
    assert said == "policylint: Several policy types are enabled. Name one with --type: 'tag' and 'chat'.\n"


def test_a_type_that_a_plugin_brings_works_in_every_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    speed = Container({"speed": Setting(Values("a string"))})
    robot = PolicyType("ROBOT_POLICY", "robot", "robot policy", "robots", Container(entry=speed), 10_000, 5, None, "")
    plugin = SimpleNamespace(policylint_policy_types=hookimpl(lambda register: register(robot), specname=None))
    plugin.policylint_policy_types.__name__ = "policylint_policy_types"
    point: Any = SimpleNamespace(name="robots", dist=None, load=lambda: plugin)
    monkeypatch.setattr("policylint.plugins.installed_plugins", lambda: [point])
    save("[robot]", ["robot/a"], "", **{"robot/a": '{"robots": {"r2": {"speed": {"@@assign": "slow"}}}}'})
    assert '"slow"' in run("effective", ".", "--account", "one", "--type", "robot")[1]
    assert '"slow"' in run("effective", ".", "--format", "jsonl")[1]
    assert "is 'slow'" in run("explain", ".", "/robots/r2/speed", "--account", "one")[1]
    assert "ROBOT_POLICY" not in POLICY_TYPES
