"""One policy made ready for the merge: names folded, scalars as text, operators with their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from policylint.findings import Place
from policylint.operators import APPEND, ASSIGN, CONTROL, CONTROL_MEMBERS, REMOVE, VALUE_OPERATORS
from policylint.organization import Policy, kept_with_policy
from policylint.places import join
from policylint.policy_types.shape import Container, Node, Setting
from policylint.reading import reading
from policylint.scalars import is_placeholder, text_of

Value = str | tuple[str, ...]
NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Fragment:
    """What one policy says about one node: its children or its operators, and its child control.

    `name` is spelt as in the document once it is fixed, `folded` in lower case. `control` holds the operators that child policies may use, as bits; None when
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

    def __init__(self, policy: Policy, name: str, parent: Fragment | None) -> None:
        self.policy = policy
        self.name = name
        self.folded = name.lower()
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
    def names(self) -> tuple[str, ...]:
        """The names down to the node, folded to lower case, as states of the merge know it."""
        return (*self.parent.names, self.folded) if self.parent else ()

    @property
    def path(self) -> str:
        """The names down to the node with slashes between."""
        return "/".join(self.names)

    @property
    def pointer(self) -> str:
        """The JSON pointer of the node in the document; put together for the few that somebody asks for."""
        return self._origin(self._pointer)

    @property
    def _pointer(self) -> str:
        return join(self.parent._pointer, self.name) if self.parent else ""

    def _origin(self, pointer: str) -> str:
        """The pointer into the document of what is at a pointer once the document is fixed."""
        return reading(self.policy).origin(pointer)

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
        return Place(self.policy.document, self._origin(self._operator_pointer(operator, value)))

    def operator_key_place(self, operator: int | None) -> Place:
        """The place of an operator's name (None: that of the child control)."""
        return Place(self.policy.document, self._origin(self._operator_pointer(operator)), "key")

    def _operator_pointer(self, operator: int | None, value: str | None = None) -> str:
        if operator not in self.written:
            return self._pointer
        pointer = join(self._pointer, self.written[operator]) if self.written[operator] else self._pointer
        values = self.values(operator) if operator is not None else None
        if value is not None and isinstance(values, tuple) and value in values:
            pointer = join(pointer, str(values.index(value)))
        return pointer

    @property
    def is_as_written(self) -> bool:
        """Whether the node's names and values are those of the document, to which no fix was applied."""
        return not reading(self.policy).places


@kept_with_policy
def fragment_of(policy: Policy) -> Fragment | None:
    """The policy's document as a fragment, made once; None when it holds no object (a broken or empty file).

    A document that AWS rejects is read with the safe fixes applied (see reading.py). What they make no sense of is left
    out: an unknown field, a value of the wrong kind.
    """
    content = reading(policy).value
    if not isinstance(content, dict):
        return None
    root = Fragment(policy, "", None)
    top = policy.type.top_key.lower()
    for key, value in content.items():
        folded = key.lower()
        if folded == CONTROL:
            _read_control(root, key, value)
        elif folded == top and isinstance(value, dict):
            root.children = {folded: _read(root, key, value, policy.type.content)}
    root.has_values = any(child.has_values for child in root.children.values())
    root.has_controls |= any(child.has_controls for child in root.children.values())
    return root


def _read(parent: Fragment, key: str, value: dict[str, Any], shape: Node | None) -> Fragment:
    fragment = Fragment(parent.policy, key, parent)
    children: dict[str, Fragment] = {}
    for name, item in value.items():
        folded = name.lower()
        if folded in VALUE_OPERATORS:
            if not isinstance(shape, Container) or shape.open:
                _read_operator(fragment, VALUE_OPERATORS[folded], name, item, shape)
        elif folded == CONTROL:
            _read_control(fragment, name, item)
        elif not folded.startswith("@@") and _belongs(folded, shape):
            below = shape.fields.get(folded, shape.entry) if isinstance(shape, Container) else None
            child = _read_member(fragment, name, item, below)
            if child is not None:
                children[folded] = child
                fragment.has_values |= child.has_values
                fragment.has_controls |= child.has_controls
    if children:
        fragment.children = children
        if isinstance(shape, Container) and shape.keeps_empty:
            _keep(fragment, shape)
    return fragment


def _keep(fragment: Fragment, shape: Container) -> None:
    # Even an empty entry gives values: AWS fills in its defaults.
    for name, child in fragment.children.items():
        if name not in shape.fields:
            child.has_values = fragment.has_values = True


def _belongs(name: str, shape: Node | None) -> bool:
    """Whether AWS knows a field of this name here, or takes any."""
    if isinstance(shape, Container):
        return shape.open or shape.entry is not None or name in shape.fields
    return shape is None


def _read_member(fragment: Fragment, name: str, item: Any, shape: Node | None) -> Fragment | None:
    if isinstance(item, dict):
        return _read(fragment, name, item, shape)
    if not isinstance(item, str) or not is_placeholder(item):
        return None
    # It may represent all that belongs here: nobody knows what it holds, but not that it is missing.
    child = Fragment(fragment.policy, name, fragment)
    _read_operator(child, ASSIGN, "", item, None)
    return child


def _read_operator(fragment: Fragment, operator: int, name: str, item: Any, shape: Node | None) -> None:
    values = _values(operator, item, shape)
    if values is None:
        return
    if operator == ASSIGN:
        fragment.assign = values
    elif isinstance(values, tuple):
        if operator == APPEND:
            fragment.append = values
        else:
            fragment.remove = values
    fragment.written = {**fragment.written, operator: name}
    fragment.has_values = True


def _values(operator: int, item: Any, shape: Node | None) -> Value | None:
    """What an operator gives; None where that is of another kind than its setting takes."""
    multi = isinstance(shape, Setting) and shape.multi
    single = isinstance(shape, Setting) and not multi
    if isinstance(item, dict) or (single and (operator != ASSIGN or isinstance(item, list))):
        return None
    if isinstance(item, list):
        values = tuple(_text(one) for one in item if not isinstance(one, dict | list))
        return values if values or not item else None
    text = _text(item)
    if multi:
        return (text,) if isinstance(item, str) and is_placeholder(item) else None  # it may represent the list
    return text if operator == ASSIGN else (text,)


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
