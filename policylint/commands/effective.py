"""`policylint effective`: what DescribeEffectivePolicy would say, for one account or for all."""

from __future__ import annotations

import argparse
from pathlib import Path

from policylint.arguments import add_container_locks, add_reader
from policylint.entry_points import STOPPED, Page

PAGE = Page(
    "print effective policies",
    "Prints what AWS would return from DescribeEffectivePolicy: for one account, or a line for each account and "
    "policy type, with the errors of AWS's own validation. Where AWS rejects a document on the path, it shows the "
    "merge "
    "with the safe fixes applied, as it is after check --fix, and names the document.",
    (
        ("policylint effective org/ --account payments", "one account's backup policy"),
        ("policylint effective org/ --account 222222222222 --type tag --format yaml", "its tag policy, as YAML"),
        ("policylint effective org/ --format jsonl", "every account and type"),
        ("policylint effective org/ --format jsonl --require-valid", "fail unless AWS serves each of them"),
    ),
    f"0 done; 1 with --require-valid: AWS does not serve what is shown, or it is not known; 2 wrong usage or "
    f"unreadable "
    f"input; {STOPPED}",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder with an organization")
    parser.add_argument("--account", metavar="ID_OR_NAME", help="one account; without it use --format jsonl")
    parser.add_argument(
        "--type",
        metavar="TYPE",
        help="policy type (default: backup, or the only one that is enabled; with jsonl every type that is enabled)",
    )
    parser.add_argument("--format", choices=("json", "yaml", "jsonl"), default="json", help="default: json")
    parser.add_argument(
        "--require-valid",
        action="store_true",
        help="exit with 1 unless AWS serves each requested policy: none is withheld, no document rejected",
    )
    add_reader(parser)
    add_container_locks(parser)


def run(options: argparse.Namespace) -> int:
    """See the page."""
    from policylint.commands.effective_lines import run

    return run(options)
