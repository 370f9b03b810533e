"""The known name that somebody meant who wrote another."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """The known name that is most like the given one; empty where none is. `likeness` is from 0 to 1, the same."""
    from difflib import get_close_matches  # slow to load, and few runs need it

    return next(iter(get_close_matches(name, sorted(known), 1, likeness)), "")


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint at the nearest known name, or the other hint where none is near."""
    near = nearest(name, known)
    return f"Did you mean '{near}'?" if near else otherwise
