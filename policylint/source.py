"""Reading a document from Files. Nothing here raises for what a file is or holds: the document's problems say it."""

from __future__ import annotations

from policylint.document import Document, broken_document, parse_document, with_nul
from policylint.files import LARGEST_BYTES, Files, Unreadable


def read_document(files: Files, name: str, most: int = LARGEST_BYTES) -> Document:
    """Read a JSON or YAML file of at most so many bytes; the ending of its name decides which of the two it is."""
    read = read_text(files, name, most)
    return read if read.problems else parse_document(read.text, read.path)


def read_text(files: Files, name: str, most: int = LARGEST_BYTES) -> Document:
    """The text of a file of whatever language, without values."""
    try:
        data = files.read(name, most)
    except Unreadable as error:
        return unread_document(files, name, str(error), error.rule)
    shown = files.shown(name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = "The file is not UTF-8 text. Save it as UTF-8."
        return broken_document(shown, before, "unreadable-file", message, len(before))
    return with_nul(text, shown) or Document(shown, text, None)


def unread_document(files: Files, name: str, message: str, rule: str = "unreadable-file") -> Document:
    """The document of a file that is not read, with the reason as its problem."""
    return broken_document(files.named(name), "", rule, message)
