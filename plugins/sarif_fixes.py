"""Fixes in SARIF: pieces of one file, and what replaces them."""

from __future__ import annotations

from typing import Any

from policylint.document import Document
from policylint.edits import changes, edited
from policylint.findings import Finding
from policylint.pieces import CannotEdit, Change, in_file
from policylint.printing import printable

from .sarif_text import escaped


def fixes(finding: Finding, location: dict[str, Any]) -> list[dict[str, Any]]:
    """The fix of a finding in the file at an artifact location; none where its text leaves no room for one."""
    fix, document = finding.fix, finding.place.document
    if fix is None:
        return []
    try:
        made = sorted(change for edit in fix.edits for change in changes(edit))
        edited(document, list(fix.edits), made)
        replacements = [_replacement(document, change) for change in sorted(in_file(document.source, made))]
    except CannotEdit:
        return []
    text = fix.message if fix.safe else f"{fix.message} This is a guess: review it before you apply it."
    return [
        {
            "description": {"text": escaped(printable(text))},
            "artifactChanges": [{"artifactLocation": location, "replacements": replacements}],
        }
    ]


def _replacement(document: Document, change: Change) -> dict[str, Any]:
    start, end = (document.source.outer_position(offset) for offset in change.span)
    return {
        "deletedRegion": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        },
        "insertedContent": {"text": change.text},
    }
