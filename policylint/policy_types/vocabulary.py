"""Whether the description of a policy type makes sense: what a plugin registers is held against the words of `shape`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter
from typing import NamedTuple

from policylint.policy_types.registry import Registry
from policylint.policy_types.shape import (
    ENTRY_NAME,
    Apart,
    Container,
    Excludes,
    FieldRule,
    MostUses,
    Needs,
    PolicyType,
    RarerThan,
    Rejection,
    SameAsName,
    Setting,
    Values,
    When,
)
from policylint.wording import did_you_mean

CHECKS = ("", "schedule")
SCALARS = ("string", "number", "boolean", "null")
OPERATORS = ("@@assign", "@@append", "@@remove")
IN_MESSAGES = ("name", "value")
UP = "../"
DEEPEST = 50  # no document is deeper, so that a shape that holds itself ends


class Spot(NamedTuple):
    """A node of a shape: how it is written in messages, and the containers that it is in, the nearest last."""

    path: str
    above: tuple[object, ...] = ()
    is_entry: bool = False


def mistakes(kind: PolicyType, others: Registry) -> Iterator[str]:
    """What is wrong with a policy type, next to the other types that there are; a sentence for each."""
    if not all(isinstance(text, str) and text for text in (kind.enum, kind.folder, kind.title)):
        yield "'enum', 'folder' and 'title' are its names; each is a text that is not empty."
        return
    yield from _taken(kind, others)
    if not isinstance(kind.content, Container):
        yield f"'content' is {_what(kind.content)}; it must be a Container."
        return
    if kind.checked and kind.top_key != kind.top_key.lower():
        yield f"The top key '{kind.top_key}' must be in lower case."
    yield from _node(kind.content, Spot(kind.top_key))
    for most in kind.most_uses:
        yield from _most_uses(most, kind.content)


def rejections(kind: PolicyType) -> set[str]:
    """The ids of the rules that the type's rules between fields name."""
    waiting: list[object] = [kind.content]
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, Container):
            found |= {rule.rejection.rule for rule in node.rules if rule.rejection}
            waiting += [*node.fields.values(), node.entry]
    return found


def _taken(kind: PolicyType, others: Registry) -> Iterator[str]:
    for other in others.values():
        if other.enum == kind.enum:
            continue  # a better description of it
        if shared := kind.stems & other.stems:
            yield f"It has a name of {other.enum}, '{min(shared)}'. Choose another name."
        if kind.checked and other.checked and kind.top_key == other.top_key:
            yield f"Its top key '{kind.top_key}' is that of {other.enum}. No document would show which type it has."


def _node(node: object, spot: Spot) -> Iterator[str]:
    if len(spot.above) > DEEPEST:
        yield f"'{spot.path[:60]}…' is deeper than any document: the shape contains itself."
    elif isinstance(node, Setting):
        yield from _setting(node, spot)
    elif isinstance(node, Container):
        yield from _container(node, spot)
    else:
        yield f"'{spot.path}' is {_what(node)}; it must be a Setting or a Container."


def _container(shape: Container, spot: Spot) -> Iterator[str]:
    above = (*spot.above, shape)
    for name, field in shape.fields.items():
        if name != name.lower():
            yield f"The field '{name}' of '{spot.path}' must be in lower case, as names are compared."
        yield from _node(field, Spot(f"{spot.path}/{name}", above))
    if shape.entry is not None:
        yield from _node(shape.entry, Spot(f"{spot.path}/*", above, is_entry=True))
    elif shape.keeps_empty or shape.entry_names is not None:
        word = "keeps_empty" if shape.keeps_empty else "entry_names"
        yield f"'{spot.path}' has '{word}', and no 'entry' that it is about."
    if shape.entry_names is not None:
        yield from _values(shape.entry_names, spot.path)
    for name in shape.one_required_in_document:
        if name not in shape.fields:
            yield _no_field("one_required_in_document", name, shape, spot.path)
    for rule in shape.rules:
        yield from _rule(rule, shape, spot)


def _setting(setting: Setting, spot: Spot) -> Iterator[str]:
    yield from _values(setting.values, spot.path)
    for operator in sorted(setting.empty):
        if operator not in OPERATORS:
            yield f"'{operator}' in 'empty' of '{spot.path}' is not an operator. {_known(operator, OPERATORS)}"
    default = setting.default
    if default is ENTRY_NAME:
        holder = spot.above[-2] if len(spot.above) > 1 else None
        if not (isinstance(holder, Container) and holder.entry is spot.above[-1]):
            yield f"The default of '{spot.path}' is its entry's name, but it is not in an entry."
    elif default is not None and not isinstance(default, tuple if setting.multi else str):
        yield (
            f"The default of '{spot.path}' is {_what(default)}; it must be {'a tuple of strings' if setting.multi else 'a string'}."
        )


