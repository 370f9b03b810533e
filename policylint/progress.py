"""What long work is at: shown on a terminal, and known when a run is stopped.

The terminal shows nothing for the first second; in pipes and in CI nothing is shown.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

SILENT_SECONDS = 1.0
_shown = False
_followed: list[str] | None = None  # None where nobody asks; else what was reached, in words
Item = TypeVar("Item")


def start() -> None:
    """Begin a run, which nobody watches or follows so far."""
    global _shown, _followed
    _shown, _followed = False, None


def show() -> None:
    """Show the progress of this run, if somebody can be watching."""
    global _shown
    _shown = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def follow() -> None:
    """Keep count in this run, for `reached`."""
    global _followed
    _followed = []


def reached() -> str:
    """How far the run came: "120 of 400 policies checked"; empty where nothing was counted."""
    return _followed[-1] if _followed else ""


def watched(items: Iterable[Item], what: str) -> Iterable[Item]:
    """The items, with a line on standard error that counts them and is gone when they are through.

    `what` names them in the plural: "files read".
    """
    if _followed is not None:
        items = _noted(items, what, _followed)
    return _counted(items, what) if _shown else items


def _noted(items: Iterable[Item], what: str, notes: list[str]) -> Iterator[Item]:
    total = f" of {len(items):,}" if isinstance(items, Sized) else ""
    notes.append("")
    for number, item in enumerate(items):
        notes[-1] = f"{number:,}{total} {what}"
        yield item
    notes[-1] = f"all {what}"


def _counted(items: Iterable[Item], what: str) -> Iterator[Item]:
    from tqdm import tqdm

    total = len(items) if isinstance(items, Sized) else None
    yield from tqdm(items, total=total, desc=what, delay=SILENT_SECONDS, leave=False, file=sys.stderr, unit="")
