"""Finds the plugins that installed packages offer as entry points."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

from policylint.hookspecs import PROJECT

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

METADATA = (".dist-info", "egg-info")  # an egg's own is EGG-INFO
GROUP = f"[{PROJECT}]".encode()


def installed_plugins() -> Iterable[EntryPoint]:
    """The entry points of the group `policylint`, of every installed package.

    Few have any, and importlib.metadata, with all of `email` behind it, is the most expensive import of a run on one
    file. So it is loaded only where a package names the group, or lies where a look at files can't tell.
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
