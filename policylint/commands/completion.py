"""`policylint completion`: the script that completes commands, options and files in a shell."""

from __future__ import annotations

import argparse

from policylint.commands.shared import CLEAN


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    print(shtab.complete(options.parser(), options.shell))
    return CLEAN
