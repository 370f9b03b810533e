"""What the HTML page is told: shared nodes, what was overruled and why, the runs of schedules."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from generate import Size, generate

from policylint.cli import main

ACME = Path(__file__).parent.parent / "fixtures" / "acme"
ACCOUNT = {"id": "222222222222", "name": "payments"}
Json = dict[str, Any]


def page_data(folder: Path, at: str = "2026-11-23T08:00:00Z") -> Json:
    """The data inside the page."""
    page = folder / "page.html"
    assert main([str(folder), "--format", "html", "--at", at, "--fail-on", "never", "--output", str(page)]) == 0
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    assert found
    data: Json = json.loads(found[1])
    return data


def organization(folder: Path, root: Json, unit: Json | None = None, kind: str = "backup") -> Json:
    """The data of a tree of one account, with these documents at the root and at its unit."""
    policies = folder / "policies" / kind
    policies.mkdir(parents=True)
    for name, document in (("root", root), ("unit", unit)):
        if document is not None:
            (policies / f"{name}.json").write_text(json.dumps(document, indent=1))
    below = {"name": "Prod", "policies": [f"{kind}/unit"] if unit is not None else [], "accounts": [ACCOUNT]}
    tree = {"root": {"policies": [f"{kind}/root"], "organizational_units": [below]}}
    (folder / "organization.json").write_text(json.dumps(tree))
    return page_data(folder)["organization"]  # type: ignore[no-any-return]


def effective(data: Json) -> Json:
    """The effective policy of the only account as names and values."""
    (policy,) = data["types"][0]["effective"]

    def content(index: int) -> Any:
        _, below, *spots = data["nodes"][index]
        return below if spots else {data["nodes"][child][0]: content(child) for child in below}

    found: Json = content(policy["node"])
    return found


def overruled(data: Json) -> list[Any]:
    """Per overruled value: the last name, the values, where they stand, why, by what. Lines of the policies."""
    return [
        (event["path"][-1], event["values"], event["from"], event["reason"], event["by"])
        for level in data["levels"]
        for event in level["overruled"]
    ]


def plan(**fields: Json) -> Json:
    return {"plans": {"daily": fields}}


def rule(schedule: str | None, **fields: Json) -> Json:
    expression = {"schedule_expression": {"@@assign": schedule}} if schedule else {}
    return plan(rules={"nightly": {**expression, **fields}})


def test_a_removed_value_names_who_gave_and_who_took_it(tmp_path: Path) -> None:
    above = plan(regions={"@@assign": ["eu-west-1", "us-east-1"]})
    data = organization(tmp_path, above, plan(regions={"@@remove": ["us-east-1"]}))
    assert effective(data) == {"plans": {"daily": {"regions": ["eu-west-1"]}}}
    assert overruled(data) == [("regions", ["us-east-1"], [0, 7], "removed by", [1, 6])]


@pytest.mark.parametrize(
    ("below", "told"),
    [
        ({"@@assign": ["us-east-1"]}, (["eu-west-1"], "replaced by")),
        ({"@@append": ["eu-west-1"]}, (["eu-west-1"], "no effect: already in the list")),
        ({"@@remove": ["us-east-1"]}, (["us-east-1"], "no effect: not in the inherited list")),
    ],
)
def test_why_a_value_has_no_effect(tmp_path: Path, below: Json, told: tuple[list[str], str]) -> None:
    data = organization(tmp_path, plan(regions={"@@assign": ["eu-west-1"]}), plan(regions=below))
    assert [(values, reason) for _, values, _, reason, _ in overruled(data)] == [told]


def test_a_refused_entry_is_told_as_a_whole(tmp_path: Path) -> None:
    locked = {"plans": {"@@operators_allowed_for_child_policies": ["@@none"], "daily": {}}}
    data = organization(tmp_path, locked, {"plans": {"weekly": {"regions": {"@@assign": ["eu-west-1"]}}}})
    reason = "ignored: backup/root allows no operator for new entries of plans"
    assert overruled(data) == [("weekly", None, [1, 3], reason, [0, 3])]


def test_an_empty_tag_rule_has_the_defaults_of_aws(tmp_path: Path) -> None:
    data = organization(tmp_path, {"tags": {"Team": {}}}, kind="tag")
    assert effective(data) == {"tags": {"team": {"tag_value": ["*"], "tag_key": "team"}}}
    assert [spots for _, _, *spots in data["nodes"] if spots] == [[[-1, 0]], [[-1, 0]]]


@pytest.mark.parametrize(
    ("schedule", "runs", "more", "error"),
    [
        ("cron(0 2 ? * * *)", 42, False, ""),
        ("cron(0 * ? * * *)", 1007, False, ""),
        ("cron(0/5 * ? * * *)", 1008, True, ""),
        ("cron(0 2 ? * * 2020)", 0, False, ""),
        ("cron(0 2 1 * MON *)", 0, False, "Exactly one of day-of-month and day-of-week must be '?'."),
    ],
)
def test_runs_of_six_weeks(tmp_path: Path, schedule: str, runs: int, more: bool, error: str) -> None:
    found = organization(tmp_path, rule(schedule))["timeline"]["schedules"][schedule]
    assert (len(found["runs"]), found["more"], found["error"]) == (runs, more, error)
    assert all(0 < run < 42 * 24 * 60 for run in found["runs"])


def test_how_long_backups_and_their_copies_are_kept(tmp_path: Path) -> None:
    vault = "arn:aws:backup:eu-west-1:$account:backup-vault:copies"
    lifecycle = {"delete_after_days": {"@@assign": "400"}, "move_to_cold_storage_after_days": {"@@assign": 30}}
    copy = {"target_backup_vault_arn": {"@@assign": vault}}
    data = organization(tmp_path, rule(None, lifecycle=lifecycle, copy_actions={vault: copy}))
    (found,) = data["timeline"]["rules"].values()
    assert found == {
        "schedule": None,
        "vaults": [],
        "continuous": False,
        "keep": 400,
        "cold": 30,
        "copies": [{"vault": vault, "keep": None, "cold": None}],
    }


def test_the_timeline_starts_at_the_moment_that_is_asked_for(tmp_path: Path) -> None:
    data = organization(tmp_path, rule("cron(0 2 ? * * *)"))
    assert data["timeline"]["start"] == "2026-11-23T08:00Z"
    assert data["timeline"]["schedules"]["cron(0 2 ? * * *)"]["runs"][0] == 18 * 60


def test_accounts_share_what_they_have_in_common(tmp_path: Path) -> None:
    """Ten times the accounts: more rows of accounts, and no other row."""
    sizes = []
    for accounts in (50, 500):
        folder = tmp_path / str(accounts)
        generate(folder, Size(accounts=accounts, units=20, policies=20, policy_bytes=2_000))
        found = page_data(folder)["organization"]
        sizes.append((len(found["accounts"]), len(found["units"]), len(found["nodes"]), len(found["levels"])))
    assert [size[0] for size in sizes] == [50, 500]
    assert sizes[0][1] == sizes[1][1]
    assert sizes[1][2] <= sizes[0][2] * 1.5
    assert sizes[1][3] <= sizes[0][3] * 1.5


def test_a_finding_far_into_a_long_line_is_shown(tmp_path: Path) -> None:
    plans = {f"p{number:03}": {"regions": {"@@assign": ["eu-west-1"]}} for number in range(100)}
    plans["last"] = {"regoins": {"@@assign": ["eu-west-1"]}}
    (tmp_path / "policies" / "backup").mkdir(parents=True)
    (tmp_path / "policies" / "backup" / "long.json").write_text(json.dumps({"plans": plans}))
    tree = {"root": {"policies": ["backup/long"], "accounts": [ACCOUNT]}}
    (tmp_path / "organization.json").write_text(json.dumps(tree))
    found = next(one for one in page_data(tmp_path)["findings"] if one["rule"] == "unknown-field")["excerpt"]
    ((_, text),) = found["lines"]
    assert text[found["start"] : found["end"]] == '"regoins"'
    assert len(text) < 300


def test_the_same_input_makes_the_same_page(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "policylint", str(ACME), "--format", "html", "--at", "2026-11-23T08:00:00Z"]
    for seed in ("1", "7"):
        done = subprocess.run([*command, "--output", tmp_path / seed], env={**os.environ, "PYTHONHASHSEED": seed})
        assert done.returncode == 1
    assert (tmp_path / "1").read_bytes() == (tmp_path / "7").read_bytes()
