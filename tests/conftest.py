"""What several test modules share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from installed import CHECKOUT, Installed
from reports import write_clean, write_hostile

from policylint import cli, plugins

# Plugins that happen to be installed beside policylint take no part, here and in what tests start: see alone/.
plugins.installed_plugins = cli.installed_plugins = tuple  # type: ignore[assignment]
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, (str(CHECKOUT / "tests" / "alone"), os.environ.get("PYTHONPATH")))
)

# For all property tests. A machine that is busy with other things is slow, which is no fault of what is tested.
settings.register_profile("policylint", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("policylint")


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
    """An organization with no findings, below the working directory."""
    monkeypatch.chdir(tmp_path)
    write_clean(tmp_path / "org")
    return "org"
