"""Progress: for somebody who watches a terminal, and for nobody else."""

from __future__ import annotations

import io
import sys

import pytest

from policylint import progress


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def watch(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Somebody at a terminal. Not a fixture: pytest puts its own standard error in place between set-up and test."""
    made = Screen()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setattr(progress, "SILENT_SECONDS", 0)
    monkeypatch.setattr(progress, "_shown", False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return made


def test_a_terminal_sees_the_count_and_then_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = watch(monkeypatch)
    progress.show()
    assert list(progress.watched(range(3), "files read")) == [0, 1, 2]
    assert "files read" in screen.getvalue()
    assert screen.getvalue().rsplit("\r", 2)[-2].strip() == ""


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("TERM", "dumb")])
def test_nobody_sees_it_elsewhere(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    watch(monkeypatch)
    monkeypatch.setenv(name, value)
    progress.show()
    items = [1, 2]
    assert progress.watched(items, "files read") is items
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.delenv(name)
    progress.show()
    assert progress.watched(items, "files read") is items
