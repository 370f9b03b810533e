"""Where plugins of installed packages are found, without asking more of Python than is needed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, DistributionFinder, EntryPoint, PathDistribution
from pathlib import Path

import pytest

from policylint.entry_points import installed_plugins

OURS = "[console_scripts]\nother = other:main\n\n[policylint]\nmine = a_plugin\n"
THEIRS = "[console_scripts]\npolicylint = policylint.cli:main\n"
METADATA = "Metadata-Version: 2.1\nName: my-rules\nVersion: 1.5\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that packages are installed in."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "missing")])
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    return tmp_path


def found() -> list[tuple[str, str, str]]:
    """Name, value and version of each plugin."""
    return [(point.name, point.value, point.dist.version if point.dist else "") for point in installed_plugins()]


def install(folder: Path, entry_points: str) -> None:
    """What pip leaves of a package, without the package."""
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(METADATA)
    (folder / "PKG-INFO").write_text(METADATA)
    (folder / "entry_points.txt").write_text(entry_points)


@pytest.mark.parametrize("name", ["my_rules-1.5.dist-info", "my_rules.egg-info", "my_rules-1.5-py3.11.egg/EGG-INFO"])
def test_a_plugin_is_found_wherever_pip_and_setuptools_put_it(site: Path, name: str) -> None:
    install(site / name, OURS)
    if ".egg/" in name:
        sys.path.append(str((site / name).parent))  # as easy-install.pth does
    assert found() == [("mine", "a_plugin", "1.5")]


def test_a_plugin_in_the_current_folder_is_found(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site / "here" / "my_rules.egg-info", OURS)
    monkeypatch.chdir(site / "here")
    assert found() == []
    sys.path.insert(0, "")
    assert found() == [("mine", "a_plugin", "1.5")]


def test_a_plugin_in_a_zip_is_found(site: Path) -> None:
    with zipfile.ZipFile(site / "all.zip", "w") as packed:
        packed.writestr("my_rules-1.5.dist-info/METADATA", METADATA)
        packed.writestr("my_rules-1.5.dist-info/entry_points.txt", OURS)
    sys.path.append(str(site / "all.zip"))
    assert found() == [("mine", "a_plugin", "1.5")]


def test_a_plugin_that_only_another_finder_knows_is_found(site: Path) -> None:
    install(site / "elsewhere" / "my_rules-1.5.dist-info", OURS)

    class Finder(DistributionFinder):
        def find_distributions(self, context: object = None) -> Iterable[Distribution]:
            return [PathDistribution(site / "elsewhere" / "my_rules-1.5.dist-info")]

        def find_spec(self, *_: object) -> None:
            return None

    assert found() == []
    sys.meta_path.append(Finder())
    assert found() == [("mine", "a_plugin", "1.5")]


def test_packages_without_plugins_are_not_asked_for_more(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site / "other-1.0.dist-info", THEIRS)
    (site / "bare-1.0.dist-info").mkdir()

    def asked(**_: object) -> list[EntryPoint]:
        raise AssertionError("importlib.metadata was asked")

    monkeypatch.setattr("importlib.metadata.entry_points", asked)
    assert found() == []


def test_what_is_installed_beside_policylint_takes_no_part_in_tests(tmp_path: Path) -> None:
    install(tmp_path / "my_rules-1.5.dist-info", OURS)
    command = [sys.executable, "-m", "policylint", "plugins"]
    alone = os.environ["PYTHONPATH"]
    told = [
        subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True).stderr
        for path in (str(tmp_path), os.pathsep.join((alone, str(tmp_path))))
    ]
    assert ["'mine' 1.5 is left out" in one for one in told] == [True, False]
