"""Lists of which nothing is left."""

from __future__ import annotations

from collections.abc import Iterator

from policylint import Container, Fault, Fragment, Level, Node, Related, State, check, fragment_of
from policylint.operators import REMOVE
from policylint.policy_types.shape import Setting


@check("list-emptied")
def list_emptied(level: Level) -> Iterator[Fault]:
    """Removals that leave an inherited list empty; where AWS withholds the policy for it, another rule says so."""
    for policy in level.policies:
        root = fragment_of(policy)
        waiting: list[tuple[Fragment, State, State, Node | None]] = []
        if root:
            waiting.append((root, level.before, level.after, Container({policy.type.top_key: policy.type.content})))
        while waiting:
            fragment, before, after, shape = waiting.pop()
            if fragment.remove and before.value and after.value == () and not _needs_values(shape):
                instead = " If you want that, assign an empty list." if _may_be_empty(shape) else ""
                message = f"'{fragment.name}' is empty after this removal. Keep a value.{instead}"
                givers = dict.fromkeys(origin.fragment for origin in before.origins)
                related = tuple(Related(giver.key_place(), "gave values") for giver in givers)
                yield Fault(fragment.operator_place(REMOVE), message, related)
            for name, child in fragment.children.items():
                if name in before.children and name in after.children:
                    below = shape.fields.get(name, shape.entry) if isinstance(shape, Container) else None
                    waiting.append((child, before.children[name], after.children[name], below))


def _needs_values(shape: Node | None) -> bool:
    return isinstance(shape, Setting) and shape.at_least > 0


def _may_be_empty(shape: Node | None) -> bool:
    return not isinstance(shape, Setting) or "@@assign" in shape.empty
