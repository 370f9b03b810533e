"""Edits of YAML text; loaded only when a YAML file is edited. See policylint/edits.py, which reads the outcome back."""

from __future__ import annotations

import json
import re

from policylint.document import Document, Entry
from policylint.findings import Edit
from policylint.pieces import (
    CannotEdit,
    Change,
    column,
    in_a_row,
    in_order,
    indentation,
    line_end,
    named_members,
    only_element,
    whole,
)
from policylint.places import Span, join

_PLAIN = re.compile(r"[\w$][\w$./:@+=-]*(?<!:)")
_PLAIN_IN_FLOW = re.compile(r"[^\s\[\]{},#&*!|>'\"%@`?:-][^\[\]{},#\n]*")
_AFTER_KEY = re.compile(r"[ \t]*:[ \t]*(?=\S)")
_AFTER_KEY_TO_DASH = re.compile(r"[ \t]*:[ \t]*(\r?\n)[ \t]*-[ \t]+")


def yaml_changes(edit: Edit, entry: Entry) -> list[Change]:
    """What an edit does to a YAML text, in the order of the text. Raises CannotEdit."""
    text = edit.place.document.text
    if edit.action == "rename" and entry.key:
        return [Change(entry.key, _like(text[entry.key.start : entry.key.end], edit.new, text))]
    if edit.action == "replace":
        return [Change(entry.value, _like(text[entry.value.start : entry.value.end], edit.new, text))]
    if edit.action == "quote":
        return [Change(entry.value, _quoted(text[entry.value.start : entry.value.end], text))]
    if edit.action == "wrap":
        return _wrap(edit, entry)
    if edit.action == "unwrap":
        return _unwrap(edit, entry)
    if edit.action == "reorder":
        return _reorder(edit)
    return [Change(_going(edit, entry), "")]


def _like(old: str, new: str, text: str) -> str:
    """A scalar quoted as the one in whose place it comes, or in quotes where it needs them."""
    if old[:1] in "&*!|>":
        raise CannotEdit("an anchor, an alias or a block text is here")
    if old.startswith('"'):
        return json.dumps(new, ensure_ascii=False)
    if old.startswith("'") or not _PLAIN.fullmatch(new):
        return _quoted(new, text if not old.startswith("'") else "")
    return new


def _quoted(new: str, text: str) -> str:
    """A scalar in the quotes in which the text writes its operators."""
    if text.count('"@@') > text.count("'@@"):
        return json.dumps(new, ensure_ascii=False)
    return "'" + new.replace("'", "''") + "'"


def _wrap(edit: Edit, entry: Entry) -> list[Change]:
    document = edit.place.document
    text, (start, end) = document.text, entry.value
    if start == end or text[start] in "&*!|>":
        raise CannotEdit("an anchor, an alias or a block text is here")
    in_brackets = text[start] in "[{" or _in_flow(document, edit.place.pointer)
    if in_brackets or not edit.around[0] or entry.key is None:
        before, after = "", ""
        for name in edit.around:
            before += f"{{{_quoted(name, text)}: " if name else "["
            after = ("}" if name else "]") + after
        if text[start] not in "[{":
            return [Change(entry.value, before + _in_brackets(document, edit.place.pointer) + after)]
        return [Change(Span(start, start), before), Change(Span(end, end), after)]
    name = f"{_quoted(edit.around[0], text)}:"
    if text[start] == "-" and _is_collection(document, edit.place.pointer):
        return _wrap_items(edit, entry, name)
    inner = text[start:end] if len(edit.around) == 1 else f"[{_in_brackets(document, edit.place.pointer)}]"
    after_key = _AFTER_KEY.match(text, entry.key.end)
    if after_key is None or after_key.end() != start:
        return [Change(entry.value, f"{name} {inner}")]  # it is on a line of its own
    margin = " " * (column(text, entry.key.start) - 1) + _step(document, edit.place.pointer)
    colon = text.index(":", entry.key.end) + 1
    return [Change(Span(colon, end), f"{line_end(text)}{margin}{name} {inner}")]


