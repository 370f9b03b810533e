"""One policy made ready for the merge: names folded, scalars as text, operators with their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from policylint.document import is_placeholder, join, text_of
from policylint.findings import Place
from policylint.organization import Policy
from policylint.policy_types.shape import Container, Node, Setting, field_meant

ASSIGN, APPEND, REMOVE = 1, 2, 4
ALL = ASSIGN | APPEND | REMOVE
NONE = 0

VALUE_OPERATORS = {"@@assign": ASSIGN, "@@append": APPEND, "@@remove": REMOVE}
OPERATOR_NAMES = {bit: name for name, bit in VALUE_OPERATORS.items()}
CONTROL = "@@operators_allowed_for_child_policies"
CONTROL_MEMBERS = {**VALUE_OPERATORS, "@@all": ALL, "@@none": NONE}

Value = str | tuple[str, ...]
NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Fragment:
    """What one policy says about one node: its children or its operators, and its child control.

    `name` is spelt as in the document, `folded` as AWS would have it. `control` holds the operators that child policies may use, as bits; None when
    the policy sets no control here. `has_values` and `has_controls` speak of this node and all below it.
    """

    __slots__ = (
        "append",
        "assign",
        "children",
        "control",
        "folded",
        "has_controls",
        "has_values",
        "name",
        "parent",
        "policy",
        "remove",
        "written",
    )

    def __init__(self, policy: Policy, name: str, parent: Fragment | None, folded: str = "") -> None:
        self.policy = policy
        self.name = name
        self.folded = folded or name.lower()
        self.parent = parent
        self.children: Mapping[str, Fragment] = NOTHING
        self.assign: Value | None = None
        self.append: tuple[str, ...] | None = None
        self.remove: tuple[str, ...] | None = None
        self.control: int | None = None
        self.written: Mapping[int | None, str] = NOTHING  # operator bit (None: the control) -> its spelling
        self.has_values = False
        self.has_controls = False

    @property
    def path(self) -> str:
        """The names down to the node, folded to lower case, with slashes between."""
        above = self.parent.path if self.parent else ""
        return f"{above}/{self.folded}" if above else self.folded

    @property
    def pointer(self) -> str:
        """The JSON pointer of the node in the document; put together for the few that somebody asks for."""
        return join(self.parent.pointer, self.name) if self.parent else ""

    def walk(self) -> Iterator[Fragment]:
        """This fragment and all below it, parents first."""
        waiting = [self]
        while waiting:
            fragment = waiting.pop()
            yield fragment
            if fragment.children:
                waiting.extend(reversed(list(fragment.children.values())))

    def values(self, operator: int) -> Value | None:
        """The values that this policy gives with an operator; None when it does not use it."""
        return {ASSIGN: self.assign, APPEND: self.append, REMOVE: self.remove}[operator]

    def key_place(self) -> Place:
        """The place of the node's name."""
        return Place(self.policy.document, self.pointer, "key")

    def operator_place(self, operator: int | None, value: str | None = None) -> Place:
        """The place of an operator's value (None: of the child control), or of one element of its list."""
        if operator not in self.written:
            return Place(self.policy.document, self.pointer)
        pointer = join(self.pointer, self.written[operator]) if self.written[operator] else self.pointer
        values = self.values(operator) if operator is not None else None
        if value is not None and isinstance(values, tuple) and value in values:
            pointer = join(pointer, str(values.index(value)))
        return Place(self.policy.document, pointer)


