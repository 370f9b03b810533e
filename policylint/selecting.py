"""Finds what a card's `select` (JSONPath) means in an effective policy or in a document, with the place of each hit.

Paths of names and `*` run on a plain walk; anything else on jsonpath-ng, over the rendered content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from policylint.document import Document
from policylint.effective import View
from policylint.findings import Place
from policylint.places import join
from policylint.requirements import Value
from policylint.scalars import text_of

NAME = r"[A-Za-z_@][\w@-]*"
PLAIN = re.compile(rf"\$(?:\.(?:{NAME}|\*)|\[(?:'[^']*'|\*)\])*")
PART = re.compile(rf"\.({NAME}|\*)|\[(?:'([^']*)'|(\*))\]")
QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`")
LONGEST = 500
MOST_STEPS = 20
MOST_UNIONS = 4
STEPS = {"Root", "This", "Fields", "Index", "Slice", "Wildcard", "Descendants"}
Keys = tuple[str, ...]


class SelectError(ValueError):
    """A path can't be used."""


class Hit(NamedTuple):
    """Something that a path selects: its name, its value (for a container the names inside), and its place."""

    name: str
    keys: Keys
    value: Value
    place: Place
    elements: tuple[Place, ...] = ()  # that of each element, where the value is a list


class Tree(NamedTuple):
    """What a path runs over: plain content, and what is at given keys of it."""

    content: Any
    hit: Callable[[Keys], Hit | None]


class Selector:
    """A path, compiled once. Raises SelectError."""

    def __init__(self, path: str) -> None:
        if len(path) > LONGEST:
            raise SelectError(f"the path has more than {LONGEST} characters.")
        self.sides: list[Any] = []  # of each '|': the names of a plain walk, or what jsonpath-ng makes of it
        sides = [path] if PLAIN.fullmatch(path) else _sides(path)
        for side in sides:
            if PLAIN.fullmatch(side):
                self.sides.append([next(filter(None, match.groups()), "") for match in PART.finditer(side)])
            else:
                self.sides.append(_compiled(side))
        if objection := _too_much([side for side in self.sides if not isinstance(side, list)]):
            raise SelectError(f"'{path}' {objection}.")

    def hits(self, tree: Tree) -> Iterator[Hit]:
        """What the path selects, in the order of the content, each once."""
        found = (keys for side in self.sides for keys in _found(side, tree.content))
        for keys in dict.fromkeys(found):
            hit = tree.hit(keys)
            if hit is not None:
                yield hit


def _sides(path: str) -> list[str]:
    """The whole paths between which a path has '|'. jsonpath-ng reads `$.a | $.b` otherwise, and is to drop it and '&'."""
    masked = QUOTED.sub(lambda quoted: "_" * len(quoted[0]), path)
    if "&" in masked:
        raise SelectError(f"'{path}' has '&', which selects nothing in a card. Write one path, or several with '|'.")
    ends = [at for at, character in enumerate(masked) if character == "|"]
    if len(ends) > MOST_UNIONS:
        raise SelectError(f"'{path}' has more than {MOST_UNIONS} '|'.")
    sides = [path[start + 1 : end].strip() for start, end in zip([-1, *ends], [*ends, len(path)], strict=True)]
    if ends and not all(side.startswith("$") for side in sides):
        raise SelectError(
            f"'{path}' has '|' inside a path. Write a whole path that starts with '$' on each side, or $['a','b'] "
            f"for two names."
        )
    return sides


def _compiled(path: str) -> Any:
    """What jsonpath-ng makes of a path."""
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.parser import parse

    try:
        return parse(path)
    except JSONPathError as error:
        raise SelectError(f"'{path}' is not a JSONPath: {' '.join(str(error).split())}") from None
    except Exception as error:  # its lexer raises whatever comes up
        raise SelectError(f"'{path}' is not a JSONPath: {error}") from None


