"""What makes AWS withhold a merged policy, or leaves nothing backed up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime

from policylint import (
    AwsError,
    Container,
    EffectivePolicy,
    Fault,
    Node,
    Organization,
    Place,
    Related,
    State,
    ValidationError,
    View,
    check,
    has_placeholder,
    intersection,
    largest_units,
    merged,
    partition_of,
    plural,
    validation_errors,
    without,
)
from policylint.merge import Range
from policylint.operators import REMOVE
from policylint.remedies import renamed
from policylint.validity import reasons

Found = Iterator[Fault]
ADVICE = {
    "KEY_REQUIRED": "Add what is missing, here or in a parent policy.",
    "ELEMENTS_TOO_FEW": "Keep at least one value.",
    "ELEMENTS_TOO_MANY": "Remove some.",
    "CROSS_ATTRIBUTE_VALIDATION": "Change one of the fields, in this policy or in a parent policy.",
}


def _errors(policy: EffectivePolicy, at: datetime | None, *codes: str) -> Found:
    """A problem for each node that AWS reports errors of: a place has one finding, which must name them all."""
    by_path: dict[tuple[str, str], list[ValidationError]] = {}
    for error in validation_errors(policy, at):
        if error.code in codes:
            by_path.setdefault((error.code, error.path), []).append(error)
    return (_fault(policy, errors) for errors in by_path.values())


def _fault(policy: EffectivePolicy, errors: list[ValidationError]) -> Fault:
    error = errors[0]
    place = error.view.missing(error.field) if error.code == "KEY_REQUIRED" else _cause(error.view)
    message = (
        f"AWS withholds the whole {policy.type.title}, because at '{error.path}' {reasons(errors)}. "
        f"{ADVICE[error.code]}"
    )
    others = [writer for writer in error.view.writers() if writer.policy.document is not place.document]
    related = tuple(Related(writer.key_place(), f"'{writer.policy.name}' writes here too") for writer in others)
    return Fault(place, message, related, AwsError(error.code, error.path))


def _cause(view: View) -> Place:
    """The removal or the assignment that left nothing of a list; of what has too much, or conflicts, the first name."""
    if not view.node.origins:
        return view.place()
    origin = view.node.origins[-1]
    return origin.fragment.operator_place(REMOVE) if origin.operator == REMOVE else origin.fragment.key_place()


@check("missing-element")
def missing_element(policy: EffectivePolicy, at: datetime | None) -> Found:
    """A required field that no policy gives."""
    yield from _errors(policy, at, "KEY_REQUIRED")


@check("wrong-count")
def wrong_count(policy: EffectivePolicy, at: datetime | None) -> Found:
    """Too few or too many elements after the merge."""
    yield from _errors(policy, at, "ELEMENTS_TOO_FEW", "ELEMENTS_TOO_MANY")


@check("conflicting-fields")
def conflicting_fields(policy: EffectivePolicy, at: datetime | None) -> Found:
    """Fields that AWS rejects together after the merge."""
    yield from _errors(policy, at, "CROSS_ATTRIBUTE_VALIDATION")


@check("valid-plan-withheld")
def valid_plan_withheld(policy: EffectivePolicy, at: datetime | None) -> Found:
    """A valid plan that is withheld together with an invalid one."""
    errors = validation_errors(policy, at)
    paths = {"/".join(error.path.split("/")[:2]) for error in errors}
    sound = [plan for plan in policy.plans() if plan.path not in paths]
    if errors and sound:
        for error in errors[:1]:
            names = ", ".join(f"'{plan.name}'" for plan in sound)
            valid = f"{names}, which {plural(len(sound), 'is', 'are')} valid"
            message = f"AWS withholds {valid}, because '{error.path}' of the same merged policy is not."
            yield Fault(error.view.place(), message, tuple(Related(p.place(), "valid, and withheld") for p in sound))


@check("missing-schedule")
def missing_schedule(policy: EffectivePolicy) -> Found:
    """A backup rule that leaves its schedule to AWS's default."""
    for plan in policy.plans():
        for rule in plan.children("rules"):
            if rule.get("schedule_expression") is None:
                message = f"'{rule.name}' has no schedule_expression, so it runs at 05:00 UTC every day. Add it."
                yield Fault(rule.missing("schedule_expression"), message)


