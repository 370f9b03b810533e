"""Effective policies as rules and reports see them: views of the merged state, and AWS's rendering of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from policylint.defaults import adds_anything, fill_in
from policylint.errors import UnknownName
from policylint.findings import Place
from policylint.fragments import Fragment, Value
from policylint.inheritance import Inheritance, Resolution
from policylint.merge import Range, State
from policylint.organization import Account, Policy
from policylint.places import Location, locate, split_pointer
from policylint.policy_types.shape import INTEGER, PolicyType
from policylint.scalars import is_placeholder
from policylint.wording import counted, nearest, some_of

MOST_NAMED = 10  # of the names that there are


class View:
    """A node of an effective policy, for reading: its values, and the places that set them."""

    __slots__ = ("__weakref__", "_children", "_made", "folded", "node", "path")

    def __init__(self, node: State, path: str, folded: str, made: dict[int, View] | None = None) -> None:
        self.node = node
        self.path = path  # "plans/daily/rules/nightly", folded to lower case
        self.folded = folded
        self._children: list[View] | None = None
        # By the identity of the node, which many policies share: some forty checks look at each plan.
        self._made: dict[int, View] = {} if made is None else made

    @property
    def name(self) -> str:
        """The node's name as its first writer spells it."""
        writers = self.node.writers
        return writers[0].name if writers else self.folded

    @property
    def value(self) -> Value | None:
        """The setting's value: a text, or a tuple of texts for a list; None for a container."""
        return self.node.value

    def content(self) -> Any:
        """The node as AWS renders it: a text, a list, or an object with what is below."""
        return list(self.node.value) if isinstance(self.node.value, tuple) else self.node.value or _render(self.node)

    def __repr__(self) -> str:
        return f"View({self.path!r})"

    def __getitem__(self, path: str | tuple[str, ...]) -> View:
        """The node at a path below this one, such as `plans/daily/regions`. Raises UnknownName where there is none.

        Names that hold a slash come as a tuple of names, or in a JSON pointer.
        """
        found, names = self, _names_of(path)
        for position, name in enumerate(names):
            below = found.direct_child(name)
            if below is None:
                raise _unknown_node(found, "/".join(names), names[:position], name)
            found = below
        return found

    @property
    def location(self) -> Location:
        """Where the value was set, or a container first written; as a text path:line:column."""
        return locate(self.place())

    def child(self, path: str) -> View | None:
        """The node at a slash-separated path below this one; None where nothing is rendered there.

        Names that may hold a slash (ARNs) can't be reached by a path: use `children`.
        """
        found: View | None = self
        for name in path.split("/") if path else ():
            found = found.direct_child(name) if found else None
        return found

    def direct_child(self, name: str) -> View | None:
        """The rendered child of exactly this name, in any case."""
        name = name.lower()
        node = self.node.children.get(name)
        if node is None or not node.rendered:
            return None
        return self._made.get(id(node)) or self._below(name, node)

    def children(self, path: str = "") -> list[View]:
        """The rendered children of the node at a path, in the order in which they were first written.

        Those that are nothing but a placeholder are left out: nobody knows what is in them.
        """
        parent = self.child(path) if path else self
        if parent is None:
            return []
        if parent._children is None:
            below = parent.node.children.items()
            parent._children = [
                parent._made.get(id(node)) or parent._below(name, node)
                for name, node in below
                if node.rendered and not (isinstance(node.value, str) and is_placeholder(node.value))
            ]
        return list(parent._children)

    def _below(self, name: str, node: State) -> View:
        path = f"{self.path}/{name}" if self.path else name
        view = self._made[id(node)] = View(node, path, name, self._made)
        return view

    def get(self, path: str) -> Value | None:
        """The value of the setting at a path, or None."""
        node = self.node  # without a view on the way: checks read settings more often than anything else
        for name in path.split("/") if path else ():
            below = node.children.get(name.lower())
            if below is None or not below.rendered:
                return None
            node = below
        return node.value

    def number(self, path: str) -> int | None:
        """The value at a path as an integer; None where it is absent or is not written as AWS takes it."""
        value = self.get(path)
        return int(value) if isinstance(value, str) and INTEGER.fullmatch(value) else None

    def texts(self, path: str) -> tuple[str, ...]:
        """The values at a path as a tuple, also for a single value; empty where it is absent."""
        value = self.get(path)
        return value if isinstance(value, tuple) else () if value is None else (value,)

    def place(self, path: str = "") -> Place:
        """The place that set the value at a path; for a container its key, where it was first written."""
        found = self.child(path)
        if found is None:
            return self.missing(path)
        if found.node.origins:
            origin = found.node.origins[-1]
            return origin.fragment.operator_place(origin.operator)
        return found.node.writers[0].key_place() if found.node.writers else self.missing(path)

    def element_place(self, path: str, value: str) -> Place:
        """The place of one element of the list at a path."""
        found = self.child(path)
        values = found.node.value if found else None
        if found is None or not isinstance(values, tuple) or value not in values:
            return self.place(path)
        origin = found.node.origins[values.index(value)]
        return origin.fragment.operator_place(origin.operator, value)

    def missing(self, name: str) -> Place:
        """The key that should hold what is missing: of the nearest node that exists, where it was first written."""
        found: View = self
        for part in name.split("/")[:-1]:
            below = found.direct_child(part)
            if below is None:
                break
            found = below
        return found.node.writers[0].key_place()

    def writers(self) -> tuple[Fragment, ...]:
        """The fragments that gave values here or below, from the root downwards."""
        return self.node.writers

    def policies(self) -> tuple[Policy, ...]:
        """The policies that wrote values here or below, from the root downwards, also where a lock drops them."""
        return tuple(dict.fromkeys(writer.policy for writer in self.node.writers))


