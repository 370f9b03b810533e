"""The built-in rules: one folder a family, in it the checks and one card a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from policylint.card_checks import rule_of as rule_of_card
from policylint.card_index import CardIndex
from policylint.hookspecs import hookimpl
from policylint.rules import Card, Rule, rule_of
from policylint.tree_checks import CHECKS as TREE_CHECKS

from . import inventory, organization, override, required, strategy, syntax
from .best_practice import copies, lifecycle, plans, regions, schedules, selections
from .override import opt_outs, order, removals
from .required import regions as required_regions
from .required import tags

HERE = Path(__file__).parent
CHECKS = (
    *(required, required_regions, tags),
    *(override, opt_outs, order, removals),
    *(copies, lifecycle, plans, regions, schedules, selections),
    *(organization, inventory, strategy),
)


@hookimpl
def policylint_rules(register: Callable[..., None]) -> None:
    """Register every check, and the cards of what the readers find."""
    index = CardIndex(HERE)
    for module in CHECKS:
        checks = (item for item in vars(module).values() if hasattr(item, "__policylint_rule__"))
        register(*(rule_of(function, index.card) for function in checks))
    register(*syntax.rules(_cards(index, "syntax")))
    register(*map(rule_of_card, _cards(index, "hardening")))
    for family in ("organization", "configuration", "inventory"):
        found = (card for card in _cards(index, family) if card.scope in ("reading", "tree"))
        register(*(Rule(card, TREE_CHECKS.get(card.id)) for card in found))


def _cards(index: CardIndex, family: str) -> Iterator[Card]:
    return map(index.card, sorted((HERE / family).glob("*.md")))
