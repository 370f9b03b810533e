"""Accepted findings: by configuration, comment and baseline; and that no acceptance outlives its finding unseen."""

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
      accounts: [{name: payments, id: "111111111111"}]
    - name: Sandbox
      accounts: [{name: play, id: "333333333333"}]
"""
POLICY = """\
plans:
  daily:
    regions: {"@@assign": [eu-west-1]}
    rules:
      nightly:
        schedule_expression: {"@@assign": "cron(0 5 ? * * *)"}
        target_backup_vault_name: {"@@assign": central}
        lifecycle:
          delete_after_days: {"@@assign": 14}
    selections:
      tags:
        tagged:
          iam_role_arn: {"@@assign": "arn:aws:iam::$account:role/Backup"}
          tag_key: {"@@assign": backup}
          tag_value: {"@@assign": ["yes"]}
"""
SHORT = "          delete_after_days:"
ONLY = ("--select", "short-retention,configuration", "--ignore", "unrecorded-ignore")


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "org" / "policies" / "backup" / "base.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(POLICY)
    (tmp_path / "org" / "organization.yaml").write_text(TREE)
    return path


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    main(["org", "--format", "json", *ONLY, *arguments])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def rules(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    return [finding["rule"] for finding in report(capsys, *arguments)["findings"]]


def ignores(*lines: str) -> None:
    entry = "".join(f"    {line}\n" for line in lines)
    Path("org/policylint.yaml").write_text(f"ignores:\n  - rule: short-retention\n    reason: agreed\n{entry}")


@pytest.mark.parametrize(
    "lines",
    [(), ("file: policies/backup/*",), ("pointer: /plans/*/delete_after_days/*",), ("organizational_units: [Root]",)],
)
def test_an_ignore_that_matches_accepts(policy: Path, capsys: pytest.CaptureFixture[str], lines: tuple[str]) -> None:
    ignores(*lines)
    found = report(capsys)
    assert (found["findings"], found["summary"]["accepted"]) == ([], 1)


@pytest.mark.parametrize("line", ["file: policies/tag/*", "pointer: /plans/weekly/*", "accounts: [nobody]"])
def test_an_ignore_that_matches_nothing_is_told(policy: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    ignores(line)
    assert sorted(rules(capsys)) == ["short-retention", "unused-ignore"]


def test_an_ignore_for_some_accounts_leaves_the_others(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ignores("organizational_units: [Root/Sandbox]")
    (finding,) = report(capsys)["findings"]
    assert finding["accounts"] == {"count": 1, "organizational_units": ["Root/Prod"], "ids": []}


def test_an_ignore_runs_out_after_its_day(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ignores("until: 2027-01-31")
    assert rules(capsys, "--at", "2027-01-31T23:00:00Z") == []
    assert sorted(rules(capsys, "--at", "2027-02-01T00:00:00Z")) == ["expired-ignore", "short-retention"]


def test_a_comment_accepts_on_its_line_and_on_the_next(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    comment = "# policylint: ignore[short-retention] rebuilt every night"
    policy.write_text(POLICY.replace('{"@@assign": 14}', '{"@@assign": 14} ' + comment))
    assert rules(capsys) == []
    policy.write_text(POLICY.replace(SHORT, f"          {comment}\n          # more words\n{SHORT}"))
    assert rules(capsys) == []


def test_a_comment_elsewhere_is_told(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy.write_text(POLICY.replace("  daily:", "  daily: # policylint: ignore[short-retention] rebuilt"))
    assert sorted(rules(capsys)) == ["short-retention", "unused-ignore"]


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        (
            "ignore[short-retention]",
            "This comment has no reason, so it suppresses nothing. Write the rules in brackets",
        ),
        ("ignore rebuilt", "This comment names no rule, so it suppresses nothing. Write the rules in brackets"),
        ("ignore[short-retentoin] rebuilt", "No rule is named 'short-retentoin'. Did you mean 'short-retention'?"),
        ("ignore[kept-forever, xyz] rebuilt", "No rule is named 'xyz'. `policylint rules` lists them."),
    ],
)
def test_a_malformed_comment_is_told(
    policy: Path, capsys: pytest.CaptureFixture[str], comment: str, words: str
) -> None:
    policy.write_text(POLICY.replace('{"@@assign": 14}', '{"@@assign": 14} # policylint: ' + comment))
    left, slip = report(capsys)["findings"]
    assert (slip["rule"], slip["line"], left["rule"]) == ("malformed-ignore", 9, "short-retention")
    assert slip["message"].startswith(words)


def test_a_comment_accepts_what_it_spells_right(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    comment = "# policylint: ignore[short-retention, short-warm-storag] rebuilt"
    policy.write_text(POLICY.replace('{"@@assign": 14}', '{"@@assign": 14} ' + comment))
    assert rules(capsys) == ["malformed-ignore"]


def test_the_baseline_leaves_only_what_is_new(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", "org"]) == 0
    assert "recorded" in capsys.readouterr().err
    assert rules(capsys) == []
    assert rules(capsys, "--no-baseline") == ["short-retention"]
    policy.write_text(POLICY + POLICY.removeprefix("plans:\n").replace("daily", "weekly").replace('"yes"', '"no"'))
    (finding,) = report(capsys)["findings"]
    assert "/plans/weekly/" in finding["pointer"]


def test_the_baseline_does_not_mind_lines_and_indentation(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["baseline", "org"])
    capsys.readouterr()
    policy.write_text("# a new first line\n\n" + POLICY.replace("  ", "    "))
    assert rules(capsys) == []
    assert main(["baseline", "org", "--output", "again.json"]) == 0
    written = json.loads(Path("org/policylint-baseline.json").read_text())["findings"]
    again = json.loads(Path("again.json").read_text())["findings"]
    assert [(one["rule"], one["pointer"]) for one in again] == [(one["rule"], one["pointer"]) for one in written]


def test_a_stale_entry_is_told(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["baseline", "org"])
    capsys.readouterr()
    policy.write_text(POLICY.replace("14", "35"))
    (finding,) = report(capsys)["findings"]
    baseline = Path("org/policylint-baseline.json")
    assert (finding["rule"], finding["path"]) == ("stale-baseline", str(baseline))
    assert "short-retention" in baseline.read_text().splitlines()[finding["line"] - 1]
    assert finding["message"].endswith("Remove this entry: `policylint baseline --prune` removes all such entries.")


def test_a_broken_baseline_stops_the_run(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("org/policylint-baseline.json").write_text('{"findings": [{"rule": 7}]}')
    assert main(["org"]) == 2
    assert "policylint-baseline.json:1:15: an entry has the strings" in capsys.readouterr().err


def test_files_on_their_own_tell_no_ignore_unused(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ignores()
    Path("policylint.yaml").write_text(Path("org/policylint.yaml").read_text())
    assert main([str(policy), "--fail-on", "note"]) == 0


def test_what_is_wrong_with_an_ignore_is_not_for_the_baseline(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy.write_text(POLICY + "# policylint: ignore[no-such-rule] rebuilt\n")
    main(["baseline", "org"])
    capsys.readouterr()
    assert rules(capsys) == ["malformed-ignore"]


@pytest.mark.parametrize("comment", ["policylint: disable[short-retention] rebuilt", "policylint: noqa"])
def test_a_comment_in_another_tools_words_is_told(
    policy: Path, comment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    policy.write_text(f"{POLICY}# {comment}\n")
    assert "malformed-ignore" in rules(capsys)


def test_prose_about_policylint_is_no_ignore(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = rules(capsys)
    policy.write_text(f"{POLICY}# policylint: see its README\n")
    assert rules(capsys) == before


def test_a_line_separator_in_a_value_moves_no_comment(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "# \u2028\n# policylint: ignore[short-retention] rebuilt every night\n# and more\n"
    lines = POLICY.splitlines(keepends=True)
    number = next(number for number, line in enumerate(lines) if "14" in line)
    policy.write_text("".join([*lines[:number], head, *lines[number:]]), encoding="utf-8")
    assert "short-retention" not in rules(capsys)
