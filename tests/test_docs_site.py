"""The documentation: its site builds without a warning, and its tour is true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tutorial import follow, matches

CHECKOUT = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_site_builds_without_warnings(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert (tmp_path / "rules" / "locked-operator" / "index.html").is_file()


@pytest.mark.parametrize(("page", "commands"), [("tour.md", 3), ("fixing.md", 1)])
def test_what_pages_show_is_true(page: str, commands: int, tmp_path: Path) -> None:
    (tmp_path / "fixtures").symlink_to(CHECKOUT / "fixtures")
    told = follow((CHECKOUT / "docs" / page).read_text(), tmp_path)
    assert len(told) == commands
    for said in told:
        assert matches(said), f"$ {said.command}\n{said.printed}"
