"""`policylint completion`: the script that completes commands, options and files in a shell."""

from __future__ import annotations

import argparse

from policylint.commands.shared import CLEAN, print_all


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    print_all([shtab.complete(options.parser(), options.shell), "\n"])
    return CLEAN
