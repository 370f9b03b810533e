"""One message for a finding, where not all of its accounts have the same: each part says whom it is true for."""

from __future__ import annotations

from collections.abc import Mapping

from policylint.folding import Range, fold, intersection, merged, without
from policylint.organization import Organization
from policylint.wording import counted, some_of

SHOWN = 3  # so many messages are shown, and of each so many units and accounts


def message_for(messages: Mapping[str, list[Range]], ranges: list[Range], organization: Organization) -> str:
    """The message for the accounts in `ranges`, given the accounts that each message is true for."""
    for message, true_for in messages.items():
        if len(messages) == 1 or not without(ranges, merged(true_for)):
            return message
    concerned = ((message, intersection(ranges, merged(true_for))) for message, true_for in messages.items())
    by_size = sorted((one for one in concerned if one[1]), key=lambda one: (-_count(one[1]), one[1]))
    parts = [f"For {_named(some, organization)}: {message}" for message, some in by_size[:SHOWN]]
    if count := _count(without(ranges, merged(part for _, some in by_size[:SHOWN] for part in some))):
        parts.append(f"For {counted(count, 'other account')} the same is true with other names or numbers.")
    return " ".join(parts)


def _count(ranges: list[Range]) -> int:
    return sum(stop - start for start, stop in ranges)


def _named(ranges: list[Range], organization: Organization) -> str:
    accounts = fold(ranges, organization)
    return some_of([*accounts.organizational_units, *accounts.names], SHOWN)
