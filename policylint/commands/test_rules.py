"""`policylint test-rules`: run the examples of cards, for those who write rules."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from policylint.commands.shared import CLEAN, FOUND, NOTHING, Trouble, say, show_line
from policylint.entry_points import STOPPED, Page

if TYPE_CHECKING:
    from policylint.policy_types import Registry
    from policylint.rules import Rule

SECTIONS = {"Avoid": True, "Prefer": False}  # whether the rule has to find something


PAGE = Page(
    "run the examples of your cards as tests",
    "Each card's Avoid block has to break its rule, and its Prefer block must not.",
    (("policylint test-rules org/rules", "every card there"),),
    f"0 all hold; 1 one does not; 2 wrong usage or unreadable input; {STOPPED}",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a folder with cards, such as org/rules")


def run(options: argparse.Namespace) -> int:
    """Say of each example whether the rule does what its card says."""
    from policylint.card_rules import read_folder
    from policylint.files import OnDisk
    from policylint.plugins import load

    if not options.folder.is_dir():
        raise Trouble(f"{options.folder}: no such folder.")
    host = load()  # a plugin may bring a policy type
    say(*host.failures)
    rules = read_folder(OnDisk(options.folder), types=host.types)
    told = [(line, right) for rule in rules for line, right in _told(rule, host.types)]
    if not told:
        raise Trouble(f"{options.folder}: no card with an example under Avoid or Prefer.", NOTHING)
    for line, _ in told:
        show_line(line)
    return CLEAN if all(right for _, right in told) else FOUND


def _told(rule: Rule, types: Registry) -> Iterator[tuple[str, bool]]:
    from policylint.testing import run_example

    for section, wanted in SECTIONS.items():
        for number, (kind, text) in enumerate(rule.card.examples(section), 1):
            what = f"{rule.id}: example {number} under {section}"
            try:
                found = run_example(rule, kind, text, types=types)
            except ValueError as error:
                yield f"{what} can't be read: {error}", False
                continue
            if bool(found) == wanted:
                yield f"{what}: the rule finds {'it' if wanted else 'nothing'}, as it should", True
            elif wanted:
                yield f"{what}: the rule should find it, and finds nothing", False
            else:
                yield f"{what}: the rule should find nothing, and finds: {found[0].message}", False