@check("wrong-partition")
def wrong_partition(plan: View) -> Found:
    """An ARN of another partition than the plan's Regions, which can lead to nothing."""
    partitions = {partition_of(region) for region in plan.texts("regions") if not has_placeholder(region)}
    for view, text in _arns(plan):
        parts = text.split(":")
        literal = parts[3] if parts[3] and parts[3] not in ("*", "$region") else ""
        right = {partition_of(literal)} if literal else partitions
        if right and parts[1] not in right:
            message = (
                f"'{text}' is in the partition '{parts[1]}', but its Region is in '{sorted(right)[0]}'. Write "
                f"'{sorted(right)[0]}'."
            )
            yield Fault(view.place() if view.value == text else view.element_place("", text), message)


def _arns(plan: View) -> Iterator[tuple[View, str]]:
    """Every ARN that a plan's settings hold."""
    waiting = [plan]
    while waiting:
        view = waiting.pop()
        waiting.extend(reversed(view.children()))
        for text in view.texts(""):
            if text.startswith("arn:") and text.count(":") >= 5 and not has_placeholder(text):
                yield view, text


@check("name-differs-in-case")
def name_differs_in_case(plan: View) -> Found:
    """A plan, a rule, a selection or a tag that two policies spell differently, and AWS takes for one."""
    kind = plan.node.writers[0].policy.type if plan.node.writers else None
    waiting: list[tuple[State, Node | None]] = [(plan.node, kind.content.entry)] if kind else []
    if kind and kind.content.entry:
        yield from _spellings(plan.node)
    while waiting:
        node, shape = waiting.pop()
        if not isinstance(shape, Container) or len(node.writers) < 2:
            continue  # what one policy alone has written it spells in one way
        for name, child in node.children.items():
            if name not in shape.fields and shape.entry is not None:
                yield from _spellings(child)
            waiting.append((child, shape.fields.get(name, shape.entry)))


def _spellings(node: State) -> Found:
    first = next(iter(node.writers), None)
    for writer in node.writers[1:]:
        if first is not None and writer.name != first.name:
            message = (
                f"'{writer.name}' and '{first.name}' of '{first.policy.name}' differ only in case. AWS reads them "
                f"as one name. Use one spelling, or another name."
            )
            related = (Related(first.key_place(), "the first spelling"),)
            yield Fault(writer.key_place(), message, related, fix=renamed(writer.key_place(), first.name))


@check("unprotected-account")
def unprotected_account(policy: EffectivePolicy) -> Found:
    """Accounts to which no plan applies at all."""
    from glob import escape  # loaded where something is found: it costs each start a millisecond

    if not policy.plans():
        organization = policy.inheritance.organization
        # An attachment that leads to no file is an error of its own, and may have meant a plan.
        known = without(policy.account_ranges, merged(organization.unresolved_ranges(policy.type)))
        for path, pointer, ranges in _places(organization, known):
            # Whoever excepts the root switches the rule off.
            what, named = (
                ("units that need none", "Root/UNIT") if path == "Root" else ("it", _in_brackets(escape(path)))
            )
            message = (
                f"'{path}' has no backup plan, so nothing there is backed up. Attach a backup policy on its path, or "
                f"except {what} with 'rules: {{unprotected-account: {{except: [{named}]}}}}' in policylint.yaml."
            )
            yield Fault(Place(organization.document, pointer), message, account_ranges=tuple(ranges))


def _in_brackets(text: str) -> str:
    """A text as an element of a list in YAML."""
    return text if re.fullmatch(r"[\w/.]([\w/. -]*[\w/.-])?", text) else json.dumps(text, ensure_ascii=False)


def _places(organization: Organization, ranges: list[Range]) -> Iterator[tuple[str, str, list[Range]]]:
    """The highest units that lie wholly in the ranges, and the accounts left over, with their places.

    Closed accounts need no backups: they neither count nor make a unit one of which only a part is meant.
    """
    closed = merged(account.account_range for account in organization.accounts if account.is_closed)
    for unit, inside in largest_units(merged([*ranges, *closed]), organization.root):
        needed = without(intersection(inside, merged(ranges)), closed)
        if inside == [unit.account_range]:
            if needed:
                yield unit.path, f"{unit.pointer}/name", needed
            continue
        for index in (index for start, stop in needed for index in range(start, stop)):
            account = organization.accounts[index]
            yield account.path, account.pointer, [account.account_range]
