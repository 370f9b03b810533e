"""The operators of management policies, and the members of child controls, as bits."""

from __future__ import annotations

ASSIGN, APPEND, REMOVE = 1, 2, 4
ALL = ASSIGN | APPEND | REMOVE
NONE = 0

VALUE_OPERATORS = {"@@assign": ASSIGN, "@@append": APPEND, "@@remove": REMOVE}
OPERATOR_NAMES = {bit: name for name, bit in VALUE_OPERATORS.items()}
CONTROL = "@@operators_allowed_for_child_policies"
CONTROL_MEMBERS = {**VALUE_OPERATORS, "@@all": ALL, "@@none": NONE}
