"""`policylint plugins`: what is loaded, from where, and what failed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from policylint.commands.shared import BROKEN, CLEAN, say, show_line
from policylint.entry_points import STOPPED, Page

if TYPE_CHECKING:
    from policylint.plugins import Brought


PAGE = Page(
    "list the plugins, what they add, and which of them failed",
    "Plugins are installed packages with an entry point in the group 'policylint'. Each is loaded on its own, so that a broken one does not stop the others.",
    (("policylint plugins", "what is loaded, from where"),),
    f"0 all are loaded; 2 one has failed; {STOPPED}",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The command has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """List the plugins."""
    from policylint.plugins import load

    host = load()
    for name, brought in host.brought.items():
        show_line(" ".join(filter(None, (name, brought.version, f"({brought.origin})"))))
        for line in _lines(brought):
            show_line(f"  {line}")
    say(*host.failures)
    return BROKEN if host.failures else CLEAN


def _lines(brought: Brought) -> list[str]:
    few = 5
    kinds = {
        "rules": brought.rules,
        "policy types": brought.policy_types,
        "readers": brought.readers,
        "formats": brought.formats,
        "commands": brought.commands,
    }
    return [
        f"{len(names)} {kind}" if kind == "rules" and len(names) > few else f"{kind}: {', '.join(names)}"
        for kind, names in kinds.items()
        if names
    ]
