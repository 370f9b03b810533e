"""Places in documents: symbolic while policylint works, a line and a column in messages."""

from __future__ import annotations

from typing import Literal, NamedTuple

from policylint.document import Document
from policylint.document import join as join
from policylint.document import split_pointer as split_pointer
from policylint.source import Position as Position
from policylint.source import Span as Span


class Place(NamedTuple):
    """A place in a document: symbolic (a JSON pointer) until a report asks for line and column."""

    document: Document
    pointer: str = ""
    part: Literal["key", "value"] = "value"
    span: Span | None = None  # for broken text, which no pointer leads into

    @property
    def stretch(self) -> Span:
        """The span of the text that the place represents."""
        if self.span is not None:
            return self.span
        return (self.document.key_span if self.part == "key" else self.document.value_span)(self.pointer)


class Location(NamedTuple):
    """A place made concrete: lines and columns of the file count from 1, the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    pointer: str = ""

    @property
    def position(self) -> Position:
        """The line and the column; as a text line:column."""
        return Position(self.line, self.column)

    @property
    def short(self) -> str:
        """The file and the line, where a sentence has no room for more."""
        return f"{self.path}:{self.line}"

    def __str__(self) -> str:
        """The one way in which a place is written: path:line:column, which terminals and editors can follow."""
        return f"{self.path}:{self.position}"


def locate(place: Place) -> Location:
    """The file, line and column of a place."""
    document, span = place.document, place.stretch
    start, end = document.position(span.start), document.position(max(span.end, span.start + 1))
    if end.line != start.line:
        # A report marks the problem, not the whole block below it.
        end = Position(start.line, start.column + 1)
    return Location(document.path, start.line, start.column, end.line, end.column, place.pointer)


class Edit(NamedTuple):
    """A change of the text at a place, which policylint/edits.py makes.

    `rename` and `replace` write `new` as the member's name or as its scalar; `quote` makes a scalar a text. `wrap` puts
    the value into objects with the names `around`, outermost first, of which "" is a list; `unwrap` puts a list's only
    element in its place. `delete` takes out the member or the element. `reorder` puts an object's members, whose names
    `around` has, into that order.
    """

    action: Literal["rename", "replace", "quote", "wrap", "unwrap", "delete", "reorder"]
    place: Place
    new: str = ""
    around: tuple[str, ...] = ()
