"""`policylint plugins`: what is loaded, from where, and what failed."""

from __future__ import annotations

import argparse

from policylint.commands.shared import BROKEN, CLEAN, say, show_line
from policylint.plugins import Brought, load


def run(options: argparse.Namespace) -> int:
    """List the plugins."""
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
    }
    return [
        f"{len(names)} {kind}" if kind == "rules" and len(names) > few else f"{kind}: {', '.join(names)}"
        for kind, names in kinds.items()
        if names
    ]
