"""`policylint baseline`: record today's findings, so that `check` reports only what is new."""

from __future__ import annotations

import argparse
from pathlib import Path

from policylint.arguments import add_container_locks, add_reader, moment
from policylint.entry_points import Page

PAGE = Page(
    "record today's findings; later only new ones are reported",
    "Writes today's findings to a file that you commit, each with the accounts that it affects and the value. "
    "Later runs of check report what is new, what affects more accounts, what got worse, and which entries have "
    "become stale. Moved lines and another indentation change nothing. Findings that ignores without "
    "accounts suppress are recorded in the same way.",
    (
        ("policylint baseline org/", "write org/policylint-baseline.json"),
        ("policylint baseline org/ --prune", "remove what is fixed, and add nothing new"),
        ("policylint check org/ --no-baseline", "report everything anyway"),
    ),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("paths", nargs=1, type=Path, metavar="PATH", help="a folder with an organization")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write to FILE (default: policylint-baseline.json in PATH)"
    )
    parser.add_argument(
        "--prune",
        action="store_true",
        help="only remove from the existing baseline what is no longer found; add nothing new",
    )
    configuration = parser.add_mutually_exclusive_group()
    configuration.add_argument("--config", type=Path, metavar="FILE", help="the configuration, as for check")
    configuration.add_argument("--no-config", action="store_true", help="read no configuration, as for check")
    parser.add_argument("--at", type=moment, metavar="TIMESTAMP", help="check schedules as if saved at this moment")
    add_reader(parser)
    add_container_locks(parser)


def run(options: argparse.Namespace) -> int:
    """See the page."""
    from policylint.commands.recording import run

    return run(options)
