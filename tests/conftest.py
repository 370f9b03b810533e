"""What several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed import CHECKOUT, Installed


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """policylint's wheel in an environment of its own."""
    return Installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A copy of the example plugins' folder: building leaves files behind."""
    import shutil

    return Path(shutil.copytree(CHECKOUT / "fixtures" / "plugins", tmp_path / "plugins"))
