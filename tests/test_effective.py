"""`policylint effective`: what it prints of sound, broken and odd organizations, and where standard output leads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main

TREE = """
enabled_policy_types: [backup]
root:
  policies: [backup/base]
  organizational_units:
    - {name: Prod, policies: [backup/own], accounts: [{name: shop, id: "111111111111"}]}
  accounts: [{name: audit, id: "222222222222"}]
"""
SOUND = '{"plans": {"daily": {"regions": {"@@assign": ["eu-west-1"]}}}}'


@pytest.fixture
def organization(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: an organization whose unit has a policy of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "organization.yaml").write_text(TREE)
    (tmp_path / "policies" / "backup").mkdir(parents=True)
    for name in ("base", "own"):
        policy(name).write_text(SOUND)
    return tmp_path


def policy(name: str) -> Path:
    return Path("policies", "backup", f"{name}.json")


def lines(capsys: pytest.CaptureFixture[str], *more: str) -> list[Any]:
    main(["effective", ".", "--format", "jsonl", *more])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_lines_are_those_of_the_account_and_the_type(organization: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [line["account"]["name"] for line in lines(capsys)] == ["audit", "shop"]
    assert [line["account"]["name"] for line in lines(capsys, "--account", "shop")] == ["shop"]
    assert lines(capsys, "--type", "tag") == []
    assert main(["effective", ".", "--format", "jsonl", "--account", "shopp"]) == 2
    assert "Did you mean 'shop'?" in capsys.readouterr().err


def test_what_a_broken_file_gives_is_not_known(organization: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy("own").write_text("{")
    assert main(["effective", ".", "--account", "shop"]) == 2
    assert capsys.readouterr().err == (
        "policylint: policies/backup/own.json:1: AWS rejects 'backup/own': The text ends before the document does. Close "
        "every brace, bracket and quote. It takes no part in what is shown.\n"
        "policylint: What is shown is the merge with the safe fixes applied. What AWS serves is not known while a document "
        "on the path is rejected.\n"
    )
    assert main(["effective", ".", "--account", "audit"]) == 0
    capsys.readouterr()
    assert {line["account"]["name"]: line["valid"] for line in lines(capsys)} == {"shop": None, "audit": False}
    assert main(["effective", ".", "--format", "jsonl"]) == 2
    assert main(["explain", ".", "/plans/daily", "--account", "shop"]) == 2
    assert "But AWS withholds" not in capsys.readouterr().out


def test_a_type_that_is_not_enabled_has_no_effective_policy(
    organization: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["effective", ".", "--account", "shop", "--type", "tag"]) == 0
    said = "The policy type 'tag' is not enabled in this organization, so AWS has no effective tag policy."
    assert capsys.readouterr() == ("{}\n", f"policylint: {said}\n")


@pytest.mark.parametrize("form", ["json", "yaml", "jsonl"])
def test_half_a_surrogate_pair_is_escaped(organization: Path, form: str) -> None:
    policy("base").write_text(SOUND.replace("daily", "\\ud800x"))
    done = policylint("effective", ".", "--account", "audit", "--format", form)
    assert "Traceback" not in done.stderr
    assert "\\ud800x" in done.stdout.lower()


def test_half_a_surrogate_pair_goes_into_a_baseline_and_out_again(organization: Path) -> None:
    policy("base").write_text(SOUND.replace("daily", "\\ud800x"))
    assert main(["baseline", "."]) == 0
    assert main([".", "--fail-on", "note"]) == 0


def policylint(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "policylint", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", env={**os.environ, **environment})


@pytest.mark.parametrize("form", ["table", "text", "html", "json", "sarif", "markdown"])
def test_reports_are_utf_8_in_pipes_whatever_the_platform_says(organization: Path, form: str) -> None:
    policy("base").write_text(SOUND.replace("daily", "päyments-日本"))
    at = ("--at", "2026-11-23T08:00:00Z")  # the page begins its calendar now, and a minute may pass between two runs
    plain = policylint(".", "--format", form, *at)
    assert "päyments-日本" in plain.stdout or "p\\u00e4yments" in plain.stdout
    assert policylint(".", "--format", form, *at, PYTHONIOENCODING="cp1252").stdout == plain.stdout


@pytest.mark.parametrize("arguments", [".", "rules", "effective . --account shop", ". --diff", ". --output report"])
def test_a_closed_standard_output_breaks_nothing(organization: Path, arguments: str) -> None:
    command = f'"{sys.executable}" -m policylint {arguments} >&-'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)
    assert Path("report").exists() == ("report" in arguments)


def test_a_policy_that_is_no_object_leaves_open_what_its_accounts_get(
    organization: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy("base").write_text("[1, 2]")
    main([".", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert [finding["rule"] for finding in found["findings"]] == ["wrong-top-key"]
    assert main(["effective", ".", "--account", "shop"]) == 2
    assert "It takes no part in what is shown." in capsys.readouterr().err
