"""YAML text to values and places, with ruamel.yaml's C composer; loaded only when a YAML file is read."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, Event
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from policylint.document import DEEPEST, Document, Entry, Problem, join
from policylint.scalars import PLACEHOLDER, Placeholder, RawFloat, has_placeholder
from policylint.source import START, SourceText, Span

MARK = "\ufeff"
SAFE_DEPTH = 2_000  # a tenth of what makes the parser overrun its stack
TOO_DEEP = f"The document is nested more than {DEEPEST} levels deep; AWS's policies need about ten."
FEWEST_NODES = 1_000  # so many values may any file have; a larger one as many as it has characters

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")


class _Trouble(Exception):
    """The text is YAML, but not a document we can take."""

    def __init__(self, message: str, node: Node | Event) -> None:
        super().__init__(message)
        self.message = message
        self.span = _span(node)


def parse_yaml(source: SourceText) -> Document:
    """Read a YAML text. Only true, false, null and decimal numbers are no texts: `yes` is one, and so is 012."""
    marks = _marks(source.text)
    value, problems, placeholders = _read(source.text[marks:])
    if marks:
        problems = tuple(
            replace(
                problem,
                span=_moved(problem.span, marks),
                related=tuple((_moved(span, marks), text) for span, text in problem.related),
            )
            for problem in problems
        )
    return Document(source, value, problems, placeholders, yaml_entries)


def _marks(text: str) -> int:
    """How many byte order marks a text starts with: the parser does not count them."""
    return len(text) - len(text.lstrip(MARK))


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _read(text: str) -> tuple[Any, tuple[Problem, ...], bool]:
    """The values of a text, what is wrong with it, and whether it holds placeholders."""
    try:
        _refuse_depth(text)
        node = _compose(text)
        if node is None:
            return _broken("The file is empty.", Span(0, min(1, len(text))))
        reader = _Reader(text)
        value = reader.value(node, 0)
    except MarkedYAMLError as error:
        return None, (_syntax_problem(error, text),), False
    except _Trouble as error:
        return _broken(error.message, error.span)
    except (YAMLError, RecursionError, ValueError) as error:
        return _broken(f"This is not YAML: {str(error).splitlines()[0] if str(error) else 'too deeply nested'}.", START)
    return value, tuple(reader.problems), PLACEHOLDER.search(text) is not None


def _broken(message: str, span: Span) -> tuple[Any, tuple[Problem, ...], bool]:
    return None, (Problem("broken-syntax", message, span),), False


def yaml_entries(text: str) -> dict[str, Entry]:
    """The place of every value of a text that is known to be readable."""
    if marks := _marks(text):
        return {
            pointer: Entry(entry.key and _moved(entry.key, marks), _moved(entry.value, marks))
            for pointer, entry in yaml_entries(text[marks:]).items()
        }
    node = _compose(text)
    reader = _Reader(text, places=True)
    reader.value(node, 0)
    return reader.entries


def _refuse_depth(text: str) -> None:
    """Raise _Trouble where the composer, which calls itself in C for each level, would crash the process.

    Each level takes a bracket, or a column more than the one above it; few texts have enough of them to be looked at.
    """
    columns = max(map(len, text.split("\n")))
    if text.count("[") + text.count("{") + columns <= SAFE_DEPTH:
        return
    depth = 0
    for event in _loader().parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise _Trouble(TOO_DEEP, event)


def _compose(text: str) -> Any:
    try:
        return _loader().compose(text)
    except MarkedYAMLError as error:
        # The C parser rejects [ec2:instance], which YAML 1.2 allows and tag policies are full of; the other reads it.
        if error.problem != "found unexpected ':'":
            raise
        return _loader(pure=True).compose(text)


def _loader(*, pure: bool = False) -> YAML:
    loader = YAML(typ="safe", pure=pure)
    loader.allow_duplicate_keys = True  # ours are reported with both places
    return loader


def _span(node: Node | Event) -> Span:
    start, end = node.start_mark.index, node.end_mark.index
    return Span(start, max(end, start))


def _syntax_problem(error: MarkedYAMLError, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    offset = min(mark.index, max(len(text) - 1, 0)) if mark else 0
    line = text[text.rfind("\n", 0, offset) + 1 :].split("\n", 1)[0]
    if re.search(r"(^|[\s{,])@@\w+\s*:", line):
        message = "YAML can't start a name with @. Quote the operator: '@@assign'."
    elif "\t" in line[: len(line) - len(line.lstrip())]:
        message = "YAML does not allow tabs for indentation. Use spaces."
    else:
        message = f"This is not YAML: {error.problem or error.context}."
    return Problem("broken-syntax", message, Span(offset, min(offset + 1, len(text))))


class _Reader:
    """Turns nodes into values; on demand it notes where each is."""

    def __init__(self, text: str, *, places: bool = False) -> None:
        # Each value that is written out takes a character; aliases may make a small file expand without end.
        self.most = max(FEWEST_NODES, len(text))
        self.entries: dict[str, Entry] = {}
        self.problems: list[Problem] = []
        self.places = places
        self.count = 0

    def value(self, node: Node, depth: int, pointer: str = "", key: Span | None = None) -> Any:
        self.count += 1
        if self.count > self.most:
            message = (
                f"The aliases of this file expand to more than {self.most:,} values, which are not read. Write "
                f"them out."
            )
            raise _Trouble(message, node)
        if depth > DEEPEST:
            raise _Trouble(TOO_DEEP, node)
        if self.places:
            self.entries[pointer] = Entry(key, _span(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, depth, pointer)
        if isinstance(node, SequenceNode):
            return [
                self.value(item, depth + 1, f"{pointer}/{index}" if self.places else "")
                for index, item in enumerate(node.value)
            ]
        return _scalar(node) if isinstance(node, ScalarNode) else None

    def _mapping(self, node: MappingNode, depth: int, pointer: str) -> Any:
        if placeholder := _flow_placeholder(node):
            return placeholder
        value: dict[str, Any] = {}
        first: dict[str, Span] = {}
        merged: dict[str, Any] = {}
        for key_node, item in node.value:
            if not isinstance(key_node, ScalarNode):
                raise _Trouble("A name must be a string, not a list or an object.", key_node)
            name = key_node.value
            if name == "<<" and not key_node.style:
                merged.update(self._merged(item, depth))
                continue
            if name in first and not self.places:
                self.problems.append(_duplicate(name, _span(key_node), first[name]))
            first.setdefault(name, _span(key_node))
            below = join(pointer, name) if self.places else ""
            value[name] = self.value(item, depth + 1, below, _span(key_node))
        return {**merged, **value} if merged else value

    def _merged(self, node: Node, depth: int) -> dict[str, Any]:
        value = self.value(node, depth + 1, "/<<")
        parts = value if isinstance(value, list) else [value]
        result: dict[str, Any] = {}
        for part in reversed(parts):
            if not isinstance(part, dict):
                raise _Trouble("A merge key (<<) takes an object or a list of objects.", node)
            result.update(part)
        return result


def _duplicate(name: str, span: Span, first: Span) -> Problem:
    message = f"The name '{name}' appears twice in one object. Keep one of the two."
    return Problem("duplicate-key", message, span, ((first, "first written here"),))


def _flow_placeholder(node: MappingNode) -> Placeholder | None:
    # An unquoted {{ name }} reads as a flow mapping whose only key is a flow mapping.
    if node.flow_style and len(node.value) == 1 and isinstance(node.value[0][0], MappingNode):
        inner = node.value[0][0].value
        if len(inner) == 1 and isinstance(inner[0][0], ScalarNode):
            return Placeholder("{{ " + inner[0][0].value + " }}")
    return None


def _scalar(node: ScalarNode) -> Any:
    text: str = node.value
    if node.style:
        return text
    if text in {"", "~", "null", "Null", "NULL"}:
        return None
    if text in {"true", "True", "TRUE"}:
        return True
    if text in {"false", "False", "FALSE"}:
        return False
    if len(text) < 20 and _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return RawFloat(text)
    return Placeholder(text) if text.startswith(("${", "{{")) and has_placeholder(text) else text
