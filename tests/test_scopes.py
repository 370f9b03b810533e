"""The scopes of rules: what each hands out, and the names that older cards have for two of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from policylint.card_rules import read_card
from policylint.files import OnDisk
from policylint.rules import OLD_SCOPES, SCOPES, load_card

CARD = """---
outcome: risk
policy_types: [BACKUP_POLICY]
scope: {scope}
---

# A card
"""


@pytest.mark.parametrize(("old", "new"), sorted(OLD_SCOPES.items()))
def test_older_cards_have_other_names_for_two_scopes(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "a-card.md"
    path.write_text(CARD.format(scope=old))
    assert load_card(path).scope == new
    assert new in SCOPES
    assert old not in SCOPES


def test_rules_that_are_a_card_alone_may_have_the_older_name_too(tmp_path: Path) -> None:
    path = tmp_path / "a-card.md"
    path.write_text("---\nscope: plan\nselect: $.rules\nrequire: {present: true}\nmessage: seen\n---\n# A card\n")
    assert read_card(OnDisk(path.parent), path.name).card.scope == "entry"
