"""What AWS checks after the merge: an invalid effective policy is withheld, and this says why.

The codes, messages and paths are those of ListEffectivePolicyValidationErrors; each is listed with its evidence
in docs/aws-behaviour.md, "Validity of the effective policy".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from weakref import WeakKeyDictionary

from policylint.effective import EffectivePolicy, View
from policylint.fragments import Value
from policylint.inheritance import Inheritance
from policylint.operators import REMOVE
from policylint.organization import Policy
from policylint.policy_types.shape import INTEGER, Container, MostUses, Node
from policylint.scalars import has_placeholder
from policylint.schedules import ARCHIVE, ScheduleError, Verdict, judge, judge_at, parse
from policylint.wording import capital, listed, plural

CONTINUOUS_LONGEST_DAYS = 35
COLD_STORAGE_SHORTEST_DAYS = 90


class ValidationError(NamedTuple):
    """One error as AWS reports it.

    `view` is the node that it is about, `field` the field of it at fault, `reason` what is wrong there in plain words;
    of what is missing `field` tells enough.
    """

    code: str
    message: str
    path: str
    policies: tuple[Policy, ...]
    view: View
    field: str = ""
    reason: str = ""


Found = dict[tuple[int, datetime | None], list[ValidationError]]  # by an entry's state and the moment
# An entry is shared by many effective policies. The answers die with the states that they are about.
_found: WeakKeyDictionary[Inheritance, Found] = WeakKeyDictionary()


def validation_errors(policy: EffectivePolicy, at: datetime | None = None) -> list[ValidationError]:
    """What AWS would report for an effective policy; empty when it is valid.

    `at` is the moment by which schedules are judged; without one, whether AWS ever takes them. Errors below one entry of
    the top container (a plan, say) are found once for each distinct entry.
    """
    top = policy.top
    if top is None:
        return []
    errors: list[ValidationError] = []
    found = _found.setdefault(policy.inheritance, {})
    shape = policy.type.content
    for entry in top.children():
        key = id(entry.node), at
        if key not in found:
            below = shape.fields.get(entry.folded, shape.entry)
            found[key] = list(_entry_errors(entry, below, policy.type.enum, at))
        errors.extend(found[key])
    if policy.type.merged_size_limit is not None:
        errors.extend(_size_errors(policy, top, policy.type.merged_size_limit))
    for most in policy.type.most_uses:
        errors.extend(
            _too_many_uses(most, uses, top) for uses in _uses(most, top).items() if len(uses[1]) > most.at_most
        )
    return errors


def reasons(errors: list[ValidationError]) -> str:
    """What is wrong at one place, in our words; AWS's are those of `policylint effective`."""
    if errors[0].code != "KEY_REQUIRED":
        return "; ".join(error.reason for error in errors)
    names = listed([f"'{error.field}'" for error in errors])
    return f"{names} {plural(len(errors), 'is', 'are')} missing"


def _entry_errors(entry: View, shape: Node | None, enum: str, at: datetime | None) -> Iterator[ValidationError]:
    if isinstance(shape, Container):
        yield from _completeness(entry, shape)
    if enum == "BACKUP_POLICY":
        for rule in entry.children("rules"):
            yield from _rule_errors(entry, rule, at)


def _completeness(view: View, shape: Container) -> Iterator[ValidationError]:
    if view.value is not None:
        return  # a placeholder stands for all of it
    for name, field in shape.fields.items():
        child = view.direct_child(name)
        if child is None:
            if field.required:
                yield _error("KEY_REQUIRED", f"'{name}' is missing", view, name)
        elif isinstance(field, Container):
            if field.at_most is not None and len(child.children()) > field.at_most:
                message = f"'{name}' exceeds the allowed maximum limit {field.at_most}"
                reason = f"'{name}' has {len(child.children())} entries, and AWS takes {field.at_most}"
                yield _error("ELEMENTS_TOO_MANY", message, child, reason=reason)
            yield from _completeness(child, field)
        elif isinstance(child.value, tuple) and len(child.value) < field.at_least:
            message = f"'{name}' is less than the allowed minimum limit {field.at_least}"
            removed = child.node.origins and child.node.origins[-1].operator == REMOVE
            reason = "nothing is left after a removal" if removed else "the list is empty"
            yield _error("ELEMENTS_TOO_FEW", message, child, reason=reason)
    if shape.one_required_in_document and not any(map(view.direct_child, shape.one_required_in_document)):
        name = shape.one_required_in_document[0]
        yield _error("KEY_REQUIRED", f"'{name}' is missing", view, name)
    if isinstance(shape.entry, Container):
        for child in view.children():
            if child.folded not in shape.fields:
                yield from _completeness(child, shape.entry)


def _error(code: str, message: str, view: View, field: str = "", reason: str = "") -> ValidationError:
    return ValidationError(code, message, view.path, view.policies(), view, field, reason)