def _values(values: object, path: str) -> Iterator[str]:
    if not isinstance(values, Values):
        yield f"The values of '{path}' are {_what(values)}; they must be Values."
        return
    if values.check not in CHECKS:
        yield f"'{values.check}' is not a check of values, at '{path}'. {_known(values.check, CHECKS[1:])}"
    for scalar in sorted(values.scalars):
        if scalar not in SCALARS:
            yield f"'{scalar}' is not a kind of scalar, at '{path}'. {_known(scalar, SCALARS)}"
    for pattern in (values.pattern, values.listed):
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"The pattern '{pattern}' of '{path}' can't be read: {error}."


# ---- rules between fields ------------------------------------------------------------------------------------


def _rule(rule: FieldRule, shape: Container, spot: Spot) -> Iterator[str]:
    if not isinstance(rule, FieldRule):
        yield f"'rules' of '{spot.path}' holds something {_what(rule)}; it must be one of the rules between fields."
        return
    word = type(rule).__name__
    rejection = rule.rejection
    if rejection is not None:
        yield from _refusal(rejection, word, spot)
    elif isinstance(rule, SameAsName | Excludes):
        yield f"{word} of '{spot.path}' has no rejection, but AWS checks single documents for it."
    if isinstance(rule, SameAsName):
        if not spot.is_entry:
            yield f"SameAsName of '{spot.path}' is about the name of an entry, and it is none."
        yield from _path(word, rule.field, shape, spot, setting=True)
        return
    yield from _when(word, rule.when, shape, spot)
    match rule:
        case Excludes():
            yield from _path(word, rule.field, shape, spot)
        case Needs():
            if rejection is not None and rule.field.startswith(UP):
                yield f"{word} of '{spot.path}' can't look above for a document: leave its rejection out."
            yield from _path(word, rule.field, shape, spot, setting=rule.at_most is not None)
        case RarerThan():
            yield from _path(word, rule.schedule, shape, spot, setting=True)
        case Apart():
            for path in (rule.low, rule.high):
                yield from _path(word, path, shape, spot, setting=True)
    if isinstance(rule, Apart | RarerThan) and rule.each:
        yield from _each(word, rule, shape, spot)


def _each(word: str, rule: Apart | RarerThan, shape: Container, spot: Spot) -> Iterator[str]:
    entries = shape.fields.get(rule.each)
    if not isinstance(entries, Container) or not isinstance(entries.entry, Container):
        yield f"'{rule.each}' in {word} of '{spot.path}' is not a container with entries."
        return
    below = Spot(f"{spot.path}/{rule.each}/*", (*spot.above, shape, entries))
    yield from _when(word, rule.when, entries.entry, below)
    for path in (rule.low, rule.high) if isinstance(rule, Apart) else ():
        yield from _path(word, path, entries.entry, below, setting=True)


def _when(word: str, when: When, shape: Container, spot: Spot) -> Iterator[str]:
    yield from _path(word, when.field, shape, spot, setting=bool(when.text))


def _refusal(rejection: Rejection, word: str, spot: Spot) -> Iterator[str]:
    try:
        names = [name for _, name, _, _ in Formatter().parse(rejection.message) if name is not None]
    except ValueError as error:
        yield f"The message of {word} at '{spot.path}' can't be read: {error}."
        return
    for name in names:
        if name not in IN_MESSAGES:
            yield f"'{{{name}}}' in the message of {word} at '{spot.path}' has no meaning. {_known(name, IN_MESSAGES)}"
    if rejection.at not in ("setting", "block"):
        yield (
            f"'{rejection.at}' of {word} at '{spot.path}' is not a place. {_known(rejection.at, ('setting', 'block'))}"
        )


def _path(word: str, path: str, shape: Container, spot: Spot, *, setting: bool = False) -> Iterator[str]:
    """Whether a path from a container leads to a field, or to a setting with a single value."""
    node: object = shape
    above = list(spot.above)
    below = path
    while below.startswith(UP) and above:
        node, below = above.pop(), below.removeprefix(UP)
    for name in below.split("/"):
        fields = node.fields if isinstance(node, Container) else {}
        if name not in fields:
            yield f"{word} of '{spot.path}' names the field '{path}', which is not there. {_known(name, tuple(fields))}"
            return
        node = fields[name]
    if setting and (not isinstance(node, Setting) or node.multi):
        yield f"{word} of '{spot.path}' reads '{path}', which is not a setting with a single value."


def _most_uses(most: MostUses, content: Container) -> Iterator[str]:
    fields = content.entry.fields if isinstance(content.entry, Container) else {}
    if not isinstance(fields.get(most.field), Setting):
        yield (
            f"MostUses names the setting '{most.field}', which entries do not have. {_known(most.field, tuple(fields))}"
        )


def _no_field(word: str, name: str, shape: Container, path: str) -> str:
    return f"'{word}' of '{path}' names the field '{name}', which is not there. {_known(name, tuple(shape.fields))}"


def _known(name: str, known: tuple[str, ...]) -> str:
    return did_you_mean(name, known, f"Known are {', '.join(known)}." if known else "There are no fields.")


def _what(thing: object) -> str:
    return "nothing" if thing is None else f"of the kind {type(thing).__name__}"
