"""One file: text to values, with a span for any JSON pointer, and what is wrong with the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from policylint.files import LARGEST_BYTES, Boundary, Unreadable, read_bytes
from policylint.files import display_path as display_path
from policylint.files import named_path as named_path

LINE_END = re.compile(r"\r\n|\n|\r")  # for editors and for SARIF's readers; U+2028 and friends end no line
DEEPEST = 100
PLACEHOLDER = re.compile(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}")


class Span(NamedTuple):
    """Start and end offset in the text, in code points; the end is exclusive."""

    start: int
    end: int


START = Span(0, 0)


class Position(NamedTuple):
    """A line and a column, both counted from 1; columns count code points."""

    line: int
    column: int


class Placeholder(str):
    """A value that a template engine fills in later; it may stand for a text, a number or a list."""

    __slots__ = ()


class RawFloat(float):
    """A number with a point or an exponent that remembers how it was written: 60.0 is not 60 to AWS."""

    text: str

    def __new__(cls, text: str) -> RawFloat:
        """The number that a text such as "60.0" stands for."""
        number = super().__new__(cls, text)
        number.text = text
        return number


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the text of a document: which rule it breaks, where, and in which words."""

    rule: str  # "unreadable-file", "broken-syntax", "duplicate-key", "document-too-large"
    message: str
    span: Span = START
    related: tuple[tuple[Span, str], ...] = ()


class Entry(NamedTuple):
    """Where a value stands: the span of its key (None for list elements and the root) and its own."""

    key: Span | None
    value: Span


@dataclass(eq=False)
class Document:
    """A file that was read: its values, and where each stands. `value` is None when the text is broken."""

    path: str  # relative to the working directory where possible, forward slashes
    text: str
    value: Any
    problems: tuple[Problem, ...] = ()
    placeholders: bool = field(default=False)  # some value holds a template placeholder

    def with_value(self, value: Any) -> Document:
        """The same text with other values: a reader has filled in placeholders."""
        return replace(self, value=value)

    def key_span(self, pointer: str) -> Span:
        """The span of the member name at a JSON pointer; of the value for a list element or the root."""
        entry = self._entry(pointer)
        return entry.key or entry.value

    def value_span(self, pointer: str) -> Span:
        """The span of the value at a JSON pointer, or of the nearest ancestor that exists in the text."""
        return self._entry(pointer).value

    def position(self, offset: int) -> Position:
        """The line and column of an offset."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def _entry(self, pointer: str) -> Entry:
        entries = self.entries
        while pointer not in entries:
            if not pointer:
                return Entry(None, Span(0, min(1, len(self.text))))
            pointer = pointer.rpartition("/")[0]
        return entries[pointer]

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Where each value stands, by pointer; empty for broken text."""
        if self.value is None:
            return {}
        if is_yaml(self.path):
            from policylint.yaml_text import yaml_entries

            return yaml_entries(self.text)
        from policylint.json_text import json_entries

        return json_entries(self.text)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without what ends them; the last is empty where a line end is the last of the text."""
        return LINE_END.split(self.text)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]


def join(pointer: str, key: str) -> str:
    """The pointer of a member (RFC 6901)."""
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def split_pointer(pointer: str) -> list[str]:
    """The keys of a pointer, unescaped; a missing leading slash is forgiven."""
    parts = pointer.removeprefix("/").split("/") if pointer.strip("/") else []
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def has_placeholder(text: str) -> bool:
    """Whether a text holds `${…}` or `{{ … }}`, which somebody fills in before AWS sees it."""
    return isinstance(text, Placeholder) or ("{" in text and PLACEHOLDER.search(text) is not None)


def is_placeholder(text: str) -> bool:
    """Whether a text is nothing but a placeholder, so that it may stand for a list too."""
    return isinstance(text, Placeholder) or PLACEHOLDER.fullmatch(text) is not None


def text_of(scalar: Any) -> str:
    """The text that AWS makes of a scalar before it merges: true, null, 12 and 60.0 as they are written."""
    if isinstance(scalar, str):
        return scalar
    if scalar is None:
        return "null"
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    return scalar.text if isinstance(scalar, RawFloat) else str(scalar)


def is_yaml(path: str) -> bool:
    """Whether the ending of a path says YAML; everything else is read as JSON."""
    return path.lower().endswith((".yaml", ".yml"))


def read_document(path: Path, within: Boundary | None = None, most: int = LARGEST_BYTES) -> Document:
    """Read a JSON or YAML file of at most so many bytes that lies `within` a boundary, where one is given.

    Never raises for what the file is or holds: the document's problems say it.
    """
    read = read_text(path, within, most)
    return read if read.problems else parse_document(read.text, read.path)


def read_text(path: Path, within: Boundary | None = None, most: int = LARGEST_BYTES) -> Document:
    """The text of a file of whatever language, without values. What is wrong with the file is in its problems."""
    try:
        data = read_bytes(path, within, most)
    except Unreadable as error:
        return unread_document(path, str(error), error.rule)
    shown = display_path(path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = "The file is not UTF-8 text. Save it as UTF-8."
        return broken_document(shown, before, "unreadable-file", message, len(before))
    return with_nul(text, shown) or Document(shown, text, None)


def with_nul(text: str, path: str) -> Document | None:
    """The document of a text that holds NUL, and is not to be shown; None for any other."""
    if "\0" not in text:
        return None
    line = LINE_END.sub("\n", text).count("\n", 0, text.index("\0")) + 1
    message = f"The file holds a NUL character in line {line}: it is not a text file."
    return broken_document(path, "", "unreadable-file", message)


def unread_document(path: Path, message: str, rule: str = "unreadable-file") -> Document:
    """The document of a file that is not read, with the reason as its problem."""
    return broken_document(named_path(path), "", rule, message)


def parse_document(text: str, path: str) -> Document:
    """The same for a text that is already in memory; the ending of `path` decides the format."""
    if broken := with_nul(text, path):
        return broken
    if is_yaml(path):
        from policylint.yaml_text import parse_yaml

        return parse_yaml(text, path)
    from policylint.json_text import parse_json

    return parse_json(text, path)


def broken_document(path: str, text: str, rule: str, message: str, offset: int = 0) -> Document:
    """The document of a text that can't be used, with the reason at an offset."""
    return Document(path, text, None, (Problem(rule, message, Span(offset, min(offset + 1, len(text)))),))
