"""What edits make of the values of a document, and where each of the new values comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policylint.findings import Edit
from policylint.places import join
from policylint.scalars import Placeholder, text_of

Edits = Mapping[str, Edit]


def edited_value(value: Any, edits: Iterable[Edit]) -> Any:
    """The value of a document after edits, whose pointers are all of the value before."""
    return _edited(value, "", *_sorted(edits))


def moved_pointers(value: Any, edits: Iterable[Edit]) -> dict[str, str]:
    """For each pointer into the value after edits the pointer before, of the same or of what it was made around."""
    return dict(_moved(value, "", "", *_sorted(edits)))


def _sorted(edits: Iterable[Edit]) -> tuple[dict[str, str], dict[str, Edit]]:
    """The new names of members, and all other edits, each by its pointer."""
    names: dict[str, str] = {}
    others: dict[str, Edit] = {}
    for edit in edits:
        if edit.action == "rename":
            names[edit.place.pointer] = edit.new
        else:
            others[edit.place.pointer] = edit
    return names, others


def _edited(value: Any, pointer: str, names: Mapping[str, str], others: Edits) -> Any:
    if isinstance(value, dict):
        value = {
            names.get(below, key): _edited(item, below, names, others)
            for key, item in value.items()
            if not _goes(below := join(pointer, key), others)
        }
    elif isinstance(value, list):
        value = [
            _edited(item, below, names, others)
            for index, item in enumerate(value)
            if not _goes(below := f"{pointer}/{index}", others)
        ]
    return _made(others[pointer], value) if pointer in others else value


def _goes(pointer: str, others: Edits) -> bool:
    return pointer in others and others[pointer].action == "delete"


def _made(edit: Edit, value: Any) -> Any:
    if edit.action == "wrap":
        for name in reversed(edit.around):
            value = {name: value} if name else [value]
    elif edit.action == "unwrap":
        value = value[0]
    elif edit.action == "reorder":
        value = {name: value[name] for name in edit.around}
    elif edit.action == "replace":
        value = edit.new
    elif edit.action == "quote":
        value = value if isinstance(value, Placeholder) else text_of(value)
    return value


def _moved(value: Any, old: str, new: str, names: Mapping[str, str], others: Edits) -> Iterator[tuple[str, str]]:
    yield new, old
    edit = others.get(old)
    if edit and edit.action == "wrap":
        for name in edit.around:
            new = join(new, name) if name else f"{new}/0"
            yield new, old
    if edit and edit.action == "unwrap":
        yield from _moved(value[0], f"{old}/0", new, names, others)
    elif isinstance(value, dict):
        for key, item in value.items():
            below = join(old, key)
            if not _goes(below, others):
                yield from _moved(item, below, join(new, names.get(below, key)), names, others)
    elif isinstance(value, list):
        kept = (index for index in range(len(value)) if not _goes(f"{old}/{index}", others))
        for position, index in enumerate(kept):
            yield from _moved(value[index], f"{old}/{index}", f"{new}/{position}", names, others)
