"""Fixes as SARIF tells them: pieces of one file, and what takes their place."""

from __future__ import annotations

from typing import Any

from policylint.edits import changes, edited
from policylint.findings import Finding
from policylint.pieces import CannotEdit, Change
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
    except CannotEdit:
        return []
    text = fix.message if fix.safe else f"{fix.message} This is a guess: look at it before you take it."
    replacements = [_replacement(finding, change) for change in made]
    return [
        {
            "description": {"text": escaped(printable(text))},
            "artifactChanges": [{"artifactLocation": location, "replacements": replacements}],
        }
    ]


def _replacement(finding: Finding, change: Change) -> dict[str, Any]:
    document = finding.place.document
    start, end = document.position(change.span.start), document.position(change.span.end)
    return {
        "deletedRegion": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        },
        "insertedContent": {"text": change.text},
    }
