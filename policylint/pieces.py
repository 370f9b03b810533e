"""Pieces of a document's text: what edits of JSON and of YAML have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from policylint.document import Document, Entry
from policylint.findings import Edit
from policylint.places import Span, join
from policylint.source import LINE_END, SourceText


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
    """Pieces that change places: each is written where in this order it belongs; what is between them stays."""
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


def column(text: str, offset: int) -> int:
    """The column of an offset, as it counts for the indentation of a text, wherever the text lies."""
    return offset - max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset))


# ---- the text with the pieces changed ------------------------------------------------------------------------


def changed(text: str, made: Iterable[Change]) -> str:
    """The text with changes that don't overlap."""
    parts, position = [], 0
    for span, new in sorted(made):
        parts += [text[position : span.start], new]
        position = span.end
    return "".join([*parts, text[position:]])


def in_file(source: SourceText, made: Iterable[Change]) -> list[Change]:
    """What changes of a text do to its file. Raises CannotEdit where the file writes the text in another way."""
    return [_in_file(source, change) for change in made] if source.outer is not None else list(made)


def _in_file(source: SourceText, change: Change) -> Change:
    if source.escaped is None:
        raise CannotEdit("the text that it is part of is not to be edited")
    span = source.outer_span(change.span)
    if span is None:
        raise CannotEdit("the text around it writes it with escapes, or in several pieces")
    stretch = source.stretch(change.span.start)
    new = source.text[stretch.start : change.span.start] + change.text + source.text[change.span.end : stretch.end]
    if re.search(source.escaped, new) or (len(source.spans) > 1 and LINE_END.search(change.text)):
        raise CannotEdit("the text around it would have to write what is new with escapes, or in several pieces")
    return Change(span, change.text)


def changed_source(source: SourceText, made: Iterable[Change], beside: Iterable[Change] = ()) -> SourceText:
    """A text after changes, and after those that are made `beside` it in its file. Raises CannotEdit."""
    made = list(made)
    text = changed(source.text, made)
    if source.outer is None:
        return replace(source, text=text)
    around = sorted({*in_file(source, made), *beside})
    if any(one.span.end > other.span.start for one, other in pairwise(around)):
        raise CannotEdit("two changes are about one piece of the text around it")
    spans = [(inner + _growth(made, inner), outer + _growth(around, outer)) for inner, outer in source.spans]
    return replace(source, text=text, outer=changed(source.outer, around), spans=spans)


def _growth(made: Iterable[Change], offset: int) -> int:
    """By how much an offset moves. What comes in right at the start of a stretch becomes part of it."""
    return sum(len(new) - (span.end - span.start) for span, new in made if span.start < offset)
