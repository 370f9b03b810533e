"""The merge: the policies along a path from the root to an account become one state.

AWS's rules and the evidence for each are described in docs/aws-behaviour.md. States are persistent: a level copies only
the nodes that it changes and shares the rest with its parent, and the same (parent state, attached policies)
is merged once, so the work follows the distinct policies and not the accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from policylint.fragments import Fragment, Value, fragment_of
from policylint.operators import ALL, APPEND, ASSIGN, REMOVE
from policylint.organization import Policy, Target

ContainerLocks = Literal["entries", "subtree"]
Range = tuple[int, int]


class Origin(NamedTuple):
    """Which policy's operator gave a value."""

    fragment: Fragment
    operator: int


class State:
    """A node of a merged policy: a container's children or a setting's value, and what children may do to it.

    `origins` holds one origin for a single value and one for each element of a list; of an empty list the operator
    that left nothing in it. `allowed` are the operators
    left to lower levels, `controls` the fragments that narrowed them, `writers` the fragments that gave values
    here or below. `rendered` says whether the node shows in the effective policy: empty containers vanish.
    """

    __slots__ = ("allowed", "children", "controls", "origins", "rendered", "value", "writers")

    def __init__(
        self,
        children: Mapping[str, State],
        value: Value | None,
        origins: tuple[Origin, ...],
        allowed: int,
        controls: tuple[Fragment, ...],
        writers: tuple[Fragment, ...],
    ) -> None:
        self.children = children
        self.value = value
        self.origins = origins
        self.allowed = allowed
        self.controls = controls
        self.writers = writers
        # Writers alone do not show it: locks or removals may have left nothing.
        self.rendered: bool = value is not None or (
            bool(writers) and any(child.rendered for child in children.values())
        )


FEW = 8  # values that are looked through faster than they are put into a set
EMPTY = State(MappingProxyType({}), None, (), ALL, (), ())

EventKind = Literal["locked", "shadowed", "replaced", "not-inherited", "already-there", "applied"]


class Event(NamedTuple):
    """Something a reader of the merge wants to know. `operator` is None for a whole new entry.

    `values` are those concerned (for `replaced` the values that were overwritten), `by` the fragments that
    are the reason: the controls, the peer that came first, or the givers of the overwritten values.
    """

    kind: EventKind
    fragment: Fragment
    operator: int | None
    values: Value | None
    by: tuple[Fragment, ...]


class Level:
    """One distinct merge: the same policies attached below the same state, at one target or at many."""

    __slots__ = ("after", "before", "events", "policies", "targets")

    def __init__(self, policies: tuple[Policy, ...], before: State, after: State, events: list[Event]) -> None:
        self.policies = policies
        self.before = before
        self.after = after
        self.events = events
        self.targets: list[Target] = []

    @property
    def account_ranges(self) -> list[Range]:
        """The half-open ranges of account indexes below the targets."""
        return [target.account_range for target in self.targets]


