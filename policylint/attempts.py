"""What a rejected document tries to set and does not: what no safe fix makes sense of, so that it takes no part."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from policylint.findings import Fault, Place
from policylint.operators import CONTROL
from policylint.organization import Policy
from policylint.places import split_pointer
from policylint.reading import Left, reading, rejections, value_at
from policylint.scalars import text_of

Path = tuple[str, ...]  # names in lower case, from the top of the document

# The rules whose problems leave something out of the merge. What breaks another takes part as it is written.
LEFT_OUT = frozenset(
    {
        "list-expected",
        "malformed-control",
        "missing-operator",
        "object-expected",
        "operator-on-container",
        "operator-on-single-value",
        "single-value-expected",
        "unknown-field",
        "unknown-operator",
        "wrong-top-key",
    }
)
LONGEST = 80  # characters of a value that is shown


class Attempt(NamedTuple):
    """What a document tries to set at a path, and why AWS rejects that."""

    path: Path
    value: str
    place: Place
    reason: str


def attempts(policy: Policy, asked: Path) -> Iterator[Attempt]:
    """What of a document takes no part at a path or below it, with the names that its author most likely meant."""
    found = reading(policy)
    for left in found.left:
        item = value_at(found.value, left.pointer)
        if left.rule not in LEFT_OUT and not isinstance(item, dict | list):
            continue
        path = _meant(left)
        rest = asked[len(path) :] if path == asked[: len(path)] else ()
        if path[: len(asked)] != asked and not rest:
            continue
        for name in rest:
            item = _member(item, name)
        if item is not None or not rest:
            yield Attempt((*path, *rest), _shown(item), left.fault.place, reason(left.fault))


def main_rejection(policy: Policy, asked: Path = ()) -> Fault | None:
    """Why AWS rejects a document: what is wrong at a path where something is, else what is wrong first."""
    for left in reading(policy).left:
        path = _meant(left)
        if path[: len(asked)] == asked or asked[: len(path)] == path:
            return left.fault
    return next(iter(rejections(policy)), None)


def reason(fault: Fault) -> str:
    """The first part of a message: what is wrong, without what AWS does about it and what to do."""
    return re.split(r"[.] ", fault.message)[0].rstrip(".")


def _meant(left: Left) -> Path:
    """The path in the effective policy that a problem is about, with the field that was most likely meant."""
    names = [name.lower() for name in split_pointer(left.pointer)]
    edits = left.fault.fix.edits if left.fault.fix else ()
    if names and len(edits) == 1 and edits[0].action == "rename" and edits[0].place.pointer == left.fault.place.pointer:
        names[-1] = edits[0].new.lower()
    operator = next((index for index, name in enumerate(names) if name.startswith("@@")), len(names))
    return tuple(names[:operator])


def _member(item: Any, name: str) -> Any:
    members = item.items() if isinstance(item, dict) else ()
    return next((below for key, below in members if key.lower() == name), None)


def _shown(item: Any) -> str:
    """A value in a line: without its operator where it has only one."""
    if isinstance(item, dict):
        given = [value for key, value in item.items() if key.lower() != CONTROL]
        if len(given) == 1 and all(key.startswith("@@") for key in item):
            return _shown(given[0])
        text = json.dumps(item, ensure_ascii=False, default=str)
    elif isinstance(item, list):
        text = "[" + ", ".join(_shown(one) for one in item) + "]"
    else:
        text = text_of(item)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
