"""The baseline: what a project has today, so that later runs tell only what is new.

An entry is a rule, a file and a JSON pointer: neither a moved line nor another indentation changes it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from policylint.document import Document, read_document
from policylint.files import Boundary
from policylint.findings import Finding, Place

NAME = "policylint-baseline.json"


class Entry(NamedTuple):
    """One finding, however many lines move around it."""

    rule: str
    path: str  # relative to the baseline's folder, with forward slashes
    pointer: str


class BaselineError(ValueError):
    """The baseline can't be used; the message says where and why."""


@dataclass(frozen=True)
class Baseline:
    """The entries of a baseline file, each with its place there."""

    folder: Path
    entries: dict[Entry, Place]

    def entry(self, rule: str, place: Place) -> Entry:
        """The entry that a finding would have."""
        return entry(rule, place, self.folder)


def entry(rule: str, place: Place, folder: Path) -> Entry:
    """The entry of a finding in a baseline that lies in this folder."""
    path = os.path.relpath(place.document.path, folder).replace(os.sep, "/")
    return Entry(rule, path, place.pointer)


def read(path: Path, within: Boundary | None = None) -> Baseline:
    """Read a baseline that lies `within` a boundary. Raises BaselineError."""
    document = read_document(path, within)
    entries = document.value.get("findings") if isinstance(document.value, dict) else None
    if not isinstance(entries, list):
        reason = document.problems[0].message if document.problems else "it holds no list 'findings'."
        raise BaselineError(f"{document.path}: {reason} Write it anew with `policylint baseline`.")
    return Baseline(
        path.parent, {_entry(item, number, document): _place(document, number) for number, item in enumerate(entries)}
    )


def _place(document: Document, number: int) -> Place:
    return Place(document, f"/findings/{number}")


def _entry(item: object, number: int, document: Document) -> Entry:
    texts = [item.get(name) for name in Entry._fields] if isinstance(item, dict) else []
    if not texts or not all(isinstance(text, str) for text in texts):
        line, column = document.position(document.value_span(f"/findings/{number}").start)
        raise BaselineError(f"{document.path}:{line}:{column}: an entry has the texts rule, path and pointer.")
    return Entry(*map(str, texts))


def render(findings: Iterable[Finding], folder: Path) -> str:
    """The text of a baseline in this folder: an entry a line, sorted, so that a diff is readable."""
    entries = sorted({entry(finding.rule, finding.place, folder) for finding in findings})
    lines = ",\n".join(f"    {json.dumps(one._asdict(), ensure_ascii=False)}" for one in entries)
    return (
        f'{{\n  "version": 1,\n  "findings": [\n{lines}\n  ]\n}}\n'
        if entries
        else '{\n  "version": 1,\n  "findings": []\n}\n'
    )
