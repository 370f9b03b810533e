"""The effective policies of an organization as tables for the page: each distinct node once, whatever the accounts.

A location is `[policy, line]`, the policy an index into the page's list; several locations are flat in one list.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policylint import (
    Cause,
    EffectivePolicy,
    Inheritance,
    Level,
    Node,
    Origin,
    Place,
    Policy,
    State,
    StoryEvent,
    Value,
    overruled,
    printable,
    verdict,
)
from policylint.defaults import defaults_of, is_shown
from policylint.operators import ASSIGN, OPERATOR_NAMES
from policylint.policy_types.shape import member

Json = dict[str, Any]
AWS_DEFAULT = -1  # represents the policy in the location of a value that nobody wrote


class PolicyTables:
    """Collects nodes, levels and effective policies over all policy types.

    `nodes` are `[name, [indexes of nodes]]`, or `[name, value or values, spots]`: of a list a location for each element.
    `levels` are the distinct merges, each with the index of the level before it (-1: none) and what it overruled.
    """

    def __init__(self, policies: Iterable[Policy]) -> None:
        self.nodes: list[list[Any]] = []
        self.levels: list[Json] = []
        self.indexes = {id(policy): index for index, policy in enumerate(policies)}
        self._nodes: dict[int, int] = {}  # by the state's identity: states live as long as what was merged
        self._levels: dict[int, int] = {}
        self._lines: dict[tuple[int, str], int] = {}

    def add(self, inheritance: Inheritance, policies: list[EffectivePolicy]) -> list[Json]:
        """The effective policies of one type: the root's node, the last level, and the accounts as flat ranges."""
        for level in inheritance.levels:
            if level.after is not level.before:
                self._levels[id(level.after)] = len(self.levels)
                self.levels.append(self._level(level))
        shape = inheritance.policy_type.outermost
        return [
            {
                "node": self._node("", policy.state, shape),
                "level": self._levels.get(id(policy.state), -1),
                "accounts": [index for span in sorted(policy.account_ranges) for index in span],
            }
            for policy in policies
        ]

    def node_of(self, state: State) -> int:
        """The index of a state's node; it has been added before."""
        return self._nodes[id(state)]

    # ---- nodes ---------------------------------------------------------------------------------------------

    def _node(self, name: str, state: State, shape: Node | None) -> int:
        known = self._nodes.get(id(state))
        if known is None:
            known = self._nodes[id(state)] = self._new(self._row(name, state, shape))
        return known

    def _new(self, row: list[Any]) -> int:
        self.nodes.append(row)
        return len(self.nodes) - 1

    def _row(self, name: str, state: State, shape: Node | None) -> list[Any]:
        if state.value is not None:
            return [printable(name), _shown(state.value), self._origins(state.origins, state.value)]
        shown = {below: child for below, child in state.children.items() if is_shown(shape, below, child)}
        nodes = [self._node(below, child, member(shape, below)) for below, child in shown.items()]
        for field, value in defaults_of(shape, name).items():
            if field not in shown:
                nodes.append(self._new([printable(field), _shown(value), [AWS_DEFAULT, 0] * len(_texts(value))]))
        return [printable(name), nodes]

    def _origins(self, origins: Iterable[Origin], value: Value) -> list[int]:
        spots: list[int] = []
        for one, origin in zip(_texts(value), origins, strict=False):
            element = one if isinstance(value, tuple) else None
            spots += self._spot(origin.fragment.policy, origin.fragment.operator_place(origin.operator, element))
        return spots

    # ---- levels --------------------------------------------------------------------------------------------

    def _level(self, level: Level) -> Json:
        return {
            "before": self._levels.get(id(level.before), -1),
            "policies": [self.indexes[id(policy)] for policy in level.policies],
            "overruled": [self._overruled(event) for event in overruled(level)],
        }

    def _overruled(self, event: StoryEvent) -> Json:
        """What had no effect, or has none any longer: where it is, the values, who gave them, why, and by whom."""
        own = self._spot(event.policy, event.place) if event.place else []
        if event.kind == "applied":
            reason = "replaced by" if event.operator == OPERATOR_NAMES[ASSIGN] else "removed by"
            return _told(event, event.lost, self._spots(event.givers), reason, own)
        operator = "" if event.operator == OPERATOR_NAMES[ASSIGN] else event.operator
        told = _told(event, event.values, own, verdict(event, places=False), self._spots(event.by))
        return {**told, "operator": operator}

    def _spots(self, causes: Iterable[Cause]) -> list[int]:
        return [index for cause in causes for index in self._spot(cause.policy, cause.place)]

    def _spot(self, policy: Policy, place: Place) -> list[int]:
        key = (id(place.document), place.pointer + place.part)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = place.document.position(place.stretch.start).line
        return [self.indexes[id(policy)], line]


def _told(event: StoryEvent, values: Value | None, given: list[int], reason: str, by: list[int]) -> Json:
    return {
        "path": [printable(name) for name in event.path],
        "values": None if values is None else [printable(value) for value in _texts(values)],
        "from": given,
        "reason": printable(reason),
        "by": by,
    }


def _texts(value: Value | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _shown(value: Value) -> str | list[str]:
    return [printable(one) for one in value] if isinstance(value, tuple) else printable(value)
