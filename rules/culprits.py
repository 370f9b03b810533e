"""How messages name the policy that is the reason for something: with its file and line, so that one can go there."""

from __future__ import annotations

from collections.abc import Iterable

from policylint import Fragment, Place, locate, some_of

SHOWN = 2  # so many are named in a message; the related places hold them all


def at(fragment: Fragment, place: Place) -> str:
    """A policy, and a place in it: backup/baseline (policies/backup/baseline.json:10)."""
    return f"{fragment.policy.name} ({locate(place).short})"


def locks(controls: Iterable[Fragment]) -> str:
    """The controls that lock something, each with its place; "a parent policy" where none is known."""
    named = list(dict.fromkeys(at(control, control.operator_place(None)) for control in controls))
    return some_of(named, SHOWN, " and ") or "a parent policy"
