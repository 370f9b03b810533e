"""Texts that nobody has saved yet, over the files that are there: what an editor shows, and what a change would be."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from policylint.files import LARGEST_BYTES, Files, Unreadable, too_large


class WithTexts:
    """Other files, some of them with the texts given here; `texts` has the names of `base`, new ones among them.

    What may be read is what might be read of the base. A text is that of a file by whatever name, also by a link to it.
    """

    def __init__(self, base: Files, texts: Mapping[str, str]) -> None:
        self._files = base
        self._texts = {self._real(name): text.encode("utf-8", "surrogatepass") for name, text in texts.items()}
        self._added: dict[str, set[str]] = {}  # by folder the names in it, also of folders that there are none of yet
        for real in self._texts:
            while real:
                real, _, name = real.rpartition("/")
                self._added.setdefault(real, set()).add(name)

    def __repr__(self) -> str:
        return f"WithTexts({self._files!r}, {len(self._texts)} texts)"

    @property
    def base(self) -> str:
        """See Files."""
        return self._files.base

    def exists(self, name: str) -> bool:
        """See Files."""
        return self._files.exists(name) or self._real(name) in self._texts or self._real(name) in self._added

    def is_folder(self, name: str) -> bool:
        """See Files."""
        return self._files.is_folder(name) or (not self._files.exists(name) and self._real(name) in self._added)

    def is_link(self, name: str) -> bool:
        """See Files."""
        return self._files.is_link(name)

    def names(self, folder: str = "") -> list[str]:
        """See Files."""
        if objection := self.objection(folder):
            raise Unreadable(objection)
        if self._real(folder) in self._texts:
            raise Unreadable("This folder can't be entered: not a directory, so nothing in it is read.")
        known = self._files.names(folder) if self._files.is_folder(folder) or not self.is_folder(folder) else []
        return sorted({*known, *self._added.get(self._real(folder), ())})

    def read(self, name: str, most: int = LARGEST_BYTES) -> bytes:
        """See Files."""
        data = self._texts.get(self._real(name))
        if data is None:
            return self._files.read(name, most)
        if objection := self.objection(name):
            raise Unreadable(objection)
        if len(data) > most:
            raise Unreadable(too_large(len(data), most), "document-too-large")
        return data

    def objection(self, name: str) -> str:
        """See Files."""
        return self._files.objection(name)

    def real(self, name: str) -> str:
        """See Files."""
        return self._files.real(name)

    def shown(self, name: str) -> str:
        """See Files."""
        return self._files.shown(name)

    def named(self, name: str) -> str:
        """See Files."""
        return self._files.named(name)

    def at(self, folder: str) -> WithTexts:
        """See Files."""
        moved = WithTexts(self._files.at(folder), {})
        moved._texts, moved._added = self._texts, self._added
        return moved

    def _real(self, name: str) -> str:
        return self._files.real(name).replace("\\", "/")


def with_texts(files: Files, folder: Path, texts: Mapping[Path, str]) -> WithTexts:
    """The files of a folder with texts that are named by their paths, not from the folder."""
    named = {os.path.relpath(path, folder).replace(os.sep, "/"): text for path, text in texts.items()}
    return WithTexts(files, named)
