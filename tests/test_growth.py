"""What was accepted is accepted as it was: more accounts, or a worse value, is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.cli import main
from policylint.plugins import load

PLAN = {
    "plans": {
        "daily": {
            "regions": {"@@assign": ["eu-west-1"]},
            "rules": {
                "nightly": {
                    "schedule_expression": {"@@assign": "cron(0 5 ? * * *)"},
                    "target_backup_vault_name": {"@@assign": "v"},
                    "lifecycle": {"delete_after_days": {"@@assign": 3}},
                }
            },
        }
    }
}
UNITS = ("Test", "Prod", "Shared")
COUNTS = {"Test": 6, "Prod": 14, "Shared": 2}
COMMENTED = """\
plans:
  daily:
    rules:
      nightly:
        lifecycle:
          delete_after_days: {"@@assign": %d} # policylint: ignore[short-retention] agreed
"""


def write(folder: Path, attached: dict[str, bool], days: int, *, extra: int = 0, indent: int | None = None) -> None:
    """An organization of three units, with the policy attached to some of them, and more accounts in Test."""
    (folder / "policies" / "backup").mkdir(parents=True, exist_ok=True)
    plan = json.loads(json.dumps(PLAN))
    plan["plans"]["daily"]["rules"]["nightly"]["lifecycle"]["delete_after_days"]["@@assign"] = days
    (folder / "policies" / "backup" / "short.json").write_text(json.dumps(plan, indent=indent))
    units = [
        {
            "name": name,
            "policies": ["backup/short"] if attached.get(name) else [],
            "accounts": [
                {"name": f"{name}-{n}", "id": f"{number}{n:011}"}
                for n in range(COUNTS[name] + (extra if name == "Test" else 0))
            ],
        }
        for number, name in enumerate(UNITS, 1)
    ]
    (folder / "organization.json").write_text(json.dumps({"root": {"organizational_units": units}}))


def found(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    main(["check", str(folder), "--format", "json", "--select", "short-retention,old-baseline", *more])
    return list(json.loads(capsys.readouterr().out)["findings"])


@pytest.fixture
def org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "org", {"Test": True}, 3)
    main(["baseline", "org"])
    return Path("org")


def test_accounts_that_come_to_be_affected_are_reported(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert found(org, capsys) == []
    write(org, {"Test": True, "Prod": True}, 3)
    (finding,) = found(org, capsys)
    assert finding["message"].endswith("Suppressed for 6 accounts; now also affects 14: Root/Prod.")
    assert finding["accounts"] == {"count": 14, "organizational_units": ["Root/Prod"], "ids": []}
    assert main(["check", "org", "--select", "short-retention"]) == 0  # it is a warning
    assert main(["check", "org", "--select", "short-retention", "--fail-on", "warning"]) == 1


@pytest.mark.parametrize("name", ["table", "text", "jsonl", "sarif", "github", "gitlab", "junit", "markdown"])
def test_every_format_says_what_is_new(org: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    write(org, {"Test": True, "Prod": True}, 3)
    capsys.readouterr()
    main(["check", "org", "--format", name, "--select", "short-retention"])
    shown = " ".join(capsys.readouterr().out.replace("=", "").split())
    assert "Suppressed for 6 accounts; now also affects 14: Root/Prod." in shown


def test_a_worse_value_is_reported_for_all(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(org, {"Test": True}, 1)
    (finding,) = found(org, capsys)
    assert finding["message"].endswith("Suppressed with '3'; now '1'.")
    assert finding["accounts"]["count"] == 6
    write(org, {"Test": True}, 7)
    assert found(org, capsys) == []


def test_fewer_accounts_are_silent_and_pruning_narrows(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(org, {"Test": True, "Prod": True}, 3)
    main(["baseline", "org"])
    write(org, {"Prod": True}, 7)
    assert found(org, capsys) == []
    assert main(["baseline", "org", "--prune"]) == 0
    (row,) = [
        one
        for one in json.loads((org / "policylint-baseline.json").read_text())["findings"]
        if one["rule"] == "short-retention"
    ]
    assert (row["organizational_units"], row["ids"], row["value"]) == (["Root/Prod"], [], "7")
    write(org, {"Test": True, "Prod": True}, 7)
    assert found(org, capsys)[0]["accounts"]["organizational_units"] == ["Root/Test"]


def test_pruning_accepts_nothing_new(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(org, {"Test": True, "Shared": True}, 1)
    before = found(org, capsys)
    assert len(before) == 1
    main(["baseline", "org", "--prune"])
    assert found(org, capsys) == before
    write(org, {"Test": True, "Prod": True}, 3)
    assert found(org, capsys)[0]["accounts"]["organizational_units"] == ["Root/Prod"]


def test_a_baseline_of_old_accepts_as_before_and_one_note_says_so(
    org: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = org / "policylint-baseline.json"
    baseline = json.loads(path.read_text())
    rows = [{name: row[name] for name in ("rule", "path", "pointer")} for row in baseline["findings"]]
    path.write_text(json.dumps({"version": 1, "findings": rows}))
    write(org, {"Test": True, "Prod": True}, 1)
    (note,) = found(org, capsys)
    assert (note["rule"], note["severity"]) == ("old-baseline", "note")
    assert "Write it again with `policylint baseline`." in note["message"]
    main(["baseline", "org"])
    assert found(org, capsys) == []


def test_an_ignore_without_accounts_is_recorded_in_the_baseline(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policylint-baseline.json").unlink()
    (org / "policylint.yaml").write_text("ignores: [{rule: short-retention, reason: agreed}]\n")
    write(org, {"Test": True, "Prod": True}, 1)
    assert found(org, capsys) == []  # without a baseline it accepts as ever
    assert [one["rule"] for one in found(org, capsys, "--select", "unrecorded-ignore")] == ["unrecorded-ignore"]
    write(org, {"Test": True}, 3)
    main(["baseline", "org"])
    assert found(org, capsys, "--select", "unrecorded-ignore") == []
    write(org, {"Test": True, "Prod": True}, 3)
    assert "now also affects 14: Root/Prod." in found(org, capsys)[0]["message"]
    write(org, {"Test": True}, 1)
    assert "now '1'" in found(org, capsys)[0]["message"]
    assert found(org, capsys, "--no-baseline") == []


def test_a_comment_is_recorded_in_the_baseline(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = org / "policies" / "backup" / "short.json"
    path.unlink()
    path.with_suffix(".yaml").write_text(COMMENTED % 3)
    main(["baseline", "org"])
    assert found(org, capsys) == []
    path.with_suffix(".yaml").write_text(COMMENTED % 1)
    assert found(org, capsys)[0]["message"].endswith("Suppressed with '3'; now '1'.")


def test_an_ignore_with_accounts_goes_on_as_before(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policylint-baseline.json").unlink()
    text = "ignores: [{rule: short-retention, reason: agreed, organizational_units: [Root/Test]}]\n"
    (org / "policylint.yaml").write_text(text)
    main(["baseline", "org"])
    assert "ignores" not in json.loads((org / "policylint-baseline.json").read_text())
    write(org, {"Test": True, "Prod": True}, 3)
    assert found(org, capsys)[0]["accounts"]["organizational_units"] == ["Root/Prod"]


def test_a_file_alone_is_held_against_the_recorded_value(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = org / "policies" / "backup" / "short.json"
    text = policy.read_text().replace('"regions"', '"regionz"')
    policy.write_text(text)
    main(["baseline", "org"])
    capsys.readouterr()
    assert main(["check", str(policy), "--select", "syntax"]) == 0


@given(
    before=st.fixed_dictionaries({name: st.booleans() for name in UNITS}),
    after=st.fixed_dictionaries({name: st.booleans() for name in UNITS}),
    days=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    extra=st.integers(0, 3),
    indent=st.sampled_from([None, 1, 4]),
)
def test_growth_and_worsening_are_reported_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
    before: dict[str, bool],
    after: dict[str, bool],
    days: tuple[int, int],
    extra: int,
    indent: int | None,
) -> None:
    org = tmp_path_factory.mktemp("org")
    write(org, before, days[0])
    main(["baseline", str(org)])
    report = org / "report.json"
    command = ["check", str(org), "--format", "json", "--select", "short-retention", "--output", str(report)]
    main(command)
    assert json.loads(report.read_text())["findings"] == []
    write(org, after, days[1], extra=extra, indent=indent)
    main(command)
    findings = json.loads(report.read_text())["findings"]
    was = {f"Root/{name}" for name in UNITS if before[name]} if days[0] < 35 else set()
    now = {f"Root/{name}" for name in UNITS if after[name]} if days[1] < 35 else set()
    expected = now if not was or days[1] < days[0] else now - was
    if expected == {f"Root/{name}" for name in UNITS}:
        expected = {"Root"}
    assert {unit for one in findings for unit in one["accounts"]["organizational_units"]} == expected


def test_every_direction_is_one_of_two() -> None:
    assert {rule.card.worse for rule in load([]).rules.values()} == {"", "lower", "higher"}
