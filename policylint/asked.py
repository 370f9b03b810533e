"""What a run is, as plain data: how a project is opened, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from policylint.files import Files
    from policylint.merge import ContainerLocks


@dataclass(frozen=True)
class Opening:
    """How a project is opened. The names are those of the options of the command line."""

    config: Path | None = None
    no_config: bool = False
    settings_from: Path | None = None
    python_rules: Path | None = None
    reader: str = ""
    type: str = ""  # of policy files on their own
    container_locks: ContainerLocks = "entries"
    files: Callable[[Path, bool], Files] | None = None  # where files lie, if not on the disk

    def below(self, folder: Path, *, anywhere: bool = False) -> Files:
        """The files below a folder, within its boundary unless they may lie `anywhere`: the user named them one by one."""
        from policylint.files import OnDisk

        return self.files(folder, anywhere) if self.files else OnDisk(folder, anywhere=anywhere)

    def settings_below(self, folder: Path) -> Files:
        """Those that settings are read from: in the checkout that `settings_from` names, where it names one."""
        from policylint.files import Boundary, OnDisk

        return OnDisk(folder, within=Boundary(self.settings_from)) if self.settings_from else self.below(folder)


@dataclass(frozen=True)
class Asked:
    """What is asked of a check: at which moment, with which rules, and what counts as accepted."""

    at: datetime | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: str = ""
    baseline: Path | None = None
    no_baseline: bool = False
    fail_on: str = ""
