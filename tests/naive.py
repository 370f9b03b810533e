"""A second merge, naive on purpose: for each account from the root, in plain dictionaries."""

from __future__ import annotations

from typing import Any

OPERATORS = {"@@assign", "@@append", "@@remove"}
CONTROL = "@@operators_allowed_for_child_policies"
MEMBERS = {"@@all": OPERATORS, "@@none": set(), **{name: {name} for name in OPERATORS}}


def effective(levels: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """The effective policy of documents given level by level, peers in attachment order."""
    values: dict[str, Any] = {}
    allowed: dict[str, set[str]] = {}
    seen: set[str] = set()
    for peers in levels:
        flat = [flatten(peer, "", set(seen), allowed) for peer in peers]
        for path in dict.fromkeys(path for document in flat for path in document):
            may = allowed.get(path, OPERATORS)
            given = [document[path] for document in flat if path in document]
            assigns = [setting["@@assign"] for setting in given if "@@assign" in setting and "@@assign" in may]
            if assigns:
                values[path] = assigns[0] if isinstance(assigns[0], str) else list(assigns[0])
            for value in [v for s in given if "@@append" in may for v in s.get("@@append", [])]:
                values[path] = values.get(path, [])
                if value not in values[path]:
                    values[path].append(value)
            for value in [v for s in given if "@@remove" in may for v in s.get("@@remove", [])]:
                if path in values:
                    values[path] = [v for v in values[path] if v != value]
        for document in flat:
            for path, setting in document.items():
                seen.update(path.rsplit("/", n)[0] for n in range(path.count("/") + 1))
                if CONTROL in setting:
                    own = set().union(*(MEMBERS[member] for member in setting[CONTROL]))
                    allowed[path] = allowed.get(path, OPERATORS) & own
    return nest(values)


def flatten(node: dict[str, Any], path: str, seen: set[str], allowed: dict[str, set[str]]) -> dict[str, Any]:
    """Every node by its path, without the new entries that a lock on their container keeps out."""
    found = {path: {key: value for key, value in node.items() if key.startswith("@@")}}
    for key, value in node.items():
        below = f"{path}/{key}"
        locked = "@@append" not in allowed.get(path, OPERATORS) and below not in seen
        if not key.startswith("@@") and not locked:
            found.update(flatten(value, below, seen, allowed))
    return found


def nest(values: dict[str, Any]) -> dict[str, Any]:
    """Paths back to nested objects."""
    result: dict[str, Any] = {}
    for path, value in values.items():
        *parents, last = path.strip("/").split("/")
        node = result
        for name in parents:
            node = node.setdefault(name, {})
        node[last] = value
    return result