def _rule_errors(plan: View, rule: View, at: datetime | None) -> Iterator[ValidationError]:
    faults: dict[str, tuple[str, str]] = {}  # field and reason by what AWS shows: the same of two copies is one error
    if rule.get("enable_continuous_backup") == "true":
        days = rule.get("lifecycle/delete_after_days")
        if not _at_most(days, CONTINUOUS_LONGEST_DAYS):
            reason = f"continuous backup needs a 'delete_after_days' of at most {CONTINUOUS_LONGEST_DAYS}{_but(days)}"
            fields = f"enable_continuous_backup=true,{_pair('delete_after_days', days)}"
            faults[fields] = "enable_continuous_backup", reason
    schedule = rule.get("schedule_expression")
    for holder in (rule, *rule.children("copy_actions")):
        for fields, reason in _archive_faults(holder, schedule, at):
            whose = "" if holder is rule else f" of the copy '{holder.name}'"
            said = f"archive opt-in{whose} needs {reason}"
            faults.setdefault(fields, ("lifecycle/opt_in_to_archive_for_supported_resources", said))
    if rule.child("scan_actions") and not plan.child("scan_settings"):
        reason = "'scan_actions' of a rule needs 'scan_settings' of its plan, and there is none"
        faults["scan_actions(undefined),scan_settings(undefined)"] = "scan_actions", reason
    for fields, (field, reason) in faults.items():
        text = f"Dependent fields {fields} in policy block {rule.folded} are invalid when used together"
        yield _error("CROSS_ATTRIBUTE_VALIDATION", text, rule, field, reason)


def _archive_faults(holder: View, schedule: Value | None, at: datetime | None) -> Iterator[tuple[str, str]]:
    """The fields of a rule or a copy that AWS names, and what archive opt-in needs of them."""
    if holder.get("lifecycle/opt_in_to_archive_for_supported_resources") != "true":
        return
    opted = "opt_in_to_archive_for_supported_resources=true"
    if not is_rare_enough_for_archive(schedule, at):
        reason = f"a 'schedule_expression' with at least {ARCHIVE.days} days between runs{_but(schedule)}"
        yield f"{opted},{_pair('schedule_expression', schedule)}", reason
    cold = holder.get("lifecycle/move_to_cold_storage_after_days")
    delete = holder.get("lifecycle/delete_after_days")
    if not _far_enough(cold, delete):
        cold_days = _pair("move_to_cold_storage_after_days", cold)
        reason = (
            f"at least {COLD_STORAGE_SHORTEST_DAYS} days from 'move_to_cold_storage_after_days' ({cold or 'not set'}) "
            f"to 'delete_after_days' ({delete or 'not set'})"
        )
        yield f"{opted},{_pair('delete_after_days', delete)},{cold_days}", reason


def is_rare_enough_for_archive(schedule: Value | None, at: datetime | None = None) -> bool:
    """Whether AWS takes the schedule beside archive opt-in at a moment; without one, whether it ever may."""
    if schedule is None:
        return False  # the default is daily
    if not isinstance(schedule, str) or has_placeholder(schedule):
        return True
    try:
        parsed = parse(schedule)
        verdict = judge_at(parsed, at, ARCHIVE) if at else judge(parsed, ARCHIVE)
        return verdict.verdict is not Verdict.REJECTED
    except ScheduleError:
        return True  # AWS takes no document that holds it


def _at_most(days: Value | None, limit: int) -> bool:
    if not isinstance(days, str):
        return False
    return not INTEGER.fullmatch(days) or int(days) <= limit


def _far_enough(cold: Value | None, delete: Value | None) -> bool:
    if not isinstance(cold, str) or not isinstance(delete, str):
        return False
    if not (INTEGER.fullmatch(cold) and INTEGER.fullmatch(delete)):
        return True  # a placeholder, or what AWS takes in no document
    return int(delete) - int(cold) >= COLD_STORAGE_SHORTEST_DAYS


def _pair(name: str, value: Value | None) -> str:
    return f"{name}(undefined)" if value is None else f"{name}={value}"


def _but(value: Value | None) -> str:
    return ", and there is none" if value is None else f", not '{value}'"


def _size_errors(policy: EffectivePolicy, top: View, limit: int) -> Iterator[ValidationError]:
    size = len(json.dumps(policy.content(), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size > limit:
        message = f"Effective policy size is {size} bytes, which exceeds the maximum limit of {limit} bytes"
        reason = f"the merged policy has {size:,} bytes, and AWS takes {limit:,}"
        yield ValidationError("ELEMENTS_TOO_MANY", message, top.path, (), top, reason=reason)


def _uses(most: MostUses, top: View) -> dict[str, list[View]]:
    """The entries that have each value."""
    found: dict[str, list[View]] = {}
    for entry in top.children():
        for value in dict.fromkeys(entry.texts(most.field)):  # twice in a list counts once
            found.setdefault(value, []).append(entry)
    return found


def _too_many_uses(most: MostUses, uses: tuple[str, list[View]], top: View) -> ValidationError:
    value, entries = uses
    names = sorted(entry.folded for entry in entries)
    first = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    message = (
        f"{capital(most.value_noun)} '{value}' has {len(names)} {most.entries} for '{most.field}', which exceeds the "
        f"maximum limit of {most.at_most}. Contributing {most.names} include: {first}"
    )
    reason = f"{len(names)} {most.entries} {most.relation} '{value}', and AWS takes {most.at_most} ({first})"
    policies = tuple(dict.fromkeys(policy for entry in entries for policy in entry.policies()))
    return ValidationError("ELEMENTS_TOO_MANY", message, top.path, policies, top, reason=reason)
