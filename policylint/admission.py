"""What AWS checks on one document when it is saved, driven by the shape of its policy type.

One walk over the document yields every fault with the rule that it breaks. Source: docs/aws-behaviour.md, "Admission".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from policylint.document import Placeholder, has_placeholder, is_placeholder, join, text_of
from policylint.findings import Fault, Place
from policylint.fragments import CONTROL, CONTROL_MEMBERS, VALUE_OPERATORS
from policylint.organization import Policy
from policylint.policy_types.shape import Container, Node, PolicyType, Setting, Values
from policylint.schedules import ARCHIVE, HOURLY, ScheduleError, Verdict, judge, judge_at, parse

Found = tuple[str, Fault]  # rule id, fault
OPEN = Container(open=True)
INTEGER = re.compile(r"[0-9]{1,16}")
TAG_CONTAINERS = ("backup_plan_tags", "recovery_point_tags")


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


def _size(policy: Policy) -> Iterator[Found]:
    limit, size = policy.type.size_limit, len(policy.document.text)
    if limit is not None and size > limit:
        message = f"The document has {size:,} characters; AWS allows {limit:,} for this type, white space included."
        yield "document-over-limit", Fault(Place(policy.document), message)


class _Walk:
    def __init__(self, policy: Policy, at: datetime | None) -> None:
        self.policy = policy
        self.type: PolicyType = policy.type
        self.at = at

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
        yield from self.related_fields(value, pointer, name)

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
        if shape.entry_names is not None and not has_placeholder(key) and (says := mismatch(key, shape.entry_names)):
            message = f"'{key}' can't name a {shape.entry_noun}: it must be {says}; AWS refuses it."
            yield self.fault("malformed-name", pointer, message, key=True)
        if shape.entry is not None:
            yield from self.node(item, shape.entry, pointer, key)

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
            for index, element in enumerate(item):
                yield from self.value(element, shape.values, f"{pointer}/{index}", name)
        else:
            yield from self.value(item, shape.values, pointer, name)

    def value(self, item: Any, values: Values, pointer: str, name: str) -> Iterator[Found]:
        if isinstance(item, dict | list):
            yield self.fault("malformed-value", pointer, f"A value of '{name}' must be a text; AWS refuses this.")
            return
        text = text_of(item)
        if has_placeholder(text):
            return
        if kind_of(item) not in values.scalars or mismatch(text, values):
            yield self.fault("malformed-value", pointer, f"'{text}' is no value of '{name}': it must be {values.says}.")
        elif values.check == "schedule":
            yield from self.schedule(text, pointer)

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

    # ---- fields that depend on each other, within one document ---------------------------------------------

    def related_fields(self, value: dict[str, Any], pointer: str, name: str) -> Iterator[Found]:
        parts = pointer.split("/")
        parent = parts[-2].lower() if len(parts) > 2 else ""
        if self.type.enum == "TAG_POLICY" and parent == "tags" and len(parts) == 3:
            yield from self.tag_key_is_name(value, pointer, name)
        elif self.type.enum == "BACKUP_POLICY":
            if parent in TAG_CONTAINERS:
                yield from self.tag_key_is_name(value, pointer, name)
            elif parent == "copy_actions":
                yield from self.copy_is_its_key(value, pointer, name)
            elif parent == "rules" and len(parts) == 5:
                yield from self.rule(value, pointer)

    def tag_key_is_name(self, value: dict[str, Any], pointer: str, name: str) -> Iterator[Found]:
        key = assigned(value, "tag_key")
        if isinstance(key, str) and not has_placeholder(key + name) and key.lower() != name.lower():
            message = (
                f"The entry '{name}' holds the tag key '{key}'; they must be the same but for case. AWS refuses it."
            )
            yield self.fault("name-differs-from-tag-key", join(pointer, "tag_key"), message)

    def copy_is_its_key(self, value: dict[str, Any], pointer: str, name: str) -> Iterator[Found]:
        target = assigned(value, "target_backup_vault_arn")
        if isinstance(target, str) and not has_placeholder(target + name) and target != name:
            message = f"The copy is named '{name}' but its target is '{target}'. Write the same ARN in both places."
            yield self.fault("copy-differs-from-target", join(pointer, "target_backup_vault_arn"), message)

    def rule(self, value: dict[str, Any], pointer: str) -> Iterator[Found]:
        lifecycle = member(value, "lifecycle")
        if assigned(value, "enable_continuous_backup") == "true":
            days = number(lifecycle, "delete_after_days")
            if days is None or days > 35 or assigned(lifecycle, "move_to_cold_storage_after_days") is not None:
                message = (
                    "Continuous backup needs delete_after_days of at most 35, and no cold storage, in the same "
                    "document; AWS refuses it."
                )
                yield self.fault("continuous-backup-incomplete", join(pointer, "enable_continuous_backup"), message)
        copies = member(value, "copy_actions")
        for holder in (value, *(copy for copy in copies.values() if isinstance(copy, dict))):
            kept = member(holder, "lifecycle")
            if assigned(kept, "opt_in_to_archive_for_supported_resources") == "true":
                yield from self.archive(value, kept, pointer)

    def archive(self, rule: dict[str, Any], days: dict[str, Any], pointer: str) -> Iterator[Found]:
        schedule = assigned(rule, "schedule_expression")
        cold, delete = (number(days, f) for f in ("move_to_cold_storage_after_days", "delete_after_days"))
        if any(has_placeholder(text_of(v)) for v in self._texts(rule, days)):
            return
        if cold is None or delete is None or delete - cold < 90:
            message = (
                "Archive opt-in needs move_to_cold_storage_after_days and, 90 days later or more, delete_after_days in "
                "the same document; AWS refuses it."
            )
            yield self.fault("archive-opt-in-incomplete", pointer, message, key=True)
        if not isinstance(schedule, str) or not self.rare_enough(schedule):
            message = "Archive opt-in needs a schedule with at least 28 days between runs in the same document; AWS refuses it."
            yield self.fault("archive-opt-in-incomplete", pointer, message, key=True)

    @staticmethod
    def _texts(rule: dict[str, Any], days: dict[str, Any]) -> list[str]:
        values = [assigned(rule, "schedule_expression"), *(assigned(days, key) for key in days)]
        return [value for value in values if value is not None]

    def rare_enough(self, expression: str, minimum: timedelta = ARCHIVE) -> bool:
        try:
            schedule = parse(expression)
        except ScheduleError:
            return True  # reported as such
        verdict = judge_at(schedule, self.at, minimum) if self.at else judge(schedule, minimum)
        return verdict.verdict is not Verdict.REJECTED


def kind_of(scalar: Any) -> str:
    """The JSON kind of a scalar."""
    if scalar is None:
        return "null"
    if isinstance(scalar, bool):
        return "boolean"
    return "string" if isinstance(scalar, str) else "number"


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


def member(value: dict[str, Any], name: str) -> dict[str, Any]:
    """The member of this name in any case, if it is an object; else an empty one."""
    found = next((item for key, item in value.items() if key.lower() == name), None)
    return found if isinstance(found, dict) else {}


def assigned(value: dict[str, Any], name: str) -> str | None:
    """The text that the document assigns to a single-valued setting."""
    setting = member(value, name.lower())
    found = next((item for key, item in setting.items() if key.lower() == "@@assign"), None)
    return None if found is None or isinstance(found, dict | list) else text_of(found)


def number(value: dict[str, Any], name: str) -> int | None:
    """The same as an integer."""
    text = assigned(value, name)
    return int(text) if text is not None and INTEGER.fullmatch(text) else None
