"""The readers of organizations: each turns files into a Source. They read and place; what a tree shows is checked apart.

They recognise a layout by names alone, so that a reader is loaded only when it reads.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from policylint.layouts import TREE_FILES

if TYPE_CHECKING:
    from policylint import Files, Registry, Source

LANDING_ZONE_FILES = ("organization-config.yaml", "accounts-config.yaml")


class BuiltIn:
    """A reader of a layout that is known by the names of its files: `some` takes any or all."""

    def __init__(self, name: str, some: Callable[[list[bool]], bool], files: tuple[str, ...]) -> None:
        self.name = name
        self._some = some
        self._files = files

    def recognises(self, files: Files) -> bool:
        """Whether files of these names are there."""
        return self._some([files.exists(name) for name in self._files])

    def read(self, files: Files, types: Registry) -> Source:
        """What the files say. Raises ReadError where that can't be known."""
        source: Source = import_module(f".{self.name.replace('-', '_')}", __package__).read(files, types)
        return source


READERS = (
    BuiltIn("native", any, TREE_FILES),
    BuiltIn("landing-zone-accelerator", all, LANDING_ZONE_FILES),
)
