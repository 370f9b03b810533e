"""`policylint explain`: where a value of an effective policy comes from."""

from __future__ import annotations

import argparse
from pathlib import Path

from policylint.arguments import add_container_locks, add_reader
from policylint.entry_points import Page

PAGE = Page(
    "show where a value of an effective policy comes from",
    "Shows, level by level from the root to the account, which policy set the value, which ones were ignored and why, and who could still change it.",
    (("policylint explain org/ /plans/daily/regions --account payments", "where do its Regions come from?"),),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder with an organization")
    parser.add_argument("pointer", metavar="POINTER", help="such as /plans/daily/regions")
    parser.add_argument("--account", required=True, metavar="ID_OR_NAME", help="the account to explain")
    parser.add_argument("--type", metavar="TYPE", help="policy type (default: the one that POINTER starts in)")
    add_reader(parser)
    add_container_locks(parser)


def run(options: argparse.Namespace) -> int:
    """See the page."""
    from policylint.commands.explaining import run

    return run(options)
