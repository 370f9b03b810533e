"""Reading one file by its path, as scripts do. Whoever reads a folder gets Files; see policylint/files.py."""

from __future__ import annotations

from pathlib import Path

from policylint import parsing
from policylint.document import Document
from policylint.files import LARGEST_BYTES, Boundary, OnDisk


def read_document(path: Path, within: Boundary | None = None, most: int = LARGEST_BYTES) -> Document:
    """Read a JSON or YAML file of at most so many bytes that lies `within` a boundary, where one is given.

    Never raises for what the file is or holds: the document's problems say it.
    """
    return parsing.read_document(_beside(path, within), path.name, most)


def read_text(path: Path, within: Boundary | None = None, most: int = LARGEST_BYTES) -> Document:
    """The text of a file of whatever language, without values. What is wrong with the file is in its problems."""
    return parsing.read_text(_beside(path, within), path.name, most)


def unread_document(path: Path, message: str, rule: str = "unreadable-file") -> Document:
    """The document of a file that is not read, with the reason as its problem."""
    return parsing.unread_document(_beside(path, None), path.name, message, rule)


def _beside(path: Path, within: Boundary | None) -> OnDisk:
    return OnDisk(path.parent, within=within, anywhere=within is None)
