"""Pieces of a document's text: what edits of JSON and of YAML have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from policylint.document import Document, Entry
from policylint.findings import Edit
from policylint.places import Span, join


class CannotEdit(Exception):
    """The text can't be edited without harm; the message says why."""


class Change(NamedTuple):
    """A piece of a text, and what takes its place."""

    span: Span
    text: str


def only_element(edit: Edit) -> Entry:
    """The place of a list's only element."""
    found = edit.place.document.entries
    pointer = edit.place.pointer
    if f"{pointer}/0" not in found or f"{pointer}/1" in found:
        raise CannotEdit("the list has not exactly one element")
    return found[f"{pointer}/0"]


def in_a_row(edit: Edit) -> Span:
    """What goes with a member or an element of an object or a list in brackets: the comma too."""
    document, pointer = edit.place.document, edit.place.pointer
    row = sorted(whole(entry) for entry in siblings(document, pointer))
    own = whole(document.entries[pointer])
    position = row.index(own)
    if position:
        return Span(row[position - 1].end, own.end)
    return Span(own.start, row[1].start) if len(row) > 1 else own


def named_members(edit: Edit) -> list[Span]:
    """The members that an edit names, from the start of each one's name to the end of its value."""
    found = edit.place.document.entries
    pointers = [join(edit.place.pointer, name) for name in edit.around]
    if not found.keys() >= set(pointers):
        raise CannotEdit("they are not all written out at this place of the text")
    return [whole(found[pointer]) for pointer in pointers]


def in_order(document: Document, spans: list[Span]) -> list[Change]:
    """Pieces that change places: each is written where in this order it belongs; what stands between them stays."""
    texts = (document.text[span.start : span.end] for span in spans)
    return [Change(span, text) for span, text in zip(sorted(spans), texts, strict=True)]


def siblings(document: Document, pointer: str) -> Iterator[Entry]:
    """The places of all members or elements of the object or list that the pointer's is in, its own too."""
    parent = pointer.rpartition("/")[0]
    for other, entry in document.entries.items():
        if other and other.rpartition("/")[0] == parent:
            yield entry


def whole(entry: Entry) -> Span:
    """From the start of a member's name to the end of its value."""
    return Span((entry.key or entry.value).start, entry.value.end)


def indentation(text: str, offset: int) -> str:
    """The white space with which the line of an offset starts."""
    start = text.rfind("\n", 0, offset) + 1
    found = re.compile(r"[ \t]*").match(text, start)
    return found[0] if found else ""


def line_end(text: str) -> str:
    """How the lines of a text end."""
    return "\r\n" if "\r\n" in text else "\n"
