"""The README shows what the tool really prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from policylint.cli import main

ROOT = Path(__file__).parent.parent


def test_the_screen_in_the_readme_is_real(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    main(["fixtures/acme/"])
    shown = (ROOT / "README.md").read_text().partition("$ policylint fixtures/acme/\n")[2].partition("```")[0]
    assert capsys.readouterr().out == shown