class Merger:
    """Merges levels of one policy type; remembers fragments and merges.

    `container_locks` picks the reading of a control on a container that AWS leaves open: "entries" (it governs
    which entries children may add) or "subtree" (it covers everything below as well).
    """

    def __init__(self, container_locks: ContainerLocks = "entries", *, verbose: bool = False) -> None:
        self.subtree = container_locks == "subtree"
        self.verbose = verbose  # record what was applied too, for explain
        self.levels: dict[tuple[int, tuple[int, ...]], Level] = {}
        self.additions: dict[Fragment, tuple[State, list[Event]]] = {}

    def level(self, before: State, policies: tuple[Policy, ...]) -> Level:
        """The merge of peer policies, in attachment order, into the state of the parent level."""
        key = (id(before), tuple(id(policy) for policy in policies))
        level = self.levels.get(key)
        if level is None:
            events: list[Event] = []
            fragments = [f for f in map(fragment_of, policies) if f is not None]
            after = self._merge(before, fragments, ALL, (), events) if fragments else before
            level = self.levels[key] = Level(policies, before, after, events)
        return level

    def _merge(
        self, old: State, peers: list[Fragment], above: int, lockers: tuple[Fragment, ...], events: list[Event]
    ) -> State:
        allowed = old.allowed & above
        controls = old.controls + lockers
        value, origins = old.value, old.origins
        if any(peer.written for peer in peers):
            value, origins = self._assign(value, origins, peers, allowed, controls, events)
            value, origins = self._append(value, origins, peers, allowed, controls, events)
            value, origins = self._remove(value, origins, peers, allowed, controls, events)
        below, down = (allowed, controls) if self.subtree else (ALL, ())
        children = self._children(old, peers, allowed, controls, below, down, events)
        # Only now: a control binds the levels below, never the peers next to it.
        narrowed, new_controls = old.allowed, old.controls
        for peer in peers:
            if peer.control is not None:
                narrowed &= peer.control
                new_controls += (peer,)
        writers = old.writers + tuple(peer for peer in peers if peer.has_values)
        return State(children, value, origins, narrowed, new_controls, writers)

    def _children(
        self,
        old: State,
        peers: list[Fragment],
        allowed: int,
        controls: tuple[Fragment, ...],
        below: int,
        down: tuple[Fragment, ...],
        events: list[Event],
    ) -> Mapping[str, State]:
        groups: dict[str, list[Fragment]] = {}
        for peer in peers:
            for name, child in peer.children.items():
                groups.setdefault(name, []).append(child)
        if not groups:
            return old.children
        children = dict(old.children)
        for name, group in groups.items():
            known = children.get(name)
            if known is None and not allowed & APPEND:
                # A new entry is an addition to its container.
                reason = _without(controls, APPEND)
                events.extend(Event("locked", child, None, None, reason) for child in group)
                continue
            if known is not None:
                children[name] = self._merge(known, group, below, down, events)
            elif len(group) > 1:  # what is inside an addition is part of it
                children[name] = self._merge(EMPTY, group, ALL, (), events)
            else:
                children[name] = self._addition(group[0], events)
        return children

    def _addition(self, fragment: Fragment, events: list[Event]) -> State:
        """A new entry of one policy: it is the same wherever the policy is attached, so it is merged once."""
        if fragment not in self.additions:
            own: list[Event] = []
            self.additions[fragment] = (self._alone(fragment, own), own)
        state, own = self.additions[fragment]
        events.extend(own)
        return state

    def _alone(self, fragment: Fragment, events: list[Event]) -> State:
        """What one fragment makes of nothing: nobody locks it, and it gets what it assigns.

        Most of every organization is merged here, in a third of the time; the tests hold it against `_merge`.
        """
        if self.verbose or fragment.append or fragment.remove:
            return self._merge(EMPTY, [fragment], ALL, (), events)
        children: Mapping[str, State] = EMPTY.children
        if fragment.children:
            children = {name: self._alone(child, events) for name, child in fragment.children.items()}
        value = fragment.assign
        count = 0 if value is None else len(value) or 1 if isinstance(value, tuple) else 1
        controlled = fragment.control is not None
        return State(
            children,
            value,
            (Origin(fragment, ASSIGN),) * count,
            fragment.control if fragment.control is not None else ALL,
            (fragment,) if controlled else (),
            (fragment,) if fragment.has_values else (),
        )

    def _assign(
        self,
        value: Value | None,
        origins: tuple[Origin, ...],
        peers: list[Fragment],
        allowed: int,
        controls: tuple[Fragment, ...],
        events: list[Event],
    ) -> tuple[Value | None, tuple[Origin, ...]]:
        first: Fragment | None = None
        for peer in peers:
            if peer.assign is None:
                continue
            if not allowed & ASSIGN:
                events.append(Event("locked", peer, ASSIGN, peer.assign, _without(controls, ASSIGN)))
            elif first is not None:
                events.append(Event("shadowed", peer, ASSIGN, peer.assign, (first,)))
            else:
                first = peer
        if first is None or first.assign is None:
            return value, origins
        if value is not None and value != first.assign:
            events.append(Event("replaced", first, ASSIGN, value, _givers(origins)))
        self._applied(first, ASSIGN, first.assign, events)
        count = len(first.assign) or 1 if isinstance(first.assign, tuple) else 1
        return first.assign, (Origin(first, ASSIGN),) * count

    def _append(
        self,
        value: Value | None,
        origins: tuple[Origin, ...],
        peers: list[Fragment],
        allowed: int,
        controls: tuple[Fragment, ...],
        events: list[Event],
    ) -> tuple[Value | None, tuple[Origin, ...]]:
        for peer in peers:
            if not peer.append:
                continue
            if not allowed & APPEND:
                events.append(Event("locked", peer, APPEND, peer.append, _without(controls, APPEND)))
                continue
            present = value if isinstance(value, tuple) else () if value is None else (value,)
            held = set(present) if len(present) > FEW else present
            new = tuple(dict.fromkeys(v for v in peer.append if v not in held))
            known = tuple(v for v in peer.append if v in held)
            if known:
                said = set(known)
                givers = tuple(o.fragment for v, o in zip(present, origins, strict=False) if v in said)
                events.append(Event("already-there", peer, APPEND, known, givers))
            if new:
                self._applied(peer, APPEND, new, events)
            value = present + new
            origins = (origins if present else ()) + (Origin(peer, APPEND),) * len(new)
        return value, origins

    def _remove(
        self,
        value: Value | None,
        origins: tuple[Origin, ...],
        peers: list[Fragment],
        allowed: int,
        controls: tuple[Fragment, ...],
        events: list[Event],
    ) -> tuple[Value | None, tuple[Origin, ...]]:
        for peer in peers:
            if not peer.remove:
                continue
            if not allowed & REMOVE:
                events.append(Event("locked", peer, REMOVE, peer.remove, _without(controls, REMOVE)))
                continue
            present = value if isinstance(value, tuple) else ()
            held = set(present) if len(present) > FEW else present
            gone = tuple(v for v in peer.remove if v in held)
            absent = tuple(v for v in peer.remove if v not in held)
            if absent:
                events.append(Event("not-inherited", peer, REMOVE, absent, ()))
            if gone:
                self._applied(peer, REMOVE, gone, events)
                taken = set(gone)
                kept = [(v, o) for v, o in zip(present, origins, strict=True) if v not in taken]
                value = tuple(v for v, _ in kept)
                origins = tuple(o for _, o in kept) or (Origin(peer, REMOVE),)
        return value, origins

    def _applied(self, peer: Fragment, operator: int, values: Value, events: list[Event]) -> None:
        if self.verbose:
            events.append(Event("applied", peer, operator, values, ()))


def _without(controls: tuple[Fragment, ...], operator: int) -> tuple[Fragment, ...]:
    return tuple(c for c in controls if c.control is not None and not c.control & operator)


def _givers(origins: tuple[Origin, ...]) -> tuple[Fragment, ...]:
    return tuple(dict.fromkeys(origin.fragment for origin in origins))
