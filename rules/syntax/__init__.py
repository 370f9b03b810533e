"""What AWS rejects on one document. The walk over the document finds the problems of all these rules at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from policylint.admission import inspection
from policylint.findings import Fault
from policylint.organization import Policy
from policylint.rules import Card, Rule


def found(rule_id: str, policy: Policy, at: datetime | None = None) -> Iterator[Fault]:
    """The problems of one rule in one document."""
    yield from inspection(policy, at).get(rule_id, ())


def rules(cards: Iterable[Card]) -> Iterator[Rule]:
    """A rule for each card of this folder; those of scope `reading` have no check, for the readers find their problems."""
    for card in cards:
        yield Rule(card) if card.scope == "reading" else Rule(card, partial(found, card.id), frozenset({"at"}))
