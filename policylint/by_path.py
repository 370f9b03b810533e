"""Reading one file by its path, as scripts do. Whoever reads a folder gets Files; see policylint/files.py."""

from __future__ import annotations

from pathlib import Path

from policylint import parsing
from policylint.document import Document
from policylint.files import LARGEST_BYTES, OnDisk


def read_document(path: Path | str, most: int = LARGEST_BYTES) -> Document:
    """Read a JSON or YAML file of at most so many bytes, wherever it lies.

    Never raises for what the file is or holds: the document's problems say it.
    """
    path = Path(path)
    return parsing.read_document(OnDisk(path.parent, anywhere=True), path.name, most)
