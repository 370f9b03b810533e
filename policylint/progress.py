"""Shows on a terminal what long work is at; silent for the first second, in pipes and in CI."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

SILENT_SECONDS = 1.0
_shown = False
Item = TypeVar("Item")


def show() -> None:
    """Show the progress of this run, if somebody can be watching."""
    global _shown
    _shown = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def watched(items: Iterable[Item], what: str) -> Iterable[Item]:
    """The items, with a line on standard error that counts them and is gone when they are through.

    `what` names them in the plural: "files read".
    """
    return _counted(items, what) if _shown else items


def _counted(items: Iterable[Item], what: str) -> Iterator[Item]:
    from tqdm import tqdm

    total = len(items) if isinstance(items, Sized) else None
    yield from tqdm(items, total=total, desc=what, delay=SILENT_SECONDS, leave=False, file=sys.stderr, unit="")
