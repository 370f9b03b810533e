"""Where a rule's card can be read on the web."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from policylint import Card

PROJECT = "https://github.com/policylint/policylint"


def help_uri(card: Card) -> str:
    """The card's page; of a stranger's rule the first source on the web, or nothing."""
    if card.path.parent.parent in _built_in_folders():
        return f"{PROJECT}/blob/main/rules/{card.family}/{card.id}.md"
    return next((source for source in card.sources if source.startswith(("https://", "http://"))), "")


@cache
def _built_in_folders() -> tuple[Path, ...]:
    found = find_spec("policylint.builtin_rules")
    return tuple(map(Path, (found and found.submodule_search_locations) or ()))
