"""What AWS checks after the merge: an invalid effective policy is withheld, and this says why.

The codes, messages and paths are those of ListEffectivePolicyValidationErrors; each is listed with its evidence
in docs/aws-behaviour.md, "Validity of the effective policy".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

from policylint.cross_fields import Answer, Thing, judged
from policylint.effective import EffectivePolicy, View
from policylint.inheritance import Inheritance
from policylint.operators import REMOVE
from policylint.organization import Policy
from policylint.policy_types.shape import Apart, Container, MostUses, Needs, Node, RarerThan, member
from policylint.wording import capital, listed, plural

MergedRule = Needs | Apart | RarerThan  # what AWS holds effective policies to; to the others it holds documents alone
MERGED = (Needs, Apart, RarerThan)
UP = "../"


class ValidationError(NamedTuple):
    """One error as AWS reports it.

    `view` is the node that it is about, `field` its wrong field, `reason` what is wrong there in plain words;
    of what is missing `field` says enough.
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
            found[key] = list(_entry_errors(entry, below, top, at))
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


def _entry_errors(entry: View, shape: Node | None, top: View, at: datetime | None) -> Iterator[ValidationError]:
    if isinstance(shape, Container):
        yield from _completeness(entry, shape)
        if _has_rules(shape):
            yield from _cross_errors(_Merged(entry, _Merged(top, None)), shape, at)


def _completeness(view: View, shape: Container) -> Iterator[ValidationError]:
    if view.value is not None:
        return  # a placeholder represents all of it
    for name, field in shape.fields.items():
        child = view.direct_child(name)
        if child is None:
            if field.required:
                yield _error("KEY_REQUIRED", f"'{name}' is missing", view, name)
        elif isinstance(field, Container):
            if field.at_most is not None and len(child.children()) > field.at_most:
                message = f"'{name}' exceeds the allowed maximum limit {field.at_most}"
                reason = f"'{name}' has {len(child.children())} entries, and AWS allows {field.at_most}"
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


class _Merged:
    """A container of an effective policy with the one that it is in, for rules between fields."""

    def __init__(self, view: View, above: _Merged | None) -> None:
        self.view = view
        self.above = above

    @property
    def name(self) -> str:
        return self.view.name

    def has(self, path: str) -> bool:
        holder, below = self._start(path)
        return self.text(path) is not None or holder.view.child(below) is not None

    def text(self, path: str) -> str | None:
        holder, below = self._start(path)
        node = holder.view.node
        for name in below.split("/"):
            if node.value is not None:
                break  # a placeholder, which represents all that is in it
            found = node.children.get(name)
            if found is None or not found.rendered:
                return None
            node = found
        return node.value if isinstance(node.value, str) else None

    def entries(self, path: str) -> list[_Merged]:
        return [_Merged(view, self) for view in self.view.children(path)]

    def _start(self, path: str) -> tuple[_Merged, str]:
        """Where a path starts, and what is left of it: `../` leads to the container above."""
        holder = self
        while path.startswith(UP) and holder.above is not None:
            holder, path = holder.above, path.removeprefix(UP)
        return holder, path


@lru_cache(maxsize=1024)
def _has_rules(shape: Node | None) -> bool:
    """Whether fields of a container, or of one below it, depend on each other after the merge."""
    if not isinstance(shape, Container):
        return False
    return any(isinstance(rule, MERGED) for rule in shape.rules) or any(
        map(_has_rules, (*shape.fields.values(), shape.entry))
    )


def _cross_errors(thing: _Merged, shape: Container, at: datetime | None) -> Iterator[ValidationError]:
    view = thing.view
    if view.value is not None:
        return
    faults: dict[str, tuple[str, str]] = {}  # field and reason by what AWS shows: the same of two entries is one error
    for rule, holder, answer in judged([rule for rule in shape.rules if isinstance(rule, MERGED)], thing, at):
        if answer is Answer.BROKEN and isinstance(rule, MERGED):
            whose = "" if holder is thing else f" of the {_noun(shape, rule)} '{holder.name}'"
            fields, needed = _dependent(rule, thing, holder)
            noun = rule.when.noun or f"'{_leaf(rule.when.field)}'"
            faults.setdefault(fields, (rule.when.field, f"{noun}{whose} needs {needed}"))
    for fields, (field, reason) in faults.items():
        text = f"Dependent fields {fields} in policy block {view.folded} are invalid when used together"
        yield _error("CROSS_ATTRIBUTE_VALIDATION", text, view, field, reason)
    for child in view.children():
        below = member(shape, child.folded)
        if isinstance(below, Container) and _has_rules(below):
            yield from _cross_errors(_Merged(child, thing), below, at)


def _noun(shape: Container, rule: MergedRule) -> str:
    entries = shape.fields.get(rule.each) if isinstance(rule, Apart | RarerThan) else None
    return entries.entry_noun if isinstance(entries, Container) else "entry"


def _dependent(rule: MergedRule, thing: Thing, holder: Thing) -> tuple[str, str]:
    """The fields that AWS names where a rule is broken, and what is needed, in our words."""
    fields = [_pair(rule.when.field, holder.text(rule.when.field))]
    if isinstance(rule, Needs):
        value = holder.text(rule.field)
        fields.append(_pair(rule.field, value))
        noun = rule.noun or f"a '{_leaf(rule.field)}'"
        needed = noun + (f" of at most {rule.at_most}" if rule.at_most is not None else "") + _but(value)
    elif isinstance(rule, RarerThan):
        value = thing.text(rule.schedule)
        fields.append(_pair(rule.schedule, value))
        needed = f"a '{_leaf(rule.schedule)}' with at least {rule.days} days between runs{_but(value)}"
    else:
        low, high = holder.text(rule.low), holder.text(rule.high)
        fields += [_pair(rule.high, high), _pair(rule.low, low)]
        needed = (
            f"at least {rule.days} days from '{_leaf(rule.low)}' ({low or 'not set'}) "
            f"to '{_leaf(rule.high)}' ({high or 'not set'})"
        )
    return ",".join(fields), needed


def _leaf(path: str) -> str:
    return path.rpartition("/")[2]


def _pair(path: str, value: str | None) -> str:
    return f"{_leaf(path)}(undefined)" if value is None else f"{_leaf(path)}={value}"


def _but(value: str | None) -> str:
    return ", and there is none" if value is None else f", not '{value}'"


def _size_errors(policy: EffectivePolicy, top: View, limit: int) -> Iterator[ValidationError]:
    size = len(json.dumps(policy.content(), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size > limit:
        message = f"Effective policy size is {size} bytes, which exceeds the maximum limit of {limit} bytes"
        reason = f"the merged policy has {size:,} bytes, and AWS allows {limit:,}"
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
    reason = f"{len(names)} {most.entries} {most.relation} '{value}', and AWS allows {most.at_most} ({first})"
    policies = tuple(dict.fromkeys(policy for entry in entries for policy in entry.policies()))
    return ValidationError("ELEMENTS_TOO_MANY", message, top.path, policies, top, reason=reason)
