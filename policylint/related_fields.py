"""Fields that depend on each other within one document, as AWS checks them when it is saved.

Source: docs/aws-behaviour.md, "Admission".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from policylint.findings import Fault, Place
from policylint.organization import Policy
from policylint.places import join
from policylint.policy_types.shape import INTEGER
from policylint.remedies import renamed
from policylint.scalars import has_placeholder, text_of
from policylint.schedules import ARCHIVE, ScheduleError, Verdict, judge, judge_at, parse

Found = tuple[str, Fault]  # rule id, fault
CONTINUOUS_LONGEST_DAYS = 35
COLD_STORAGE_SHORTEST_DAYS = 90


def related_faults(
    check: str, policy: Policy, value: dict[str, Any], pointer: str, name: str, at: datetime | None
) -> Iterator[Found]:
    """The faults between the fields of the container at a pointer, each with the rule that it breaks.

    `check` is what the container's shape names: "tag", "copy" or "rule".
    """
    if check == "tag":
        yield from _tag_key_is_name(policy, value, pointer, name)
    elif check == "copy":
        yield from _copy_is_its_key(policy, value, pointer, name)
    elif check == "rule":
        yield from _continuous(policy, value, pointer)
        yield from _archives(policy, value, pointer, at)


def _tag_key_is_name(policy: Policy, value: dict[str, Any], pointer: str, name: str) -> Iterator[Found]:
    key = assigned(value, "tag_key")
    if isinstance(key, str) and not has_placeholder(key + name) and key.lower() != name.lower():
        message = f"The entry '{name}' holds the tag key '{key}'; they must be the same but for case. AWS refuses it."
        yield "name-differs-from-tag-key", Fault(_setting_place(policy, value, pointer, "tag_key"), message)


def _copy_is_its_key(policy: Policy, value: dict[str, Any], pointer: str, name: str) -> Iterator[Found]:
    target = assigned(value, "target_backup_vault_arn")
    if isinstance(target, str) and not has_placeholder(target + name) and target != name:
        message = f"The copy is named '{name}' but its target is '{target}'; AWS refuses that. Write one ARN twice."
        place = _setting_place(policy, value, pointer, "target_backup_vault_arn")
        # The target counts, and its vault's name is read with its case; the key only names the copy.
        alike = target.lower() == name.lower()
        fix = renamed(Place(policy.document, pointer), target) if alike else None
        yield "copy-differs-from-target", Fault(place, message, fix=fix)


def _continuous(policy: Policy, value: dict[str, Any], pointer: str) -> Iterator[Found]:
    lifecycle = member(value, "lifecycle")
    if assigned(value, "enable_continuous_backup") != "true":
        return
    days, cold = (assigned(lifecycle, field) for field in ("delete_after_days", "move_to_cold_storage_after_days"))
    if days is not None and has_placeholder(days):
        return
    kept = _number(days)
    if kept is None or kept > CONTINUOUS_LONGEST_DAYS or cold is not None:
        message = (
            f"Continuous backup needs, in the same document, a delete_after_days of at most {CONTINUOUS_LONGEST_DAYS} and "
            "no cold storage; AWS refuses anything else."
        )
        place = _setting_place(policy, value, pointer, "enable_continuous_backup")
        yield "continuous-backup-incomplete", Fault(place, message)


def _archives(policy: Policy, value: dict[str, Any], pointer: str, at: datetime | None) -> Iterator[Found]:
    copies = member(value, "copy_actions")
    for holder in (value, *(copy for copy in copies.values() if isinstance(copy, dict))):
        kept = member(holder, "lifecycle")
        if assigned(kept, "opt_in_to_archive_for_supported_resources") == "true":
            yield from _archive(Place(policy.document, pointer, "key"), value, kept, at)


def _archive(place: Place, rule: dict[str, Any], lifecycle: dict[str, Any], at: datetime | None) -> Iterator[Found]:
    schedule = assigned(rule, "schedule_expression")
    texts = [schedule, *(assigned(lifecycle, key) for key in lifecycle)]
    if any(text is not None and has_placeholder(text) for text in texts):
        return
    cold = _number(assigned(lifecycle, "move_to_cold_storage_after_days"))
    delete = _number(assigned(lifecycle, "delete_after_days"))
    if cold is None or delete is None or delete - cold < COLD_STORAGE_SHORTEST_DAYS:
        message = (
            "Archive opt-in needs, in the same document, move_to_cold_storage_after_days and a delete_after_days at least "
            "90 days later; without them AWS refuses it."
        )
        yield "archive-opt-in-incomplete", Fault(place, message)
    if schedule is None or not _rare_enough(schedule, at):
        message = (
            "Archive opt-in needs, in the same document, a schedule with at least 28 days between runs; without it AWS "
            "refuses the opt-in."
        )
        yield "archive-opt-in-incomplete", Fault(place, message)


def _rare_enough(expression: str, at: datetime | None) -> bool:
    try:
        schedule = parse(expression)
    except ScheduleError:
        return True  # reported as such
    verdict = judge_at(schedule, at, ARCHIVE) if at else judge(schedule, ARCHIVE)
    return verdict.verdict is not Verdict.REJECTED


def _setting_place(policy: Policy, value: dict[str, Any], pointer: str, name: str) -> Place:
    """The place of a member, which the document may spell in another case."""
    return Place(policy.document, join(pointer, next(key for key in value if key.lower() == name)))


def member(value: dict[str, Any], name: str) -> dict[str, Any]:
    """The member of this name in any case, if it is an object; else an empty one."""
    found = next((item for key, item in value.items() if key.lower() == name), None)
    return found if isinstance(found, dict) else {}


def assigned(value: dict[str, Any], name: str) -> str | None:
    """The text that the document assigns to a single-valued setting."""
    setting = member(value, name.lower())
    found = next((item for key, item in setting.items() if key.lower() == "@@assign"), None)
    return None if found is None or isinstance(found, dict | list) else text_of(found)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and INTEGER.fullmatch(text) else None
