"""What AWS checks on one document when it is saved, driven by the shape of its policy type.

One walk over the document yields every fault with the rule that it breaks. Source: docs/aws-behaviour.md, "Admission".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from policylint.document import Placeholder, has_placeholder, is_placeholder, is_yaml, join, text_of
from policylint.findings import Fault, Place
from policylint.fragments import CONTROL, CONTROL_MEMBERS, VALUE_OPERATORS
from policylint.organization import Policy
from policylint.policy_types.shape import INTEGER, Container, Node, PolicyType, Setting, Values
from policylint.related_fields import Found, related_faults
from policylint.schedules import HOURLY, ScheduleError, Verdict, judge, judge_at, parse

OPEN = Container(open=True)


@lru_cache(maxsize=8192)
def inspection(policy: Policy, at: datetime | None = None) -> dict[str, list[Fault]]:
    """The faults of one document by rule, found in one walk for all rules."""
    found: dict[str, list[Fault]] = {}
    for rule, fault in inspect(policy, at):
        found.setdefault(rule, []).append(fault)
    return found


def inspect(policy: Policy, at: datetime | None = None) -> Iterator[Found]:
    """The faults of one document. `at` is the moment of saving, by which schedules are judged."""
    value = policy.document.value
    if value is None and policy.document.problems:
        return
    yield from _size(policy)
    walk = _Walk(policy, at)
    if not isinstance(value, dict):
        yield walk.fault("wrong-top-key", "", "A policy is an object; AWS refuses anything else.")
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
        message = f"The document has {bare:,} characters without white space; AWS allows {limit:,} for this type."
        yield "document-over-limit", Fault(place, message)
    elif not is_yaml(policy.document.path):
        message = (
            f"The document has {size:,} characters with its white space, and {bare:,} without; AWS allows {limit:,}. "
            "The console strips white space, the command line and the SDKs do not: take it out before sending."
        )
        yield "white-space-over-limit", Fault(place, message)


class _Walk:
    def __init__(self, policy: Policy, at: datetime | None) -> None:
        self.policy = policy
        self.type: PolicyType = policy.type
        self.at = at
        self.placeholders: dict[str, str] = {}  # text: the pointer where it stands first

    def fault(self, rule: str, pointer: str, message: str, *, key: bool = False) -> Found:
        return rule, Fault(Place(self.policy.document, pointer, "key" if key else "value"), message)

    def outermost(self, value: dict[str, Any]) -> Iterator[Found]:
        top = self.type.top_key
        yield from self.same_names(value, "")
        if not any(key.lower() == top for key in value):
            message = f"The document has no '{top}', the top key of a {self.type.title}; AWS refuses it."
            yield self.fault("wrong-top-key", "", message)
        for key, item in value.items():
            folded, pointer = key.lower(), join("", key)
            if folded == top:
                yield from self.node(item, self.type.content, pointer, key)
            elif folded == CONTROL:
                yield from self.control(item, pointer)
            elif folded in VALUE_OPERATORS:
                yield from self.outermost_operator(key, item, pointer)
            else:
                message = f"'{key}' does not belong beside '{top}'; AWS refuses the document."
                yield self.fault("wrong-top-key", pointer, message, key=True)

    def outermost_operator(self, key: str, item: Any, pointer: str) -> Iterator[Found]:
        if isinstance(item, dict) or (isinstance(item, list) and any(isinstance(i, dict | list) for i in item)):
            yield self.fault("operator-on-container", pointer, f"'{key}' can't stand here; AWS refuses it. Remove it.")
        else:
            message = f"AWS accepts '{key}' beside the top key, and ignores it. Remove it."
            yield self.fault("ignored-operator", pointer, message, key=True)

    def node(self, value: Any, shape: Node, pointer: str, name: str) -> Iterator[Found]:
        if isinstance(value, Placeholder):
            self.placeholders.setdefault(value, pointer)
            return
        if not isinstance(value, dict):
            if isinstance(shape, Setting):
                yield self.missing_operator(name, pointer)
            else:
                yield self.fault("object-expected", pointer, f"'{name}' must be an object; AWS refuses anything else.")
            return
        yield from self.same_names(value, pointer)
        if isinstance(shape, Setting):
            yield from self.setting(value, shape, pointer, name)
        else:
            yield from self.container(value, shape, pointer, name)

    def same_names(self, value: dict[str, Any], pointer: str) -> Iterator[Found]:
        first: dict[str, str] = {}
        for key in value:
            other = first.setdefault(key.lower(), key)
            if other != key:
                message = f"'{key}' and '{other}' differ only in case; AWS reads them as one name and refuses both."
                yield self.fault("same-name-twice", join(pointer, key), message, key=True)

    def container(self, value: dict[str, Any], shape: Container, pointer: str, name: str) -> Iterator[Found]:
        for key, item in value.items():
            folded, below = key.lower(), join(pointer, key)
            if folded == CONTROL:
                yield from self.control(item, below)
            elif folded in VALUE_OPERATORS:
                if not shape.open:
                    message = f"'{key}' works only at settings, and '{name}' is none; AWS refuses it."
                    yield self.fault("operator-on-container", below, message, key=True)
            elif key.startswith("@@"):
                yield self.unknown_operator(key, below)
            elif folded in shape.fields:
                yield from self.node(item, shape.fields[folded], below, key)
            elif shape.entry is not None:
                yield from self.entry(key, item, shape, below)
            elif shape.open:
                yield from self.undescribed(key, item, below)
            else:
                yield self.unknown_field(key, shape, below)
        yield from self.incomplete(value, shape, pointer, name)
        yield from related_faults(self.policy, value, pointer, name, self.at)

    def undescribed(self, key: str, item: Any, pointer: str) -> Iterator[Found]:
        """A member of a type whose fields are not described yet: it may be anything, but not a bare value."""
        if isinstance(item, dict):
            yield from self.node(item, OPEN, pointer, key)
        elif not isinstance(item, Placeholder):
            yield self.missing_operator(key, pointer)

    def missing_operator(self, name: str, pointer: str) -> Found:
        message = f"'{name}' has a value without operator; AWS refuses it. Write {{\"@@assign\": …}} around it."
        return self.fault("missing-operator", pointer, message)

    def entry(self, key: str, item: Any, shape: Container, pointer: str) -> Iterator[Found]:
        names = shape.entry_names
        if has_placeholder(key):
            self.placeholders.setdefault(key, pointer)
        elif names is not None and (says := mismatch(key, names)):
            message = f"'{key}' can't name a {shape.entry_noun}: it must be {says}; AWS refuses it."
            yield self.fault("malformed-name", pointer, message, key=True)
        elif names is not None and unlisted(key, names):
            yield self.unlisted_value(key, f"names of a {shape.entry_noun}", pointer, key=True)
        if shape.entry is not None:
            yield from self.node(item, shape.entry, pointer, key)

    def unlisted_value(self, text: str, what: str, pointer: str, *, key: bool = False) -> Found:
        message = f"'{text}' is not among the {what} that AWS is known to take; it refuses what is not on its own list."
        return self.fault("unlisted-value", pointer, message, key=key)

    def unfilled(self) -> Iterator[Found]:
        """One note for all placeholders that nobody has filled in."""
        for text, pointer in list(self.placeholders.items())[:1]:
            others = len(self.placeholders) - 1
            more = f", nor for the {others} others in this document" if others else ""
            message = f"policylint does not know what '{text}' stands for{more}; what AWS says to it is not checked."
            yield self.fault("placeholder", pointer, message)

    def unknown_operator(self, key: str, pointer: str) -> Found:
        near = get_close_matches(key.lower(), [*VALUE_OPERATORS, CONTROL], 1)
        hint = f"Did you mean '{near[0]}'?" if near else "Known are @@assign, @@append and @@remove."
        return self.fault("unknown-operator", pointer, f"'{key}' is no operator; AWS refuses it. {hint}", key=True)

    def unknown_field(self, key: str, shape: Container, pointer: str) -> Found:
        right = self.type.misnamed_fields.get(key.lower())
        near = [right] if right else get_close_matches(key.lower(), shape.fields, 1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known here are {', '.join(shape.fields) or 'no fields'}."
        return self.fault("unknown-field", pointer, f"'{key}' is no field here; AWS refuses it. {hint}", key=True)

    def incomplete(self, value: dict[str, Any], shape: Container, pointer: str, name: str) -> Iterator[Found]:
        present = {key.lower() for key in value}
        for field, node in shape.fields.items():
            if node.required_in_document and field not in present:
                message = f"'{name}' has no '{field}'; AWS refuses every document that mentions it without."
                yield self.fault("incomplete-block", pointer, message, key=True)
        wanted = shape.one_required_in_document
        if wanted and not present & set(wanted):
            message = f"'{name}' has neither {' nor '.join(wanted)}; AWS refuses the document."
            yield self.fault("incomplete-block", pointer, message, key=True)

    def setting(self, value: dict[str, Any], shape: Setting, pointer: str, name: str) -> Iterator[Found]:
        for key, item in value.items():
            folded, below = key.lower(), join(pointer, key)
            if folded == CONTROL:
                yield from self.control(item, below)
            elif folded in VALUE_OPERATORS:
                yield from self.operator(folded, item, shape, below, name)
            elif key.startswith("@@"):
                yield self.unknown_operator(key, below)
            else:
                message = f"'{key}' can't stand in the setting '{name}': only operators can; AWS refuses it."
                yield self.fault("unknown-field", below, message, key=True)

    def operator(self, operator: str, item: Any, shape: Setting, pointer: str, name: str) -> Iterator[Found]:
        if isinstance(item, str) and is_placeholder(item):
            self.placeholders.setdefault(item, pointer)
            return  # it may stand for a list as well as for a text
        if operator != "@@assign" and not shape.multi:
            message = f"'{name}' holds a single value, so '{operator}' can't be used; AWS refuses it. Use '@@assign'."
            yield self.fault("operator-on-single-value", pointer, message, key=True)
        elif shape.multi and not isinstance(item, list):
            yield self.fault("list-expected", pointer, f"'{name}' takes a list, also for one value; AWS refuses this.")
        elif not shape.multi and isinstance(item, list | dict):
            yield self.fault("single-value-expected", pointer, f"'{name}' takes a single value; AWS refuses this.")
        elif isinstance(item, list):
            if not item and operator not in shape.empty:
                yield self.fault("empty-list", pointer, f"'{name}' can't be an empty list; AWS refuses it.")
            seen: set[str] = set()
            for index, element in enumerate(item):
                yield from self.value(element, shape.values, f"{pointer}/{index}", name)
                text = element if isinstance(element, str) else ""
                if text in seen:
                    message = f"'{text}' stands in '{name}' twice. Remove one."
                    yield self.fault("repeated-value", f"{pointer}/{index}", message)
                if text:
                    seen.add(text)
        else:
            yield from self.value(item, shape.values, pointer, name)

    def value(self, item: Any, values: Values, pointer: str, name: str) -> Iterator[Found]:
        if isinstance(item, dict | list):
            yield self.fault("malformed-value", pointer, f"A value of '{name}' must be a text; AWS refuses this.")
            return
        text = text_of(item)
        if has_placeholder(text):
            self.placeholders.setdefault(text, pointer)
            return
        if kind_of(item) not in values.scalars or mismatch(text, values):
            yield self.fault("malformed-value", pointer, f"'{text}' is no value of '{name}': it must be {values.says}.")
        elif values.check == "schedule":
            yield from self.schedule(text, pointer)
        elif unlisted(text, values):
            yield self.unlisted_value(text, f"values of '{name}'", pointer)
        elif values.backup_limit and int(text) > values.backup_limit[0]:
            limit, unit = values.backup_limit
            message = (
                f"AWS Backup takes at most {limit:,} {unit} for '{name}', not {int(text):,}, so the plan can't be made."
            )
            yield self.fault("value-over-backup-limit", pointer, message)

    def schedule(self, text: str, pointer: str) -> Iterator[Found]:
        try:
            schedule = parse(text)
        except ScheduleError as error:
            yield self.fault("malformed-schedule", pointer, f"AWS refuses the schedule. {error}")
            return
        verdict, reason = judge_at(schedule, self.at, HOURLY) if self.at else judge(schedule, HOURLY)
        if verdict is Verdict.REJECTED:
            message = f"AWS refuses the schedule '{text}': {reason}. Runs must go on and lie an hour apart."
            yield self.fault("schedule-refused", pointer, message)
        elif verdict is Verdict.DEPENDS:
            message = f"Whether AWS takes the schedule '{text}' depends on when it is saved: {reason}."
            yield self.fault("schedule-depends-on-moment", pointer, message)
        for oddity in schedule.oddities():
            yield self.fault("schedule-read-otherwise", pointer, oddity)

    def control(self, item: Any, pointer: str) -> Iterator[Found]:
        if not isinstance(item, list) or not item:
            yield self.fault(
                "malformed-control", pointer, "A child control takes a list of operators; AWS refuses this."
            )
            return
        for index, member in enumerate(item):
            if not isinstance(member, str) or member.lower() not in CONTROL_MEMBERS:
                message = (
                    f"'{text_of(member) if not isinstance(member, dict | list) else '…'}' is no member of a child "
                )
                message += f"control. Known are {', '.join(CONTROL_MEMBERS)}."
                yield self.fault("malformed-control", f"{pointer}/{index}", message)
        texts = [member for member in item if isinstance(member, str)]
        if len(set(texts)) < len(texts):
            yield self.fault("malformed-control", pointer, "A child control names an operator twice; AWS refuses it.")
        elif len(texts) > 1 and "@@none" in [text.lower() for text in texts]:
            message = "'@@none' must stand alone in a child control; AWS refuses it beside another member."
            yield self.fault("malformed-control", pointer, message)
        elif len({text.lower() for text in texts}) < len(texts):
            message = "A child control names one operator in two spellings. Write it once, in lower case."
            yield self.fault("operator-spelled-twice", pointer, message)
        documented = self.type.documented_controls
        if documented and (odd := [text for text in texts if text.lower() not in documented]):
            message = (
                f"For an {self.type.title} AWS documents only {' and '.join(sorted(documented))} in a child control. "
                f"'{odd[0]}' is accepted today; don't build on it."
            )
            yield self.fault("undocumented-control", pointer, message)


def kind_of(scalar: Any) -> str:
    """The JSON kind of a scalar."""
    if scalar is None:
        return "null"
    if isinstance(scalar, bool):
        return "boolean"
    return "string" if isinstance(scalar, str) else "number"


@lru_cache(maxsize=16384)
def unlisted(text: str, values: Values) -> bool:
    """Whether a well-formed text is missing from what AWS's own list is known to hold."""
    return bool(values.listed) and re.fullmatch(values.listed, text) is None


@lru_cache(maxsize=16384)
def mismatch(text: str, values: Values) -> str:
    """What the text ought to be; empty when it is that."""
    fits = (
        (values.one_of is None or text in values.one_of)
        and (not values.pattern or re.fullmatch(values.pattern, text) is not None)
        and (values.length is None or values.length[0] <= len(text) <= values.length[1])
        and (values.wildcard_limit is None or text.count("*") <= values.wildcard_limit)
        and (values.minimum is None or (INTEGER.fullmatch(text) is not None and int(text) >= values.minimum))
    )
    return "" if fits else values.says
