"""What AWS checks on one document when it is saved, driven by the shape of its policy type.

One walk over the document yields every problem with the rule that it breaks. Source: docs/aws-behaviour.md, "Admission".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from policylint.child_controls import control_faults
from policylint.cross_fields import Found, cross_faults
from policylint.findings import Fault, Fix, Place
from policylint.misplaced import home_of, misplaced, twice_wrapped
from policylint.operators import CONTROL, VALUE_OPERATORS
from policylint.organization import Policy, kept_with_policy
from policylint.places import join
from policylint.policy_types.shape import Container, Node, PolicyType, Setting, Values
from policylint.remedies import (
    deleted,
    in_list,
    in_operator,
    member_meant,
    operator_spelt,
    out_of_list,
    renamed,
    spelling_meant,
    wrapped,
)
from policylint.scalars import Placeholder, has_placeholder, is_placeholder, text_of
from policylint.setting_values import fits, is_in_order, mismatch, told_unlisted, unlisted, value_faults
from policylint.wording import counted, did_you_mean, nearest

OPEN = Container(open=True)


@kept_with_policy
def inspection(policy: Policy, at: datetime | None) -> dict[str, list[Fault]]:
    """The problems of one document by rule, found in one walk for all rules."""
    found: dict[str, list[Fault]] = {}
    for rule, fault in inspect(policy, at):
        found.setdefault(rule, []).append(fault)
    return found


def found_by(policy: Policy, rule: str, at: datetime | None = None) -> Iterator[Fault]:
    """The problems of one document that are reported under the id of a rule: what the check of such a rule yields."""
    yield from inspection(policy, at).get(rule, ())


def inspect(policy: Policy, at: datetime | None = None) -> Iterator[Found]:
    """The problems of one document. `at` is the moment of saving, by which schedules are judged."""
    value = policy.document.value
    if value is None and policy.document.problems:
        return
    yield from _size(policy)
    walk = _Walk(policy, at)
    if not isinstance(value, dict):
        yield walk.fault("wrong-top-key", "", "A policy must be an object. AWS rejects anything else.")
        return
    yield from walk.outermost(value)
    yield from walk.unfilled()


def _size(policy: Policy) -> Iterator[Found]:
    limit, size = policy.type.size_limit, len(policy.document.text)
    if limit is None or size <= limit:
        return
    # What counts is the JSON that reaches AWS; a YAML file becomes JSON on its way there.
    bare = len(json.dumps(policy.document.value, separators=(",", ":"), ensure_ascii=False, default=str))
    place = Place(policy.document)
    if bare > limit:
        message = (
            f"The document has {bare:,} characters without white space. AWS rejects more than {limit:,} for this "
            f"type. Split it into two policies."
        )
        yield "document-over-limit", Fault(place, message)
    elif not policy.document.is_yaml:
        message = (
            f"The document has {size:,} characters with white space, and {bare:,} without. AWS allows {limit:,}, "
            f"and only its console removes white space. Remove the white space before you send the document."
        )
        yield "white-space-over-limit", Fault(place, message)


class _Walk:
    def __init__(self, policy: Policy, at: datetime | None) -> None:
        self.policy = policy
        self.type: PolicyType = policy.type
        self.at = at
        self.placeholders: dict[str, str] = {}  # text: the pointer where it is first
        self.named: dict[str, Any] = {}
        self.folded: set[str] = set()

    def fault(self, rule: str, pointer: str, message: str, *, key: bool = False, fix: Fix | None = None) -> Found:
        return rule, Fault(Place(self.policy.document, pointer, "key" if key else "value"), message, fix=fix)

    def place(self, pointer: str) -> Place:
        return Place(self.policy.document, pointer)

    def names(self, value: dict[str, Any]) -> set[str]:
        """The names in an object, folded; kept until another object is asked about, for one may hold many problems."""
        if self.named is not value:
            self.named, self.folded = value, {key.lower() for key in value}
        return self.folded

    def outermost(self, value: dict[str, Any]) -> Iterator[Found]:
        top = self.type.top_key
        yield from self.same_names(value, "")
        if not any(key.lower() == top for key in value):
            message = (
                f"The document has no '{top}'. AWS rejects it, because every {self.type.title} has this top key. "
                f"Put the content below '{top}'."
            )
            yield self.fault("wrong-top-key", "", message)
        for key, item in value.items():
            folded, pointer = key.lower(), join("", key)
            if folded == top and (inner := twice_wrapped(item, self.type)):
                message = (
                    f"'{inner}' is inside another '{top}', like the name of an entry. AWS rejects the document. "
                    f"Remove one of them."
                )
                yield self.fault("wrong-top-key", join(pointer, inner), message, key=True)
                yield from self.node(item[inner], self.type.content, join(pointer, inner), inner)
            elif folded == top:
                yield from self.node(item, self.type.content, pointer, key)
            elif folded == CONTROL:
                yield from control_faults(self.place(pointer), item, self.type)
            elif folded in VALUE_OPERATORS:
                yield from self.outermost_operator(key, item, pointer)
            else:
                message = f"'{key}' is not allowed next to '{top}'. AWS rejects the document. Remove it."
                fix = member_meant(self.place(pointer), key, [top], self.names(value), "")
                yield self.fault("wrong-top-key", pointer, message, key=True, fix=fix)

    def outermost_operator(self, key: str, item: Any, pointer: str) -> Iterator[Found]:
        if isinstance(item, dict) or (isinstance(item, list) and any(isinstance(i, dict | list) for i in item)):
            yield self.fault(
                "operator-on-container", pointer, f"'{key}' is not allowed here. AWS rejects the document. Remove it."
            )
        else:
            message = f"'{key}' is next to the top key. AWS accepts it there and ignores it. Remove it."
            yield self.fault("ignored-operator", pointer, message, key=True, fix=deleted(self.place(pointer)))

    def node(self, value: Any, shape: Node, pointer: str, name: str) -> Iterator[Found]:
        if isinstance(value, Placeholder):
            self.placeholders.setdefault(value, pointer)
            return
        if not isinstance(value, dict):
            if isinstance(shape, Setting):
                yield self.missing_operator(name, pointer, in_operator(self.place(pointer), value, shape))
                yield from self.values(value, shape, pointer, name)
            else:
                yield self.fault("object-expected", pointer, f"'{name}' must be an object. AWS rejects anything else.")
            return
        yield from self.same_names(value, pointer)
        if isinstance(shape, Setting):
            yield from self.setting(value, shape, pointer, name)
        else:
            yield from self.container(value, shape, pointer, name)

    def same_names(self, value: dict[str, Any], pointer: str) -> Iterator[Found]:
        if len({key.lower() for key in value}) == len(value):
            return
        first: dict[str, str] = {}
        for key in value:
            other = first.setdefault(key.lower(), key)
            if other != key and key.lower() in VALUE_OPERATORS:
                message = (
                    f"'{key}' and '{other}' are one operator in two spellings. AWS accepts both, and it is not "
                    f"known which takes effect. Keep one of them."
                )
                fix = deleted(self.place(join(pointer, key))) if value[key] == value[other] else None
                yield self.fault("operator-spelled-twice", join(pointer, key), message, key=True, fix=fix)
            elif other != key:
                message = (
                    f"'{key}' and '{other}' differ only in case. AWS reads them as one name and rejects the "
                    f"document. Keep one of them."
                )
                fix = deleted(self.place(join(pointer, key))) if value[key] == value[other] else None
                yield self.fault("same-name-twice", join(pointer, key), message, key=True, fix=fix)

    def container(self, value: dict[str, Any], shape: Container, pointer: str, name: str) -> Iterator[Found]:
        for key, item in value.items():
            folded = key.lower()
            if self.is_plain(item, shape.fields.get(folded)):
                continue
            below = join(pointer, key)
            if folded == CONTROL:
                yield from control_faults(self.place(below), item, self.type)
            elif folded in VALUE_OPERATORS:
                if not shape.open:
                    message = (
                        f"'{key}' is on '{name}', which is not a setting. AWS rejects the document. Use it on a "
                        f"setting."
                    )
                    yield self.fault("operator-on-container", below, message, key=True)
            elif key.startswith("@@"):
                yield self.unknown_operator(key, below, value)
            elif folded in shape.fields:
                yield from self.node(item, shape.fields[folded], below, key)
            elif shape.entry is not None:
                yield from self.entry(key, item, shape, below)
            elif shape.open:
                yield from self.undescribed(key, item, below, shape)
            else:
                yield self.unknown_field(key, shape, below, value)
        yield from self.incomplete(value, shape, pointer, name)
        if shape.rules:
            yield from cross_faults(shape, self.policy, value, pointer, name, self.at)

    def is_plain(self, value: Any, shape: Node | None) -> bool:
        """Whether a setting does nothing but assign texts that are in order.

        Nearly all settings do, and to see that first halves the time of the walk.
        """
        if not isinstance(shape, Setting) or not isinstance(value, dict) or len(value) != 1:
            return False
        given = value.get("@@assign")
        if not shape.multi:
            return type(given) is str and is_in_order(given, shape.values, self.at)
        return (
            isinstance(given, list)
            and 0 < len(given) == len({text for text in given if type(text) is str})
            and all(is_in_order(text, shape.values, self.at) for text in given)
        )

    def undescribed(self, key: str, item: Any, pointer: str, shape: Container) -> Iterator[Found]:
        """A member of a type whose fields are not described yet: it may be anything, but not a bare value."""
        if hint := misplaced(key, shape, self.type):
            message = f"'{key}' is not a field that AWS documents here. AWS may reject the document. {hint}"
            yield self.fault("doubtful-field", pointer, message, key=True)
        if isinstance(item, dict):
            yield from self.node(item, OPEN, pointer, key)
        elif not isinstance(item, Placeholder):
            fix = wrapped(self.place(pointer), "@@assign", safe=False) if item is not None else None
            yield self.missing_operator(key, pointer, fix)

    def missing_operator(self, name: str, pointer: str, fix: Fix | None) -> Found:
        message = (
            f"'{name}' has a value without operator. AWS rejects the document. Write {{\"@@assign\": …}} around it."
        )
        return self.fault("missing-operator", pointer, message, fix=fix)

    def entry(self, key: str, item: Any, shape: Container, pointer: str) -> Iterator[Found]:
        names = shape.entry_names
        if has_placeholder(key):
            self.placeholders.setdefault(key, pointer)
        elif names is not None and (says := mismatch(key, names)):
            message = f"'{key}' is not a valid name of a {shape.entry_noun}. AWS rejects the document. Write {says}."
            right = spelling_meant(key, names, partial(fits, values=names))
            yield self.fault("malformed-name", pointer, message, key=True, fix=renamed(self.place(pointer), right))
        elif names is not None and unlisted(key, names):
            message = told_unlisted(key, f"names of a {shape.entry_noun}", names)
            yield self.fault("unlisted-value", pointer, message, key=True)
        if shape.entry is not None:
            yield from self.node(item, shape.entry, pointer, key)

    def unfilled(self) -> Iterator[Found]:
        """One note for all placeholders that nobody has filled in."""
        for text, pointer in list(self.placeholders.items())[:1]:
            others = len(self.placeholders) - 1
            more = f", and this document has {counted(others, 'more', 'more')}" if others else ""
            message = (
                f"'{text}' is a placeholder{more}. policylint does not check the value that AWS will get. Check "
                f"the filled-in files."
            )
            yield self.fault("placeholder", pointer, message)

    def unknown_operator(self, key: str, pointer: str, value: dict[str, Any]) -> Found:
        known = [*VALUE_OPERATORS, CONTROL]
        hint = did_you_mean(key.lower(), known, "Known are @@assign, @@append and @@remove.")
        fix = operator_spelt(self.place(pointer), key, self.names(value))
        message = f"'{key}' is not an operator. AWS rejects the document. {hint}"
        return self.fault("unknown-operator", pointer, message, key=True, fix=fix)

    def unknown_field(self, key: str, shape: Container, pointer: str, value: dict[str, Any]) -> Found:
        right = self.type.misnamed_fields.get(key.lower(), key.lower())
        known = [right] if right in shape.fields else shape.fields
        near = nearest(right, known)
        fix = member_meant(self.place(pointer), right, known, self.names(value), near)
        if home := home_of(right, self.type) if right not in shape.fields else "":
            hint = f"'{right}' belongs directly below '{home}'."
        else:
            hint = did_you_mean(right, known, f"Known here are {', '.join(known) or 'no fields'}.")
        message = f"'{key}' is not a field here. AWS rejects the document. {hint}"
        return self.fault("unknown-field", pointer, message, key=True, fix=fix)

    def incomplete(self, value: dict[str, Any], shape: Container, pointer: str, name: str) -> Iterator[Found]:
        needed = required_in_document(shape)
        if not needed and not shape.one_required_in_document:
            return
        present = {key.lower() for key in value}
        for field in needed:
            if field not in present:
                message = (
                    f"'{name}' has no '{field}' in this document. AWS rejects the document, even if '{field}' is "
                    f"inherited. Add it here."
                )
                yield self.fault("incomplete-block", pointer, message, key=True)
        wanted = shape.one_required_in_document
        if wanted and not present & set(wanted):
            message = f"'{name}' has neither {' nor '.join(wanted)}. AWS rejects the document. Add one of them."
            yield self.fault("incomplete-block", pointer, message, key=True)

    def setting(self, value: dict[str, Any], shape: Setting, pointer: str, name: str) -> Iterator[Found]:
        for key, item in value.items():
            folded, below = key.lower(), join(pointer, key)
            if folded == CONTROL:
                yield from control_faults(self.place(below), item, self.type)
            elif folded in VALUE_OPERATORS:
                yield from self.operator(folded, item, shape, below, name)
            elif key.startswith("@@"):
                yield self.unknown_operator(key, below, value)
            else:
                fix = operator_spelt(self.place(below), key, self.names(value))
                message = (
                    f"'{key}' is in the setting '{name}', which takes only operators. AWS rejects the document. "
                    f"Remove it."
                )
                yield self.fault("unknown-field", below, message, key=True, fix=fix)

    def operator(self, operator: str, item: Any, shape: Setting, pointer: str, name: str) -> Iterator[Found]:
        if isinstance(item, str) and is_placeholder(item):
            self.placeholders.setdefault(item, pointer)
            return  # it may represent a list as well as a text
        if operator != "@@assign" and not shape.multi:
            message = (
                f"'{operator}' is on '{name}', which has a single value. AWS rejects the document. Use '@@assign'."
            )
            yield self.fault("operator-on-single-value", pointer, message, key=True)
        elif shape.multi and not isinstance(item, list):
            yield self.list_expected(item, pointer, name)
            yield from self.values(item, shape, pointer, name)
        elif not shape.multi and isinstance(item, list | dict):
            message = f"'{name}' takes a single value, and this is not one. AWS rejects the document. Write one value."
            yield self.fault("single-value-expected", pointer, message, fix=out_of_list(self.place(pointer), item))
            yield from self.values(item, shape, pointer, name)
        elif isinstance(item, list):
            if not item and operator not in shape.empty:
                yield self.fault(
                    "empty-list", pointer, f"'{name}' is an empty list. AWS rejects the document. Add a value."
                )
            seen: set[str] = set()
            for index, element in enumerate(item):
                yield from self.value(element, shape.values, f"{pointer}/{index}", name)
                text = element if isinstance(element, str) else ""
                if text in seen:
                    message = f"'{text}' is in '{name}' twice. The second one has no effect. Remove it."
                    again = self.place(f"{pointer}/{index}")
                    fix = deleted(again, safe=operator != "@@assign")  # AWS may show twice what is assigned twice
                    yield self.fault("repeated-value", again.pointer, message, fix=fix)
                if text:
                    seen.add(text)
        else:
            yield from self.value(item, shape.values, pointer, name)

    def list_expected(self, item: Any, pointer: str, name: str) -> Found:
        if isinstance(item, dict) and item and all(member is None for member in item.values()):  # {a, b} in YAML
            shown = ", ".join(f'"{key}"' for key in list(item)[:3])
            message = (
                f"'{name}' takes a list, and this is an object. AWS rejects the document. Write brackets instead "
                f"of braces: [{shown}]."
            )
        else:
            message = (
                f"'{name}' takes a list, even for one value. AWS rejects the document. Write brackets around the value."
            )
        return self.fault("list-expected", pointer, message, fix=in_list(self.place(pointer), item))

    def values(self, item: Any, shape: Setting, pointer: str, name: str) -> Iterator[Found]:
        """What is wrong with the values of a setting that is not written as it must be: fixing that would uncover it."""
        if isinstance(item, list):
            for index, element in enumerate(item):
                if not isinstance(element, dict | list):
                    yield from self.value(element, shape.values, f"{pointer}/{index}", name)
        elif item is not None and not isinstance(item, dict):
            yield from self.value(item, shape.values, pointer, name)

    def value(self, item: Any, values: Values, pointer: str, name: str) -> Iterator[Found]:
        if not isinstance(item, dict | list) and has_placeholder(text := text_of(item)):
            self.placeholders.setdefault(text, pointer)
        else:
            yield from value_faults(self.place(pointer), item, values, name, self.at)


@lru_cache(maxsize=1024)
def required_in_document(shape: Container) -> tuple[str, ...]:
    """The fields that AWS wants in every document that mentions the container."""
    return tuple(name for name, field in shape.fields.items() if field.required_in_document)
