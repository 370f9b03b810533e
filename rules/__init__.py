"""The built-in rules: one folder a family, in it the checks and one card a rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from policylint.card_rules import rule_of
from policylint.hookspecs import hookimpl
from policylint.rules import Rule, load_card
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
    for module in CHECKS:
        register(*(item for item in vars(module).values() if hasattr(item, "__policylint_rule__")))
    register(*syntax.rules())
    register(*(rule_of(load_card(path)) for path in sorted((HERE / "hardening").glob("*.md"))))
    for family_folder in ("organization", "configuration", "inventory"):
        cards = (load_card(path) for path in sorted((HERE / family_folder).glob("*.md")))
        register(*(Rule(card, TREE_CHECKS.get(card.id)) for card in cards if card.scope in ("reading", "tree")))
