"""The summary, `--diff` and `--fix` count alike, and what fixing brings to light is announced."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mistakes import mistaken
from test_any_document import BASES

from policylint.cli import main

TREE = "root: {policies: [%s/above], accounts: [{name: shop, policies: [%s/own]}]}\n"


def run(*arguments: str) -> str:
    """What policylint prints, on both streams."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        main([*arguments])
    return out.getvalue()


def number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def counts(*paths: str) -> list[int]:
    """How many fixes the summary, `--diff` and `--fix` speak of."""
    return [
        number(r"(\d+) findings? can be fixed with --fix[,.]", run(*paths)),
        number(r"Would make (\d+) fix", run(*paths, "--diff")),
        number(r"Made (\d+) fix", run(*paths, "--fix")),
    ]


@given(st.data(), st.sampled_from(sorted(BASES)), st.booleans())
def test_summary_diff_and_fix_count_alike(data: st.DataObject, kind: str, alone: bool) -> None:
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            Path("organization.yaml").write_text(TREE % (kind, kind))
            Path("policies", kind).mkdir(parents=True)
            files = [Path("policies", kind, f"{name}.json") for name in ("above", "own")]
            for file in files:
                file.write_text(json.dumps(data.draw(mistaken(kind))))
            summary, diff, fix = counts(*(map(str, files) if alone else "."))
            assert summary == diff == fix
        finally:
            os.chdir(here)


def rule(**members: Any) -> str:
    return json.dumps({"plans": {"daily": {"rules": {"nightly": members}}}})


def test_what_two_rounds_fix_is_counted_once_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.json").write_text(rule(Lifecycle_={"deleteAfterDays": "35 days"}))
    assert counts("policy.json") == [4, 4, 4]


def test_what_fixing_brings_to_light_is_announced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.json").write_text(rule(Life_Cycle={"delete_after_days": {"@@assign": "soon"}}))
    said = run("policy.json", "--diff")
    assert "Would make 1 fix in 1 file." in said
    assert "Would leave 1 error, 0 warnings, 0 notes." in said
    assert "The fixes would uncover 1 finding that could not be seen before." in said
    assert re.search(
        r"policy\.json:1:\d+: 'soon' is not a valid value of 'delete_after_days'.*\[malformed-value\]", said
    )
    assert "The fixes uncovered 1 finding that could not be seen before." in run("policy.json", "--fix")


def test_a_fix_that_cannot_be_made_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    twice = {"targetBackupVaultName": {"@@assign": "v"}, "target-backup-vault-name": {"@@assign": "w"}}
    Path("policy.json").write_text(rule(**twice))
    assert counts("policy.json") == [1, 1, 1]
