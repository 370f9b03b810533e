"""What commands say of documents that AWS rejects, in the same words."""

from __future__ import annotations

from collections.abc import Sequence

from policylint.commands.shared import say
from policylint.reading import FIXED, NOT_KNOWN
from policylint.rejected import Rejected


def say_rejected(rejected: Sequence[Rejected]) -> None:
    """Name rejected documents with file and line, and say what is shown and what is not known."""
    if not rejected:
        return
    for one in rejected:
        part = " It takes no part in what is shown." if one.is_unread else ""
        say(f"{one.location.short}: AWS rejects '{one.policy.name}': {one.sentence}{part}")
    say(f"What is shown is the merge {FIXED}. {NOT_KNOWN}")
