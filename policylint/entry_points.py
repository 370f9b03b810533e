"""Says what there is by name without loading it: the built-in commands, and the plugins of installed packages."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from importlib.metadata import EntryPoint

PROJECT = "policylint"
COMMANDS = (  # in the order of `--help`
    "check",
    "baseline",
    "effective",
    "explain",
    "rules",
    "plugins",
    "new-rule",
    "test-rules",
    "schema",
    "completion",
)
STOPPED = "130 stopped by SIGINT; 143 by SIGTERM"
METADATA = (".dist-info", "egg-info")  # an egg's own is EGG-INFO
GROUP = f"[{PROJECT}]".encode()


class Page(NamedTuple):
    """What `--help` says of a command: in a line, in a paragraph, and in examples: what to type, and what that is for."""

    summary: str
    description: str
    examples: tuple[tuple[str, str], ...]
    exit_codes: str = f"0 done; 2 wrong usage or unreadable input; 3 nothing there to look at; {STOPPED}"


class Command(Protocol):
    """A command: a module with these three names. It is loaded for `--help`, so what is heavy is imported in `run`."""

    @property
    def PAGE(self) -> Page:
        """What `--help` says of it."""

    @property
    def add_options(self) -> Callable[[ArgumentParser], None]:
        """Adds its options to the parser."""

    @property
    def run(self) -> Callable[[Namespace], int]:
        """Runs it with the options, and gives the exit code."""


def installed_plugins() -> Iterable[EntryPoint]:
    """The entry points of the group `policylint`, of every installed package.

    Few have any, and importlib.metadata, with all of `email` behind it, is the most expensive import of a run on one
    file. So it is loaded only where a package names the group, or is where files do not show it.
    """
    if not any(map(_may_name_us, sys.path)) and all(map(_looks_only_at_paths, sys.meta_path)):
        return ()
    from importlib.metadata import entry_points

    return entry_points(group=PROJECT)


def _may_name_us(entry: str) -> bool:
    if os.path.isfile(entry):
        return True  # a zip, which may hold packages with their metadata
    return any(_names_us(path) for path in _metadata(entry or os.curdir))


def _metadata(entry: str) -> Iterator[str]:
    try:
        names = os.listdir(entry)
    except OSError:
        return
    for name in names:
        if name.lower().endswith(METADATA):
            yield os.path.join(entry, name, "entry_points.txt")


def _names_us(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return GROUP in file.read()
    except OSError:
        return False


def _looks_only_at_paths(finder: object) -> bool:
    return finder is PathFinder or not hasattr(finder, "find_distributions")
