"""The front matter of many cards in one file, so that a start opens one file and not one for each card.

`make generate` writes the index, and a test holds it against the cards. What a card says below its front matter is read
from the card itself, when somebody asks for it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from policylint.rules import Card, card_of, load_card, parts_of

NAME = "cards.json"


class CardIndex:
    """The cards in the families below a folder. A card that its index lacks is read like any other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._families: dict[str, dict[str, Any]] = {}
        path = folder / NAME
        if path.is_file():
            self._families = json.loads(path.read_text(encoding="utf-8"))

    def card(self, path: Path) -> Card:
        """The card of this path. Raises CardError where it is missing or broken."""
        facts = self._families.get(path.parent.name, {}).get(path.stem)
        return load_card(path) if facts is None else card_of(path, facts["front"], facts["title"])


def index_text(folder: Path) -> str:
    """The index of the cards below a folder as JSON, a card a line."""
    families: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*/*.md")):
        front, title = parts_of(path)
        facts = json.dumps({"title": title, "front": front}, ensure_ascii=False)
        families.setdefault(path.parent.name, []).append(f"{json.dumps(path.stem)}: {facts}")
    lines = (f"{json.dumps(family)}: {{\n" + ",\n".join(cards) + "\n}" for family, cards in families.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"