def _found(side: Any, content: Any) -> Iterator[Keys]:
    if not isinstance(side, list):
        yield from (tuple(_keys(match.full_path)) for match in side.find(content))
        return
    level: list[tuple[Keys, Any]] = [((), content)]
    for part in side:
        level = [((*keys, key), item) for keys, node in level for key, item in _members(node, part)]
    yield from (keys for keys, _ in level)


def _too_much(compiled: list[Any]) -> str:
    """What makes a path take longer than a card is worth; empty where nothing does."""
    kinds = [kind for side in compiled for kind in _steps(side)]
    odd = next((kind for kind in kinds if kind not in STEPS), "")
    if odd:
        return f"has a step of the kind '{odd}'; a card's path has names, '*', numbers, slices, '|' and one '..'"
    if len(kinds) > MOST_STEPS:
        return f"has more than {MOST_STEPS} steps"
    return "goes down with '..' more than once" if kinds.count("Descendants") > 1 else ""


def _steps(path: Any) -> Iterator[str]:
    """The kinds of a path's steps, as jsonpath-ng calls them."""
    kind = type(path).__name__.lstrip("_")
    if kind != "Child":
        yield kind
    if kind in ("Child", "Descendants"):
        yield from _steps(path.left)
        yield from _steps(path.right)


def at(tree: Tree, keys: Keys) -> Hit | None:
    """What is at these keys; None where nothing does."""
    node = tree.content
    for key in keys:
        if not isinstance(node, dict) or key not in node:
            return None
        node = node[key]
    return tree.hit(keys)


def _members(node: Any, part: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        if part == "*":
            yield from node.items()
        elif part in node:
            yield part, node[part]
    elif isinstance(node, list) and part == "*":
        yield from ((str(index), item) for index, item in enumerate(node))


def _keys(path: Any) -> Iterator[str]:
    """The keys of a match's full path, which jsonpath-ng builds from Root, Fields, Index and Child."""
    kind = type(path).__name__
    if kind == "Child":
        yield from _keys(path.left)
        yield from _keys(path.right)
    elif kind == "Fields":
        yield from path.fields
    elif kind == "Index":
        yield from map(str, path.indices)


# ---- over an effective policy ------------------------------------------------------------------------------


def effective_tree(view: View) -> Tree:
    """A node of an effective policy, rendered, with the lines that set its values."""

    def hit(keys: Keys) -> Hit | None:
        found: View | None = view
        for key in keys:
            if found is not None and isinstance(found.value, tuple):
                element = found.value[int(key)]
                return Hit(found.name, keys, element, found.element_place("", element))
            found = found.direct_child(key) if found else None
        if found is None:
            return None
        if isinstance(found.value, tuple):
            elements = tuple(found.element_place("", element) for element in found.value)
            return Hit(found.name, keys, found.value, found.place(), elements)
        value = found.value if found.value is not None else tuple(child.name for child in found.children())
        return Hit(found.name, keys, value, found.place())

    return Tree(view.content(), hit)


def missing_place(view: View, keys: Keys, field: str) -> Place:
    """Where a field that is missing below a hit would be."""
    found = view
    for key in keys:
        found = found.direct_child(key) or found
    return found.missing(field.replace(".", "/"))


# ---- over a document ---------------------------------------------------------------------------------------


def document_tree(document: Document) -> Tree:
    """A document as it is written, operators and all."""

    def hit(keys: Keys) -> Hit | None:
        node = document.value
        pointer = ""
        for key in keys:
            node = node[int(key)] if isinstance(node, list) else node[key]
            pointer = join(pointer, key)
        place = Place(document, pointer, "key" if isinstance(node, dict) else "value")
        elements = (
            tuple(Place(document, f"{pointer}/{index}") for index in range(len(node))) if isinstance(node, list) else ()
        )
        return Hit(keys[-1] if keys else "", keys, _value(node), place, elements)

    return Tree(document.value, hit)


def _value(node: Any) -> Value:
    if isinstance(node, dict):
        return tuple(node)
    if isinstance(node, list):
        return tuple("" if isinstance(item, dict | list) else text_of(item) for item in node)
    return text_of(node)
