"""What a run is, as plain data: how a project is opened, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

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
