"""What AWS fills into an effective policy where no policy sets it, and what it keeps though nothing is in it.

The shapes of a policy type say both: `Setting.default` and `Container.keeps_empty`.
Source: docs/aws-behaviour.md, "The effective policy".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

from policylint.policy_types.shape import ENTRY_NAME, Container, Node, Setting, member

Value = str | tuple[str, ...]


class State(Protocol):
    """A node of a merged policy, as far as it is looked at here."""

    @property
    def children(self) -> Mapping[str, State]: ...
    @property
    def value(self) -> Value | None: ...
    @property
    def rendered(self) -> bool: ...


NOTHING: Mapping[str, Value] = {}


def is_shown(above: Node | None, name: str, state: State) -> bool:
    """Whether AWS shows a node, the member `name` of the shape `above`: also one that is kept without content."""
    if state.rendered or not isinstance(above, Container):
        return state.rendered
    if above.keeps_empty and name not in above.fields:
        return True
    below = member(above, name)
    return isinstance(below, Container) and below.keeps_empty and bool(state.children)


def shown_at(root: State, shape: Node | None, path: tuple[str, ...]) -> State | None:
    """The node at a path of names, if AWS shows it and all on the way to it."""
    state: State | None = root
    for name in path:
        state = state.children.get(name) if state else None
        if state is None or not is_shown(shape, name, state):
            return None
        shape = member(shape, name)
    return state


@lru_cache(maxsize=1024)
def _defaults(shape: Container) -> Mapping[str, object]:
    found = {name: node.default for name, node in shape.fields.items() if isinstance(node, Setting)}
    # The last field first: so they have always been in the output.
    return {name: default for name, default in reversed(found.items()) if default is not None} or NOTHING


def defaults_of(shape: Node | None, name: str) -> Mapping[str, Value]:
    """What AWS fills into a container called `name`, by field."""
    found = _defaults(shape) if isinstance(shape, Container) else NOTHING
    return {field: name if given is ENTRY_NAME else given for field, given in found.items()} if found else NOTHING  # type: ignore[misc]


@lru_cache(maxsize=1024)
def adds_anything(shape: Node | None) -> bool:
    """Whether there is something to fill in or to keep in a node of this shape, or below it."""
    if not isinstance(shape, Container):
        return False
    return bool(shape.keeps_empty or _defaults(shape) or any(map(adds_anything, (*shape.fields.values(), shape.entry))))


def fill_in(content: dict[str, Any], state: State, shape: Container) -> None:
    """Add to a rendered node, and to all that is rendered below, what AWS shows there next to the values of policies."""
    for name, child in state.children.items():
        below = member(shape, name)
        if child.value is not None or not isinstance(below, Container) or not is_shown(shape, name, child):
            continue  # of what a placeholder represents, nobody knows what is in it
        kept = below.keeps_empty or (shape.keeps_empty and name not in shape.fields)
        if not kept and not adds_anything(below):
            continue
        rendered = content.setdefault(name, {})
        fill_in(rendered, child, below)
        for field, value in defaults_of(below, name).items():
            rendered.setdefault(field, list(value) if isinstance(value, tuple) else value)
