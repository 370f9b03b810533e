"""Paths as those who show findings in a repository want them: from its top on, with forward slashes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from policylint import counted


class Paths:
    """Makes the paths in one report relative, and remembers those that lie outside of the repository.

    The repository is the folder with `.git` at or above the working directory, or the working directory itself. A file
    outside of it has no place there; its uri starts at the folder that was named, so that it is the same everywhere.
    """

    def __init__(self, named: tuple[str, ...]) -> None:
        here = Path.cwd()
        self.top = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
        folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in named]
        self.named = os.path.commonpath([os.path.abspath(folder) for folder in folders]) if folders else str(here)
        self.outside: set[str] = set()
        self._relative: dict[str, str] = {}

    def uri(self, path: str) -> str:
        """The uri of a document's path: relative and percent-encoded."""
        return quote(os.fsencode(self.relative(path)), safe="/")

    def relative(self, path: str) -> str:
        """A document's path from the top of the repository on."""
        if path not in self._relative:
            self._relative[path] = self._found(path)
        return self._relative[path]

    def notices(self, reader: str) -> Iterator[str]:
        """What the user must know of the paths that were asked for; `reader` is who shows the findings."""
        if self.outside:
            yield (
                f"{counted(len(self.outside), 'file')} with findings outside the repository, such as "
                f"'{min(self.outside)}'. {reader} can't show these locations. Run policylint in the repository."
            )

    def _found(self, path: str) -> str:
        # GitHub follows no symbolic links, so the file itself is named where it is in the repository.
        for target in (os.path.realpath(path), os.path.abspath(path)):
            if (inside := _below(target, str(self.top))) is not None:
                return inside
        self.outside.add(path)
        inside = _below(os.path.abspath(path), self.named)
        return os.path.basename(path) if inside is None else inside


def _below(path: str, folder: str) -> str | None:
    """The path from the folder on, or None where it is not in it."""
    try:
        return Path(path).relative_to(folder).as_posix()
    except ValueError:
        return None
