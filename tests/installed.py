"""policylint as a user has it: its wheel in a virtual environment of its own, without the checkout and without network."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
PARTS = ("policylint", "rules", "plugins", "pyproject.toml", "README.md", "LICENSE")
DEPENDENCIES = (
    "jsonpath-ng",
    "pluggy",
    "ruamel.yaml",
    "ruamel.yaml.clib",
    "tabulate",
    "regex",
    "shtab",
    "tqdm",
    "wcwidth",
)


class Installed:
    """A virtual environment with policylint in it, and a folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = folder / "venv"
        venv.create(self.environment, with_pip=False, symlinks=True)
        self.site_packages = next(self.environment.glob("lib/python*/site-packages"))
        for name in DEPENDENCIES:
            self._copy(name)
        source = folder / "source"
        source.mkdir()
        for part in PARTS:
            copy = shutil.copytree if (CHECKOUT / part).is_dir() else shutil.copy
            copy(CHECKOUT / part, source / part)
        self.install(source)

    def install(self, source: Path) -> None:
        """Build the wheel of a project and install it."""
        wheels = self.folder / "wheels" / source.name
        pip = [sys.executable, "-m", "pip"]
        offline = ["--quiet", "--no-deps", "--no-index"]
        subprocess.run([*pip, "wheel", *offline, "--no-build-isolation", "-w", wheels, source], check=True)
        python = self.environment / "bin" / "python"
        subprocess.run([*pip, "--python", python, "install", *offline, *wheels.glob("*.whl")], check=True)

    def uninstall(self, name: str) -> None:
        """Remove a project again."""
        python = self.environment / "bin" / "python"
        command = [sys.executable, "-m", "pip", "--python", python, "uninstall", "--quiet", "--yes", name]
        subprocess.run(command, check=True)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the installed `policylint` in a folder that is not the checkout."""
        command = [self.environment / "bin" / "policylint", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=self.folder, env={"PATH": ""})

    def _copy(self, name: str) -> None:
        found = distribution(name)
        for file in found.files or ():
            target = self.site_packages / file
            if ".." not in file.parts and file.locate().is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), target)