def _names_of(path: str | tuple[str, ...]) -> tuple[str, ...]:
    """The names of a path: one with slashes, a JSON pointer, or the names themselves."""
    if isinstance(path, tuple):
        return path
    return tuple(split_pointer(path) if path.startswith("/") else filter(None, path.split("/")))


def _unknown_node(above: View, path: str, way: tuple[str, ...], name: str) -> UnknownName:
    known = [child.folded for child in above.children()]
    near = nearest(name.lower(), known)
    there = f"There are {some_of(known, MOST_NAMED)}." if known else "Nothing is below."
    hint = f"Did you mean '{'/'.join((*way, near))}'?" if near else there
    return UnknownName(f"No policy sets '{path}' in this effective policy. {hint}", nearest=near)


class EffectivePolicy:
    """A distinct effective policy of one type, and the accounts that have it.

    `made` are the views of the policies that it shares nodes with.
    """

    def __init__(self, inheritance: Inheritance, resolution: Resolution, made: dict[int, View] | None = None) -> None:
        self.type: PolicyType = inheritance.policy_type
        self.inheritance = inheritance
        self.state = resolution.state
        self.account_ranges: list[Range] = resolution.account_ranges
        self._made: dict[int, View] = {} if made is None else made
        self.root = View(resolution.state, "", "", self._made)

    def __repr__(self) -> str:
        number = sum(stop - start for start, stop in self.account_ranges)
        return f"EffectivePolicy({self.type.folder!r}, {counted(number, 'account')})"

    def __getitem__(self, path: str | tuple[str, ...]) -> View:
        """The node at a path, such as `plans/daily/regions`. Raises UnknownName where no policy sets anything there."""
        return self.root[path]

    @property
    def accounts(self) -> Iterator[Account]:
        """The accounts that have this effective policy."""
        for start, stop in self.account_ranges:
            yield from self.inheritance.organization.accounts[start:stop]

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies that contribute values, from the root downwards."""
        return self.root.policies()

    @cached_property
    def top(self) -> View | None:
        """The node of the type's top key (`plans`, `tags`, …), if anything is rendered there."""
        name = self.type.top_key
        node = self.state.children.get(name) if self.type.content.keeps_empty else None
        if node is not None and node.writers:
            return View(node, name, name, self._made)  # entries that are all empty have nothing but their defaults
        return self.root.direct_child(name)

    def plans(self) -> list[View]:
        """The plans of a backup policy; for other types the entries below the top key."""
        return self.top.children() if self.top else []

    def content(self) -> dict[str, Any]:
        """The document as DescribeEffectivePolicy gives it in PolicyContent.

        Source: docs/aws-behaviour.md, "The effective policy".
        """
        content = _render(self.state)
        if adds_anything(self.type.outermost):
            fill_in(content, self.state, self.type.outermost)
        return content


def _render(node: State) -> dict[str, Any]:
    rendered: dict[str, Any] = {}
    for name, child in node.children.items():
        if isinstance(child.value, tuple):
            rendered[name] = list(child.value)
        elif child.value is not None:
            rendered[name] = child.value
        elif below := _render(child):
            rendered[name] = below
    return rendered


def effective_policies(inheritance: Inheritance) -> list[EffectivePolicy]:
    """The distinct effective policies of an organization for one type, in the order of their first account."""
    made: dict[int, View] = {}
    return [EffectivePolicy(inheritance, resolution, made) for resolution in inheritance.in_order]


def effective_policy(inheritance: Inheritance, account: Account) -> EffectivePolicy:
    """The effective policy of one account."""
    return EffectivePolicy(inheritance, inheritance.resolution_of(account))
