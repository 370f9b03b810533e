"""`policylint rules`: the list of the rules, or one rule's card."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from policylint.commands.shared import BROKEN, CLEAN, Trouble, say, show
from policylint.entry_points import Page

if TYPE_CHECKING:
    from policylint.plugins import Host
    from policylint.rules import Rule


PAGE = Page(
    "list the rules, or show one rule's card",
    "Without a name it lists the rules that are loaded, with family, severity and outcome; with the name of a family "
    "those of that family. With a rule's name it shows its card: what is wrong, why, what to avoid and to prefer, "
    "options "
    "and sources.",
    (
        ("policylint rules", "all of them"),
        ("policylint rules override", "those of one family; the list has their names in front"),
        ("policylint rules locked-operator", "one card"),
        ("policylint rules --profile nist-800-53", "which rules belong to which control"),
    ),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "rule", nargs="?", metavar="RULE", help="show this rule's card; of a family such as override, list its rules"
    )
    parser.add_argument("--profile", metavar="PROFILE", help="list the rules of this profile, with their controls")
    parser.add_argument(
        "--organization",
        type=Path,
        metavar="FOLDER",
        help="include the cards of the organization in FOLDER",
    )


def run(options: argparse.Namespace) -> int:
    """List the rules, all or those of a family, or show a card."""
    from policylint.choice import Configuration, pick
    from policylint.loading import known_profile
    from policylint.plugins import load
    from policylint.wording import hinted

    if options.profile:
        known_profile(options.profile)
    host = load()
    if options.organization:
        _add_rules_of(host, options.organization)
    rules = host.rules
    if options.rule is None:
        _list(pick(rules, Configuration(profile=options.profile)) if options.profile else rules, options.profile)
    elif options.rule in rules:
        card = rules[options.rule].card
        show(f"{card.title}\n\n{card.id}: {card.severity}, {card.outcome}")
        for name, text in card.sections.items():
            show(f"\n{name}\n\n{text}")
    elif family := {name: rule for name, rule in rules.items() if rule.card.family == options.rule.replace("-", "_")}:
        _list(pick(family, Configuration(profile=options.profile)) if options.profile else family, options.profile)
    else:
        own = "" if options.organization else "--organization FOLDER also lists the organization's own cards."
        families = {rule.card.family for rule in rules.values()}
        raise Trouble(hinted(f"No rule is named '{options.rule}'.", options.rule, [*rules, *families], own))
    say(*host.failures)
    return BROKEN if host.failures else CLEAN


def _add_rules_of(host: Host, folder: Path) -> None:
    from policylint.config import find
    from policylint.files import OnDisk
    from policylint.loading import add_own_cards

    if not folder.is_dir():
        raise Trouble(f"{folder}: no such folder.")
    files = OnDisk(folder)
    add_own_cards(host, files, find(files, OnDisk(Path())))


def _list(rules: Mapping[str, Rule], profile: str | None) -> None:
    for _, rule in sorted(rules.items(), key=lambda item: (item[1].card.family, item[0])):
        card = rule.card
        controls = [mapping.control for mapping in card.compliance if mapping.framework == profile]
        answers = f" ({', '.join(controls)})" if controls else ""
        show(f"{card.family:14} {rule.id:38} {card.severity:8} {card.outcome:9} {card.title}{answers}")
