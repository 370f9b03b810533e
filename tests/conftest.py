"""What several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed import CHECKOUT, Installed
from reports import write_clean, write_hostile


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """policylint's wheel in an environment of its own."""
    return Installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A copy of the example plugins' folder: building leaves files behind."""
    import shutil

    return Path(shutil.copytree(CHECKOUT / "fixtures" / "plugins", tmp_path / "plugins"))


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An organization of hostile names, below the working directory."""
    monkeypatch.chdir(tmp_path)
    write_hostile(tmp_path / "org")
    return "org"


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An organization with nothing to complain about, below the working directory."""
    monkeypatch.chdir(tmp_path)
    write_clean(tmp_path / "org")
    return "org"
