"""One document: the values of a text, a span for any JSON pointer, and what is wrong with the text.

Nothing here reads: policylint/parsing.py makes documents of texts and of files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from policylint.source import START, Position, SourceText, Span

DEEPEST = 100  # levels; AWS's policies need about ten


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the text of a document: which rule it breaks, where, and in which words."""

    rule: str  # "unreadable-file", "broken-syntax", "duplicate-key", "document-too-large"
    message: str
    span: Span = START
    related: tuple[tuple[Span, str], ...] = ()


class Entry(NamedTuple):
    """Where a value is: the span of its key (None for list elements and the root) and its own."""

    key: Span | None
    value: Span


Entries = Mapping[str, Entry]  # by pointer


@dataclass(eq=False)
class Document:
    """A text that was read: its values, and where each is. `value` is None when the text is broken."""

    source: SourceText
    value: Any = None
    problems: tuple[Problem, ...] = ()
    placeholders: bool = field(default=False)  # some value holds a template placeholder
    # How to find where the values are in the text; the parser gives it, and few documents are asked for it.
    find_entries: Callable[[str], Entries] | None = None

    def __repr__(self) -> str:
        return f"Document({self.id!r}, {len(self.text):,} characters)"

    @property
    def path(self) -> str:
        """The path of the file, as people know it."""
        return self.source.path

    @property
    def id(self) -> str:
        """What identifies the document: two of them may be in one file."""
        return self.source.id

    @property
    def text(self) -> str:
        """The text that was read: of a policy inside of another text only its own."""
        return self.source.text

    @property
    def lines(self) -> list[str]:
        """The lines of the file, whose numbers are in positions."""
        return self.source.lines

    @property
    def is_yaml(self) -> bool:
        """Whether the text is YAML; everything else is read as JSON."""
        return self.source.language == "yaml"

    def with_value(self, value: Any) -> Document:
        """The same text with other values: a reader has filled in placeholders."""
        return replace(self, value=value)

    def shown_as(self, path: str) -> Document:
        """The same with another path for people: the file represents the one that is there."""
        return replace(self, source=replace(self.source, path=path))

    def key_span(self, pointer: str) -> Span:
        """The span of the member name at a JSON pointer; of the value for a list element or the root."""
        entry = self._entry(pointer)
        return entry.key or entry.value

    def value_span(self, pointer: str) -> Span:
        """The span of the value at a JSON pointer, or of the nearest ancestor that exists in the text."""
        return self._entry(pointer).value

    def position(self, offset: int) -> Position:
        """The line and column, in the file, of an offset in the text."""
        return self.source.position(offset)

    def _entry(self, pointer: str) -> Entry:
        entries = self.entries
        while pointer not in entries:
            if not pointer:
                return Entry(None, Span(0, min(1, len(self.text))))
            pointer = pointer.rpartition("/")[0]
        return entries[pointer]

    @cached_property
    def entries(self) -> Entries:
        """Where each value is, by pointer; empty for broken text."""
        return self.find_entries(self.text) if self.find_entries and self.value is not None else {}


def broken_document(source: SourceText, rule: str, message: str, offset: int = 0) -> Document:
    """The document of a text that can't be used, with the reason at an offset."""
    return Document(source, None, (Problem(rule, message, Span(offset, min(offset + 1, len(source.text)))),))


# ---- JSON pointers -------------------------------------------------------------------------------------------


def join(pointer: str, key: str) -> str:
    """The pointer of a member (RFC 6901)."""
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def split_pointer(pointer: str) -> list[str]:
    """The keys of a pointer, unescaped; a missing leading slash is forgiven."""
    parts = pointer.removeprefix("/").split("/") if pointer.strip("/") else []
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]
