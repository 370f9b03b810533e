"""The baseline: what a project has today, so that later runs report only what is new.

An entry is a rule, a file and a JSON pointer: neither a moved line nor another indentation changes it. With it are the
accounts that the finding affected, and the value in question: what affects more, or got worse, is new.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from policylint.document import Document
from policylint.errors import ConfigError
from policylint.files import Files
from policylint.findings import Finding, Place
from policylint.parsing import read_document
from policylint.places import locate, split_pointer
from policylint.scalars import text_of
from policylint.source import named_part

NAME = "policylint-baseline.json"
LONGEST_VALUE = 200
SECTIONS = ("findings", "ignores")
AGAIN = "Write it again with `policylint baseline`."


class Entry(NamedTuple):
    """One finding, however many lines move around it."""

    rule: str
    path: str  # relative to the baseline's folder, with forward slashes; of one of several in a file with `#` and its part
    pointer: str


class Record(NamedTuple):
    """What was accepted of a finding. Baselines of old say nothing of it: then all of it was."""

    place: Place  # that of the entry
    organizational_units: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()  # of accounts, or the names of those that have none
    value: str | None = None
    is_whole: bool = False  # whether the accounts and the value are recorded


class BaselineError(ConfigError):
    """The baseline can't be used; the message says where and why."""


@dataclass(frozen=True)
class Baseline:
    """The entries of a baseline file: of findings that are in it, and of those that ignores without accounts accept."""

    folder: Path
    entries: dict[Entry, Record]
    ignored: dict[Entry, Record] = field(default_factory=dict)

    def entry(self, rule: str, place: Place) -> Entry:
        """The entry that a finding would have."""
        return entry(rule, place, self.folder)


def entry(rule: str, place: Place, folder: Path) -> Entry:
    """The entry of a finding in a baseline that lies in this folder."""
    source = place.document.source
    path = os.path.relpath(source.path, folder).replace(os.sep, "/")
    return Entry(rule, named_part(path, source.part), place.pointer)


def value_at(place: Place) -> str | None:
    """The value that a place points at, as a text: a scalar, or a list of scalars; None for anything else.

    Of a long one the beginning and a digest.
    """
    node = place.document.value
    for part in split_pointer(place.pointer) if place.span is None else ():
        if isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        elif isinstance(node, dict) and part in node:
            node = node[part]
        else:
            return None
    if place.part == "key" or place.span is not None or isinstance(node, dict) or node is place.document.value:
        return None
    if isinstance(node, list):
        if any(isinstance(item, dict | list) for item in node):
            return None
        return _shortened(json.dumps([text_of(item) for item in node], ensure_ascii=False))
    return _shortened(text_of(node))


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_VALUE:
        return text
    from hashlib import sha256

    return f"{text[:LONGEST_VALUE]}… {sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


# ---- reading ------------------------------------------------------------------------------------------------


def read(files: Files, name: str, stands_for: Path | None = None) -> Baseline:
    """Read a baseline. Raises BaselineError.

    Its paths are relative to its own folder, or to that of the file that it `stands_for`.
    """
    document = read_document(files, name)
    if stands_for:
        document = document.shown_as(f"base:{stands_for.as_posix()}")
    value = document.value if isinstance(document.value, dict) else {}
    if not isinstance(value.get("findings"), list):
        reason = document.problems[0].message if document.problems else "It has no list 'findings'."
        raise BaselineError(f"{document.path}: {reason} {AGAIN}")
    if not isinstance(value.get("ignores", []), list):
        raise BaselineError(f"{document.path}: 'ignores' is not a list. {AGAIN}")
    findings, ignores = (dict(_records(document, section)) for section in SECTIONS)
    return Baseline((stands_for or Path(files.base, name)).parent, findings, ignores)


def _records(document: Document, section: str) -> Iterator[tuple[Entry, Record]]:
    for number, item in enumerate(document.value.get(section, ())):
        yield _entry(item, Place(document, f"/{section}/{number}"))


def _entry(item: object, place: Place) -> tuple[Entry, Record]:
    given: Mapping[str, Any] = item if isinstance(item, dict) else {}
    texts = [given.get(name) for name in Entry._fields]
    if not all(isinstance(text, str) for text in texts):
        raise _wrong(place, "an entry has the strings rule, path and pointer")
    whole = "organizational_units" in given or "ids" in given
    units, ids, value = given.get("organizational_units", []), given.get("ids", []), given.get("value")
    for name, listed in (("organizational_units", units), ("ids", ids)):
        if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
            raise _wrong(place, f"'{name}' is a list of strings")
    if value is not None and not isinstance(value, str):
        raise _wrong(place, "'value' is a string")
    return Entry(*map(str, texts)), Record(place, tuple(units), tuple(ids), value, whole)


def _wrong(place: Place, message: str) -> BaselineError:
    return BaselineError(f"{locate(place)}: {message}. {AGAIN}")


# ---- writing ------------------------------------------------------------------------------------------------

Rows = dict[Entry, dict[str, Any]]


def rows(findings: Iterable[Finding], folder: Path) -> Rows:
    """The rows of findings in a baseline that lies in this folder."""
    made: Rows = {}
    for finding in findings:
        for place in (finding.place, *finding.also):  # what is said of several plans at once is accepted plan by plan
            row: dict[str, Any] = {
                "organizational_units": list(finding.accounts.organizational_units),
                "ids": list(finding.accounts.ids),
            }
            if (value := value_at(place)) is not None:
                row["value"] = value
            known = made.setdefault(entry(finding.rule, place, folder), row)
            for name in ("organizational_units", "ids") if known is not row else ():
                known[name] = sorted({*known[name], *row[name]})
    return made


def as_row(record: Record) -> dict[str, Any]:
    """The row of a record as it was read."""
    if not record.is_whole:
        return {}
    row: dict[str, Any] = {"organizational_units": list(record.organizational_units), "ids": list(record.ids)}
    return row if record.value is None else {**row, "value": record.value}


def render(findings: Rows, ignores: Rows) -> str:
    """The text of a baseline: an entry a line, sorted, so that a diff is readable."""
    lists = {"findings": findings, **({"ignores": ignores} if ignores else {})}
    parts = [f'  "{name}": {_listed(section)}' for name, section in lists.items()]
    return '{\n  "version": 1,\n' + ",\n".join(parts) + "\n}\n"


def _listed(section: Rows) -> str:
    lines = [f"    {json.dumps({**one._asdict(), **section[one]}, ensure_ascii=False)}" for one in sorted(section)]
    return "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"
