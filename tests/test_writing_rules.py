"""The tutorial, followed word by word; scaffolds that run as they stand; plugins told with what they bring along."""

from __future__ import annotations

from pathlib import Path

import pytest
from tutorial import follow, matches

from policylint.cli import main

PAGE = Path(__file__).parent.parent / "docs" / "writing-rules.md"


@pytest.mark.slow
def test_the_tutorial_is_true(tmp_path: Path) -> None:
    told = follow(PAGE.read_text(), tmp_path)
    assert len(told) == 8
    for said in told:
        assert matches(said), f"$ {said.command}\n{said.printed}"


def test_nothing_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new-rule", "own-rule"]) == 0
    (tmp_path / "rules" / "own-rule.md").write_text("mine")
    assert main(["new-rule", "own-rule"]) == 2
    assert (tmp_path / "rules" / "own-rule.md").read_text() == "mine"
    assert "is not changed" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["Own_Rule", "own rule", "../own", "kept-forever"])
def test_a_name_that_cannot_be_used(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-rule", name]) == 2
    assert name in capsys.readouterr().err


def test_a_scaffolded_card_passes_its_own_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    main(["new-rule", "own-rule"])
    assert main(["test-rules", "rules"]) == 0
    card = tmp_path / "rules" / "own-rule.md"
    card.write_text(card.read_text().replace('"30"', '"91"'))
    assert main(["test-rules", "rules"]) == 1
    assert "own-rule: example 1 under Avoid: the rule should find it, and finds nothing" in capsys.readouterr().out
    card.unlink()
    assert main(["test-rules", "rules"]) == 3


def test_python_rules_that_break_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.json").write_text('{"plans": {}}')
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "broken.py").write_text("1 / 0\n")
    assert main(["policy.json", "--python-rules", "checks"]) == 2
    told = capsys.readouterr()
    assert "checks/broken.py is left out: ZeroDivisionError" in told.err
    assert "1 policy checked" in told.out
    assert main(["policy.json", "--python-rules", "nowhere"]) == 2


def test_plugins_are_listed_with_what_they_bring(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins"]) == 0
    shown = capsys.readouterr().out
    assert "policylint.builtin_rules (built in)" in shown
    assert "landing-zone-accelerator" in shown