def _wrap_items(edit: Edit, entry: Entry, name: str) -> list[Change]:
    """Put an operator above the items of a list that are on lines of their own."""
    document = edit.place.document
    text, start = document.text, entry.value.start
    margin, end = indentation(text, start), line_end(text)
    if text[text.rfind("\n", 0, start) + 1 : start] != margin or entry.key is None:
        raise CannotEdit("the list does not start on a line of its own")
    if column(text, entry.key.start) < column(text, start):
        return [Change(Span(start, start), f"{name}{end}{margin}")]
    # The items are right below the setting's name: they move in, so that the operator has room.
    stop = _content_end(document, edit.place.pointer)
    step = _step(document, edit.place.pointer)
    items = text[start:stop].replace("\n", "\n" + step)
    return [Change(Span(start, stop), f"{step}{name}{end}{margin}{step}{items}")]


def _unwrap(edit: Edit, entry: Entry) -> list[Change]:
    text, element = edit.place.document.text, only_element(edit).value
    piece = text[element.start : element.end]
    if text[entry.value.start] == "[":
        if "#" in text[entry.value.start : element.start] + text[element.end : entry.value.end]:
            raise CannotEdit("a comment would be lost")
        return [Change(entry.value, piece)]
    dash = _AFTER_KEY_TO_DASH.match(text, entry.key.end) if entry.key else None
    if dash is None or dash.end() != element.start:
        lost = entry.key is not None and "#" in text[entry.key.end : element.start]
        raise CannotEdit("a comment would be lost" if lost else "more than the value is here")
    return [Change(Span(text.index(":", dash.start()) + 1, element.end), f" {piece}")]


def _reorder(edit: Edit) -> list[Change]:
    document = edit.place.document
    ends = (_content_end(document, join(edit.place.pointer, name)) for name in edit.around)
    spans = [Span(member.start, end) for member, end in zip(named_members(edit), ends, strict=True)]
    if "#" in document.text[min(spans).start : _line_stop(document.text, max(spans).end)]:
        raise CannotEdit("a comment might lose its subject")
    return in_order(document, spans)


def _going(edit: Edit, entry: Entry) -> Span:
    """What goes with a member or an element: in brackets up to the comma, else whole lines."""
    document, pointer = edit.place.document, edit.place.pointer
    text = document.text
    if _in_flow(document, pointer):
        span = in_a_row(edit)
    else:
        start = text.rfind("\n", 0, whole(entry).start) + 1
        stop = _content_end(document, pointer)
        newline = text.find("\n", stop)
        span = Span(start, newline + 1 if newline >= 0 else len(text))
        if text[start : whole(entry).start].strip() != ("" if entry.key else "-"):
            raise CannotEdit("other things are on the same line")
    if "#" in text[span.start : entry.value.start] + text[_content_end(document, pointer) : span.end]:
        raise CannotEdit("a comment would be lost")
    return span


def _line_stop(text: str, offset: int) -> int:
    """Where the line of an offset stops."""
    stop = text.find("\n", offset)
    return len(text) if stop < 0 else stop


def _in_flow(document: Document, pointer: str) -> bool:
    """Whether the object or list around a value is written in brackets."""
    parent = document.entries.get(pointer.rpartition("/")[0])
    return parent is not None and document.text[parent.value.start] in "[{"


def _is_collection(document: Document, pointer: str) -> bool:
    return f"{pointer}/0" in document.entries


def _content_end(document: Document, pointer: str) -> int:
    """Where a value ends; to the parser, a list of lines ends where the next thing starts."""
    ends = [document.entries[pointer].value.end]
    below = [entry.value.end for other, entry in document.entries.items() if other.startswith(f"{pointer}/")]
    text = document.text
    if below and text[document.entries[pointer].value.start] not in "[{":
        ends = below
    return len(text[: max(ends)].rstrip())


def _in_brackets(document: Document, pointer: str) -> str:
    """A scalar as it can be between brackets: a plain one may hold what has a meaning there."""
    start, end = document.entries[pointer].value
    piece = document.text[start:end]
    if piece[:1] in ("'", '"') or (_PLAIN_IN_FLOW.fullmatch(piece) and ": " not in piece):
        return piece
    if "\n" in piece:
        raise CannotEdit("the text goes over several lines")
    return _quoted(piece, document.text)


def _step(document: Document, pointer: str) -> str:
    """How much further a member is indented than the one around it."""
    own, around = (document.entries[one].key for one in (pointer, pointer.rpartition("/")[0]))
    if own is None or around is None:
        return "  "
    step = column(document.text, own.start) - column(document.text, around.start)
    return " " * step if step > 0 else "  "
