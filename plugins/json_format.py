"""The report for programs: one JSON object, the same for the same input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policylint.printing import json_text

if TYPE_CHECKING:
    from policylint import Report


def render(report: Report) -> Iterator[str]:
    """The whole report as one JSON text that ends with a newline."""
    yield json_text(report.to_dict(), indent=2) + "\n"
