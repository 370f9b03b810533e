"""What commands say of documents that AWS rejects, in the same words."""

from __future__ import annotations

from collections.abc import Sequence

from policylint.commands.shared import say
from policylint.reading import FIXED, NOT_KNOWN
from policylint.rejected import Rejected


def sentence_of(one: Rejected) -> str:
    """Why AWS rejects a document; with how much else is wrong with it."""
    more = f" ({one.others:,} more problem{'s' if one.others > 1 else ''} in this file.)" if one.others else ""
    return f"{one.fault.message}{more}"


def say_rejected(rejected: Sequence[Rejected]) -> None:
    """Name rejected documents with file and line, and say what is shown and what is not known."""
    if not rejected:
        return
    for one in rejected:
        where = f"{one.where.path}:{one.where.line}"
        part = " It takes no part in what is shown." if one.is_unread else ""
        say(f"{where}: AWS rejects '{one.policy.name}': {sentence_of(one)}{part}")
    say(f"What is shown is the merge {FIXED}. {NOT_KNOWN}")
