"""Edits of a document's text: only the pieces that they are about change, so comments and layout stay.

Whatever an edit makes of the text is read back and held against what it should make of the values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from policylint.document import Document, Entry
from policylint.edited_values import edited_value
from policylint.findings import Edit
from policylint.parsing import parse
from policylint.pieces import (
    CannotEdit,
    Change,
    changed_source,
    in_a_row,
    in_file,
    in_order,
    indentation,
    line_end,
    named_members,
    only_element,
)
from policylint.places import Span
from policylint.scalars import has_placeholder, text_of

_BARE_JSON = re.compile(r"-?(0|[1-9][0-9]*)|true|false|null")


def changes(edit: Edit) -> list[Change]:
    """What an edit does to the text of its document, in the order of the text. Raises CannotEdit."""
    document, pointer = edit.place.document, edit.place.pointer
    entry = document.entries.get(pointer)
    if entry is None or document.problems:
        raise CannotEdit("it is not written out at this place of the text")
    if edit.action not in ("wrap", "unwrap", "reorder") and has_placeholder(_slice(document, _target(edit, entry))):
        raise CannotEdit("a placeholder is here")
    made = _made(edit, entry)
    in_file(document.source, made)  # or it can't be
    return made


def _made(edit: Edit, entry: Entry) -> list[Change]:
    if edit.place.document.is_yaml:
        from policylint.yaml_edits import yaml_changes

        return yaml_changes(edit, entry)
    return _JSON[edit.action](edit, entry)


def edited(document: Document, edits: list[Edit], made: Iterable[Change], beside: Iterable[Change] = ()) -> Document:
    """The document with its text changed, as it reads then. Raises CannotEdit when it does not read as intended.

    `beside` are the changes of its file that are made for other documents in it.
    """
    source = changed_source(document.source, made, beside)
    if not edits:
        return replace(document, source=source)
    new, read = parse(source), parse(document.source)
    if new.problems or not _same(new.value, edited_value(read.value, edits)):
        raise CannotEdit("the layout here leaves no room for it")
    # A reader may have filled in placeholders: what it made of the old values holds for the new ones.
    return new.with_value(edited_value(document.value, edits))


def _same(one: Any, other: Any) -> bool:
    """Whether AWS would take two values for the same: scalars are texts to it."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return not isinstance(one, dict | list) and not isinstance(other, dict | list) and text_of(one) == text_of(other)


# ---- what becomes of JSON ---------------------------------------------------------------------------------


def _target(edit: Edit, entry: Entry) -> Span:
    if edit.action != "rename":
        return entry.value
    if entry.key is None:
        raise CannotEdit("there is no name here")
    return entry.key


def _slice(document: Document, span: Span) -> str:
    return document.text[span.start : span.end]


def _rename(edit: Edit, entry: Entry) -> list[Change]:
    return [Change(_target(edit, entry), json.dumps(edit.new, ensure_ascii=False))]


def _replace(edit: Edit, entry: Entry) -> list[Change]:
    bare = not _slice(edit.place.document, entry.value).startswith('"') and _BARE_JSON.fullmatch(edit.new)
    return [Change(entry.value, edit.new if bare else json.dumps(edit.new, ensure_ascii=False))]


def _quote(edit: Edit, entry: Entry) -> list[Change]:
    return [Change(entry.value, json.dumps(_slice(edit.place.document, entry.value), ensure_ascii=False))]


def _unwrap(edit: Edit, entry: Entry) -> list[Change]:
    return [Change(entry.value, _slice(edit.place.document, only_element(edit).value))]


def _wrap(edit: Edit, entry: Entry) -> list[Change]:
    text = _slice(edit.place.document, entry.value)
    if "\n" in text:
        return _wrap_lines(edit, entry, text)
    before, after = "", ""
    for name in edit.around:
        before += f"{{{json.dumps(name, ensure_ascii=False)}: " if name else "["
        after = ("}" if name else "]") + after
    start, end = entry.value
    return [Change(Span(start, start), before), Change(Span(end, end), after)]


def _wrap_lines(edit: Edit, entry: Entry, text: str) -> list[Change]:
    """Put objects around a value of several lines, each a step further in."""
    base = indentation(edit.place.document.text, entry.value.start)
    end = line_end(text)
    inner = re.match(r"[ \t]*", text.split("\n", 1)[1])
    step = inner[0].removeprefix(base) if inner else ""
    for name in reversed(edit.around):
        text = text.replace("\n", "\n" + (step or "  "))
        opening = f"{{{end}{base}{step or '  '}{json.dumps(name, ensure_ascii=False)}: "
        text = f"{opening}{text}{end}{base}}}"
    return [Change(entry.value, text)]


def _delete(edit: Edit, entry: Entry) -> list[Change]:
    return [Change(in_a_row(edit), "")]


def _reorder(edit: Edit, entry: Entry) -> list[Change]:
    return in_order(edit.place.document, named_members(edit))


_JSON = {
    "rename": _rename,
    "replace": _replace,
    "quote": _quote,
    "wrap": _wrap,
    "unwrap": _unwrap,
    "delete": _delete,
    "reorder": _reorder,
}
