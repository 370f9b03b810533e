"""One file: text to values, with a span for any JSON pointer, and what is wrong with the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class Span(NamedTuple):
    """Start and end offset in the text, in code points; the end is exclusive."""

    start: int
    end: int


class Position(NamedTuple):
    """A line and a column, both counted from 1; columns count code points."""

    line: int
    column: int


class Placeholder(str):
    """A value that a template engine fills in later; it may stand for a text, a number or a list."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the text of a document: which rule it breaks, where, and in which words."""

    rule: str  # "unreadable-file", "broken-syntax", "duplicate-key", "document-too-large"
    message: str
    span: Span = Span(0, 0)
    related: tuple[tuple[Span, str], ...] = ()


@dataclass(eq=False)
class Document:
    """A file that was read: its values, and where each stands. `value` is None when the text is broken."""

    path: str  # relative to the working directory where possible, forward slashes
    text: str
    value: Any
    problems: tuple[Problem, ...] = ()
    placeholders: bool = field(default=False)  # some value holds a template placeholder

    def key_span(self, pointer: str) -> Span:
        """The span of the member name at a JSON pointer; of the value for a list element or the root."""
        raise NotImplementedError

    def value_span(self, pointer: str) -> Span:
        """The span of the value at a JSON pointer, or of the nearest ancestor that exists in the text."""
        raise NotImplementedError

    def position(self, offset: int) -> Position:
        """The line and column of an offset."""
        raise NotImplementedError


def read_document(path: Path) -> Document:
    """Read a JSON or YAML file. Never raises for what is in the file: the document's problems say it."""
    raise NotImplementedError


def parse_document(text: str, path: str) -> Document:
    """The same for a text that is already in memory; the ending of `path` decides the format."""
    raise NotImplementedError
