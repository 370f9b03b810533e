"""Runs rules that are a card alone: `select` and `require` in its front matter instead of a check in Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policylint.effective import EffectivePolicy, View
from policylint.findings import Fault, Place
from policylint.organization import Policy
from policylint.requirements import Value, expected, holds, judges_elements
from policylint.rules import Card, Rule, Selection
from policylint.selecting import Hit, Selector, Tree, at, document_tree, effective_tree, missing_place

WORDS = ("name", "value", "expected", "plan")
WORD = re.compile(r"\{(\w*)\}")


def rule_of(card: Card) -> Rule:
    """The rule of a card that has a selection."""
    if card.selection is None:
        raise ValueError(f"the card '{card.id}' selects nothing")
    return Rule(card, _check_of(card.selection))


def _check_of(selection: Selection) -> Callable[[Any], Iterator[Fault]]:
    compiled: list[Selector] = []  # when it is first needed: cards are read at every start

    def run(thing: Policy | View | EffectivePolicy) -> Iterator[Fault]:
        if not compiled:
            compiled.append(Selector(selection.select))
        view = thing.root if isinstance(thing, EffectivePolicy) else thing
        if isinstance(view, Policy):
            if view.document.value is None:
                return
            tree = document_tree(view.document)
        else:
            tree = effective_tree(view)
        plan = "" if isinstance(view, Policy) else view.name
        for hit in compiled[0].hits(tree):
            yield from _judged(selection, hit, tree, plan, view)

    return run


def _judged(selection: Selection, hit: Hit, tree: Tree, plan: str, view: Policy | View) -> Iterator[Fault]:
    keys = tuple(selection.below.split(".")) if selection.below else ()
    found = at(tree, hit.keys + keys) if keys else hit
    value = found.value if found else None
    field = keys[-1] if keys else hit.keys[-1] if hit.keys else ""
    if holds(selection.require, value, field):
        return
    if found is not None:
        place = _failing_place(selection.require, found, field)
    elif isinstance(view, View):
        place = missing_place(view, hit.keys, selection.below)
    else:
        place = hit.place
    words = {"name": hit.name, "value": _shown(value), "expected": expected(selection.require), "plan": plan}
    message = WORD.sub(lambda match: words.get(match[1], match[0]), selection.message)
    subject = tuple(filter(None, (plan, hit.name if hit.keys and "{name}" in selection.message else "")))
    yield Fault(place, message if message.endswith((".", "!", "?")) else message + ".", subject=subject)


def _failing_place(require: Mapping[str, Any], found: Hit, field: str) -> Place:
    """The line of the first element of a list that alone would fail, else that of the whole."""
    if isinstance(found.value, tuple) and found.elements and judges_elements(require):
        for element, place in zip(found.value, found.elements, strict=True):
            if not holds(require, element, field):
                return place
    return found.place


def _shown(value: Value) -> str:
    return "nothing" if value is None else value if isinstance(value, str) else ", ".join(value)
