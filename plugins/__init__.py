"""The built-in readers and report formats."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from policylint import hookimpl

from .readers import READERS

FORMATS = {
    "table": "findings by file, for people",
    "text": "each finding under the lines that cause it, for people",
    "json": "one object, for programs",
    "jsonl": "a line for each account that a finding affects, for programs",
    "sarif": "alerts for GitHub code scanning",
    "github": "annotations of a GitHub Actions run, and its summary",
    "gitlab": "Code Quality in GitLab's merge requests",
    "junit": "test results, for tools that show them",
    "markdown": "a comment on a pull request",
    "html": "a page to browse: the tree, each account's policy, its backups",
}
COLOURED = ("table", "text")  # these take the terminal too


@hookimpl
def policylint_formats(register: Callable[[str, Callable[..., Any], str], None]) -> None:
    """Register the formats that come with policylint; each is loaded when it renders."""
    for name, description in FORMATS.items():
        register(name, _renderer(name), description)


def _renderer(name: str) -> Callable[[Any, Any], Any]:
    def render(report: Any, terminal: Any) -> Any:
        render = import_module(f".{name}_format", __package__).render
        return render(report, terminal) if name in COLOURED else render(report)

    return render


@hookimpl
def policylint_readers(register: Callable[[Any], None]) -> None:
    """Register the readers that come with policylint."""
    for reader in READERS:
        register(reader)
