"""What is true of several plans of one policy is one finding, and what was accepted of single plans stays accepted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main

TIERS = Path(__file__).parent.parent / "fixtures" / "tiers"
RULE = "no-copy-to-another-region"


def assign(value: Any) -> dict[str, Any]:
    return {"@@assign": value}


def plan(tag: str, **rules: dict[str, Any]) -> dict[str, Any]:
    role = assign("arn:aws:iam::$account:role/Backup")
    selection = {"iam_role_arn": role, "tag_key": assign("backup"), "tag_value": assign([tag])}
    made = {"target_backup_vault_name": assign("central")}
    return {
        "regions": assign(["eu-west-1"]),
        "rules": {name: {**made, **more} for name, more in (rules or {"nightly": {}}).items()},
        "selections": {"tags": {"all": selection}},
    }


@pytest.fixture
def org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "org"
    (folder / "policies" / "backup").mkdir(parents=True)
    (folder / "organization.json").write_text(
        json.dumps({"root": {"policies": ["backup/all"], "accounts": [{"name": "a"}, {"name": "b"}]}})
    )
    write(folder, {name: plan(name) for name in ("daily", "weekly", "monthly")})
    return folder


def write(folder: Path, plans: dict[str, Any], ending: str = "json") -> None:
    for old in (folder / "policies" / "backup").glob("all.*"):
        old.unlink()
    (folder / "policies" / "backup" / f"all.{ending}").write_text(json.dumps({"plans": plans}, indent=1))


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    main(["org", "--format", "json", "--select", *(arguments or (RULE,))])
    return dict(json.loads(capsys.readouterr().out))


def test_one_finding_lists_the_plans(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (finding,) = run(capsys)["findings"]
    assert finding["message"] == (
        "Backups of 'daily', 'weekly' and 'monthly' are copied to no other Region, so they are lost with their Region. "
        "Add a copy action."
    )
    assert finding["pointer"] == "/plans/daily/rules"
    assert [(one["pointer"], one["message"]) for one in finding["related"]] == [
        ("/plans/weekly/rules", "'weekly' too"),
        ("/plans/monthly/rules", "'monthly' too"),
    ]


def test_a_finding_of_one_plan_keeps_its_fingerprint(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    joint = run(capsys)["findings"][0]["fingerprint"]
    write(org, {"daily": plan("daily")})
    (finding,) = run(capsys)["findings"]
    assert finding["message"].startswith("Backups of 'daily' are copied to no other Region")
    assert finding["fingerprint"] == joint
    assert finding["related"] == []


def baseline(folder: Path, *plans: str) -> None:
    entries = [{"rule": RULE, "path": "policies/backup/all.json", "pointer": f"/plans/{one}/rules"} for one in plans]
    (folder / "policylint-baseline.json").write_text(json.dumps({"version": 1, "findings": entries}))


def test_a_baseline_of_single_plans_accepts_the_joint_finding(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    baseline(org, "daily", "weekly", "monthly")
    assert run(capsys, f"{RULE},stale-baseline")["findings"] == []
    baseline(org, "daily", "monthly")
    (finding,) = run(capsys)["findings"]
    assert finding["message"].startswith("Backups of 'weekly' are copied")
    assert finding["pointer"] == "/plans/weekly/rules"


def test_a_baseline_that_is_written_now_holds_every_plan(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", "org"]) == 0
    entries = json.loads((org / "policylint-baseline.json").read_text())["findings"]
    assert [one["pointer"] for one in entries if one["rule"] == RULE] == [
        f"/plans/{name}/rules" for name in ("daily", "monthly", "weekly")
    ]
    assert run(capsys)["findings"] == []
    write(org, {name: plan(name) for name in ("daily", "weekly", "monthly", "yearly")})
    (finding,) = run(capsys)["findings"]
    assert finding["message"].startswith("Backups of 'yearly' are copied")


def test_an_ignore_of_one_plan_leaves_the_others(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policylint.yaml").write_text(
        f"ignores: [{{rule: {RULE}, pointer: /plans/daily/*, reason: in one Region by law}}]\n"
    )
    (finding,) = run(capsys)["findings"]
    assert finding["message"].startswith("Backups of 'weekly' and 'monthly' are copied")


def test_plans_of_two_policies_or_for_other_accounts_stay_apart(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policies" / "backup" / "more.json").write_text(json.dumps({"plans": {"yearly": plan("yearly")}}))
    (org / "organization.json").write_text(
        json.dumps({"root": {"policies": ["backup/all", "backup/more"], "accounts": [{"name": "a"}, {"name": "b"}]}})
    )
    starts = [one["message"].partition(" are ")[0] for one in run(capsys)["findings"]]
    assert starts == ["Backups of 'daily', 'weekly' and 'monthly'", "Backups of 'yearly'"]
    arn = "arn:aws:backup:eu-north-1:$account:backup-vault:v"
    copy = {
        "plans": {"weekly": {"rules": {"nightly": {"copy_actions": {arn: {"target_backup_vault_arn": assign(arn)}}}}}}
    }
    (org / "policies" / "backup" / "more.json").write_text(json.dumps(copy))
    (org / "organization.json").write_text(
        json.dumps(
            {
                "root": {
                    "policies": ["backup/all"],
                    "accounts": [{"name": "a"}, {"name": "b", "policies": ["backup/more"]}],
                }
            }
        )
    )
    findings = run(capsys)["findings"]
    assert [(one["message"].partition(" are ")[0], one["accounts"]["count"]) for one in findings] == [
        ("Backups of 'daily' and 'monthly'", 2),
        ("Backups of 'weekly'", 1),
    ]


def test_rules_are_named_with_their_plans(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(org, {"daily": plan("a", nightly={}, noon={}), "weekly": plan("b", nightly={})})
    (finding,) = run(capsys, "kept-forever")["findings"]
    assert finding["message"].startswith(
        "Backups of 'daily/nightly', 'daily/noon' and 'weekly/nightly' are never deleted"
    )
    write(org, {"daily": plan("a", nightly={})})
    (finding,) = run(capsys, "kept-forever")["findings"]
    assert finding["message"].startswith("Backups of 'nightly' are never deleted")
    write(org, {"daily": plan("a", nightly={}), "weekly": plan("b", nightly={})})
    (finding,) = run(capsys, "no-start-window")["findings"]
    assert finding["message"].startswith("No start_backup_window_minutes in 'daily/nightly' and 'weekly/nightly', so")


def test_of_many_plans_some_are_named_and_the_rest_counted(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(org, {f"p{number:02}": plan(f"t{number}") for number in range(12)})
    (finding,) = run(capsys)["findings"]
    assert "'p08', 'p09' and 2 more are copied" in finding["message"]
    assert len(finding["related"]) == 11
    write(org, {f"p{number:02}": plan(f"t{number}") for number in range(10)})
    (finding,) = run(capsys)["findings"]
    assert "'p08' and 'p09' are copied" in finding["message"]


def test_a_rule_that_is_not_grouped_names_each_plan(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plans = {name: plan(name, r={"schedule_expression": assign("cron(0 5 1 1 ? *)")}) for name in ("a", "b")}
    write(org, plans)
    assert len(run(capsys, "rare-schedule")["findings"]) == 2


def test_a_card_of_ones_own_may_ask_for_one_finding(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = (
        "---\nselect: $\nfield: backup_plan_tags\nrequire: {present: true}\nmessage: No tags on '{plan}'\n"
        "grouped: true\n---\n\n# No tags\n"
    )
    (org / "rules").mkdir()
    (org / "rules" / "no-plan-tags.md").write_text(card)
    (finding,) = run(capsys, "no-plan-tags")["findings"]
    assert finding["message"] == "No tags on 'daily', 'weekly' and 'monthly'."
    (org / "rules" / "no-plan-tags.md").write_text(card.replace("'{plan}'", "a plan"))
    assert len(run(capsys, "no-plan-tags")["findings"]) == 3  # the message has no name to list
    (org / "rules" / "no-plan-tags.md").write_text(card.replace("grouped: true", "grouped: false"))
    assert len(run(capsys, "no-plan-tags")["findings"]) == 3


@pytest.mark.parametrize(
    ("profile", "rules"),
    [
        ("minimal", []),
        ("recommended", ["no-copy-to-another-account", "no-copy-to-another-account", "no-copy-to-another-region"]),
        (
            "strict",
            [
                "no-windows-vss",
                "no-copy-to-another-account",
                "no-recovery-point-tags",
                "several-plans-in-one-policy",
                "no-air-gapped-vault",
                "no-copy-to-another-account",
                "no-copy-to-another-region",
            ],
        ),
    ],
)
def test_a_sound_organization_with_four_tiers_has_little_to_read(
    capsys: pytest.CaptureFixture[str], profile: str, rules: list[str]
) -> None:
    main([str(TIERS), "--format", "json", "--profile", profile])
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [one["rule"] for one in findings] == rules
    assert {one["severity"] for one in findings} <= {"note"}


def test_what_the_four_tiers_lack_is_said_of_what_lacks_it(capsys: pytest.CaptureFixture[str]) -> None:
    main([str(TIERS), "--format", "json"])
    vaults, accounts, regions = (one["message"] for one in json.loads(capsys.readouterr().out)["findings"])
    assert vaults.startswith("The account of the copies has backups of 'hourly', 'monthly' and 'yearly' too")
    assert accounts.startswith("Backups of 'daily' are copied to no other account")  # it takes bronze, alone
    assert regions.startswith("Backups of 'daily' are copied to no other Region")


def test_plans_are_listed_in_the_order_of_the_file(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    above = {"plans": {"weekly": {"regions": assign(["eu-west-1"])}}}  # so that it comes first in the merged policy
    (org / "policies" / "backup" / "above.json").write_text(json.dumps(above))
    tree = {
        "policies": ["backup/above"],
        "organizational_units": [{"name": "Prod", "policies": ["backup/all"], "accounts": [{"name": "a"}]}],
    }
    (org / "organization.json").write_text(json.dumps({"root": tree}))
    (finding,) = run(capsys)["findings"]
    assert finding["message"].startswith("Backups of 'daily', 'weekly' and 'monthly' are copied")
    assert finding["pointer"] == "/plans/daily/rules"