@lru_cache(maxsize=8192)
def fragment_of(policy: Policy) -> Fragment | None:
    """The policy's document as a fragment, made once; None when it holds no object (a broken or empty file).

    Lenient on purpose: a document that AWS would refuse (the syntax rules say so) is read as its author
    meant it where that is plain, so that one slip does not drown the report in what follows from it.
    """
    if not isinstance(policy.document.value, dict):
        return None
    root = Fragment(policy, "", None)
    top = policy.type.top_key.lower()
    for key, value in policy.document.value.items():
        folded = key.lower()
        if folded == CONTROL:
            _read_control(root, key, value)
        elif folded == top and isinstance(value, dict):
            root.children = {folded: _read(root, key, value, policy.type.content)}
    if policy.type.enum == "TAG_POLICY":
        _note_tag_rules(root)
    root.has_values = any(child.has_values for child in root.children.values())
    root.has_controls |= any(child.has_controls for child in root.children.values())
    return root


def _note_tag_rules(root: Fragment) -> None:
    # Even an empty rule gives values: AWS fills in its defaults.
    for tags in root.children.values():
        for rule in tags.children.values():
            rule.has_values = tags.has_values = True


def _read(parent: Fragment, key: str, value: dict[str, Any], shape: Node | None, folded: str = "") -> Fragment:
    fragment = Fragment(parent.policy, key, parent, folded)
    children: dict[str, Fragment] = {}
    for name, item in value.items():
        folded = name.lower()
        if folded in VALUE_OPERATORS:
            if isinstance(shape, Container) and not shape.open:
                continue  # AWS refuses it: a container has no value that its author could mean
            _read_operator(fragment, VALUE_OPERATORS[folded], name, item, shape)
        elif folded == CONTROL:
            _read_control(fragment, name, item)
        elif not folded.startswith("@@"):
            below = None
            if isinstance(shape, Container):
                below = shape.fields.get(folded, shape.entry)
                if below is None and (meant := field_meant(name, shape, fragment.policy.type)):
                    folded, below = meant, shape.fields[meant]
            child = _read_member(fragment, name, item, below, folded)
            if child is not None and (folded == name.lower() or folded not in children):
                children[folded] = child
                fragment.has_values |= child.has_values
                fragment.has_controls |= child.has_controls
    if children:
        fragment.children = children
    return fragment


def _read_member(fragment: Fragment, name: str, item: Any, shape: Node | None, folded: str) -> Fragment | None:
    if isinstance(item, dict):
        return _read(fragment, name, item, shape, folded)
    opaque = isinstance(item, str) and is_placeholder(item)
    if not (isinstance(shape, Setting) or opaque) or item is None:
        return None
    # A value without operator, which AWS refuses: its author meant to assign it. A placeholder may stand for all that
    # belongs here; nobody knows what it holds, but not that it is missing.
    child = Fragment(fragment.policy, name, fragment, folded)
    _read_operator(child, ASSIGN, "", item, shape)
    return child


def _read_operator(fragment: Fragment, operator: int, name: str, item: Any, shape: Node | None) -> None:
    multi = isinstance(shape, Setting) and shape.multi
    single = isinstance(shape, Setting) and not multi
    if isinstance(item, dict):
        return
    if isinstance(item, list):
        values: Value = tuple(_text(v) for v in item if not isinstance(v, dict | list))
        if single and values:
            values = values[0]
    else:
        values = _text(item)
    if isinstance(values, str) and (multi or operator != ASSIGN):
        values = (values,)
    if operator == ASSIGN:
        fragment.assign = values
    elif isinstance(values, tuple):
        if operator == APPEND:
            fragment.append = values
        else:
            fragment.remove = values
    fragment.written = {**fragment.written, operator: name}
    fragment.has_values = True


def _text(scalar: Any) -> str:
    return scalar if isinstance(scalar, str) else text_of(scalar)


def _read_control(fragment: Fragment, name: str, item: Any) -> None:
    members = [m.lower() for m in item if isinstance(m, str)] if isinstance(item, list) else []
    known = [CONTROL_MEMBERS[m] for m in members if m in CONTROL_MEMBERS]
    if known:
        fragment.control = 0
        for bits in known:
            fragment.control |= bits
        fragment.written = {**fragment.written, None: name}
        fragment.has_controls = True
