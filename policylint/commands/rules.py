"""`policylint rules`: the list of the rules, or one rule's card."""

from __future__ import annotations

import argparse

from policylint.commands.shared import BROKEN, CLEAN, Trouble, nearest, say
from policylint.plugins import load


def run(options: argparse.Namespace) -> int:
    """List the rules, or show a card."""
    host = load()
    rules = host.rules
    if options.rule is None:
        for _, rule in sorted(rules.items(), key=lambda item: (item[1].card.family, item[0])):
            card = rule.card
            print(f"{card.family:14} {rule.id:38} {card.severity:8} {card.outcome:9} {card.title}")
    elif options.rule in rules:
        card = rules[options.rule].card
        print(f"{card.title}\n\n{card.id}: {card.severity}, {card.outcome}")
        for name, text in card.sections.items():
            print(f"\n{name}\n\n{text}")
    else:
        raise Trouble(f"No rule is named '{options.rule}'." + nearest(options.rule, rules))
    say(*host.failures)
    return BROKEN if host.failures else CLEAN
