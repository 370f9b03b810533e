"""Files and texts to documents. Nothing here raises for what a file is or holds: the document's problems say it."""

from __future__ import annotations

from dataclasses import replace

from policylint.document import Document, broken_document
from policylint.files import LARGEST_BYTES, Files, Unreadable, too_large
from policylint.source import LINE_END, SourceText


def read_document(files: Files, name: str, most: int = LARGEST_BYTES) -> Document:
    """Read a JSON or YAML file of at most so many bytes; the ending of its name decides which of the two it is."""
    read = read_text(files, name, most)
    return read if read.problems else parse(read.source)


def read_text(files: Files, name: str, most: int = LARGEST_BYTES) -> Document:
    """The text of a file of whatever language, without values."""
    try:
        data = files.read(name, most)
    except Unreadable as error:
        return unread_document(files, name, str(error), error.rule)
    shown = files.shown(name)
    try:
        source = SourceText(shown, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = "The file is not UTF-8 text. Save it as UTF-8."
        return broken_document(SourceText(shown, before), "unreadable-file", message, len(before))
    return _with_nul(source) or Document(source)


def unread_document(files: Files, name: str, message: str, rule: str = "unreadable-file") -> Document:
    """The document of a file that is not read, with the reason as its problem."""
    return broken_document(SourceText(files.named(name), ""), rule, message)


def parse_document(text: str, path: str) -> Document:
    """The document of a text that is already in memory; the ending of `path` decides the format."""
    return parse(SourceText(path, text))


def parse(source: SourceText, most: int | None = None) -> Document:
    """The document of a text; of one with more bytes than `most` only the problem that it is too large."""
    if broken := _with_nul(source) or _over(source, most):
        return broken
    if source.language == "yaml":
        from policylint.yaml_text import parse_yaml

        return parse_yaml(source)
    from policylint.json_text import parse_json

    return parse_json(source)


def _over(source: SourceText, most: int | None) -> Document | None:
    if most is None or len(source.text) * 4 <= most:
        return None
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size <= most:
        return None
    message = too_large(size, most, "text" if source.part else "file")
    return broken_document(replace(source, text=""), "document-too-large", message)


def _with_nul(source: SourceText) -> Document | None:
    """The document of a text that holds NUL, and is not to be shown; None for any other."""
    if "\0" not in source.text:
        return None
    if source.outer is None:
        line = LINE_END.sub("\n", source.text).count("\n", 0, source.text.index("\0")) + 1
        message = f"The file holds a NUL character in line {line}: it is not a text file."
        return broken_document(replace(source, text=""), "unreadable-file", message)
    return broken_document(source, "unreadable-file", "The text holds a NUL character.", source.text.index("\0"))
