"""Cards come from one file that holds what all of them begin with; what it lacks comes from the card."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed import CHECKOUT

from policylint.card_index import NAME, CardIndex, index_text
from policylint.rules import CardError, load_card

CARD = """---
outcome: risk
policy_types: [BACKUP_POLICY]
scope: plan
options: {most: 3}
---

# Too many

## What

More than enough.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A family of one card, and its index."""
    (tmp_path / "taste").mkdir()
    (tmp_path / "taste" / "too-many.md").write_text(CARD)
    (tmp_path / NAME).write_text(index_text(tmp_path))
    return tmp_path


def test_the_index_gives_what_the_cards_say() -> None:
    index = CardIndex(CHECKOUT / "rules")
    cards = sorted((CHECKOUT / "rules").glob("*/*.md"))
    assert cards
    assert [index.card(path) for path in cards] == [load_card(path) for path in cards]


def test_the_front_matter_comes_from_the_index_and_the_sections_from_the_card(folder: Path) -> None:
    path = folder / "taste" / "too-many.md"
    path.write_text(CARD.replace("# Too many", "# Other").replace("enough", "others"))
    card = CardIndex(folder).card(path)
    assert (card.title, card.options) == ("Too many", {"most": 3})
    assert card.sections == {"What": "More than others."}


def test_a_new_card_needs_no_index(folder: Path) -> None:
    path = folder / "taste" / "too-few.md"
    path.write_text(CARD.replace("Too many", "Too few"))
    assert CardIndex(folder).card(path).title == "Too few"
    (folder / NAME).unlink()
    assert CardIndex(folder).card(folder / "taste" / "too-many.md").title == "Too many"


def test_a_card_that_is_nowhere_is_missed(folder: Path) -> None:
    with pytest.raises(CardError, match="has no card"):
        CardIndex(folder).card(folder / "taste" / "nothing.md")
