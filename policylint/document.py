"""One file: text to values, with a span for any JSON pointer, and what is wrong with the text."""

from __future__ import annotations

import json
import os
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from policylint.files import LARGEST_BYTES, Boundary, Unreadable, read_bytes

LINE_END = re.compile(r"\r\n|\n|\r")  # for editors and for SARIF's readers; U+2028 and friends end no line
DEEPEST = 100
PLACEHOLDER = re.compile(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}")


class Span(NamedTuple):
    """Start and end offset in the text, in code points; the end is exclusive."""

    start: int
    end: int


START = Span(0, 0)


class Position(NamedTuple):
    """A line and a column, both counted from 1; columns count code points."""

    line: int
    column: int


class Placeholder(str):
    """A value that a template engine fills in later; it may stand for a text, a number or a list."""

    __slots__ = ()


class RawFloat(float):
    """A number with a point or an exponent that remembers how it was written: 60.0 is not 60 to AWS."""

    text: str

    def __new__(cls, text: str) -> RawFloat:
        """The number that a text such as "60.0" stands for."""
        number = super().__new__(cls, text)
        number.text = text
        return number


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the text of a document: which rule it breaks, where, and in which words."""

    rule: str  # "unreadable-file", "broken-syntax", "duplicate-key", "document-too-large"
    message: str
    span: Span = START
    related: tuple[tuple[Span, str], ...] = ()


class Entry(NamedTuple):
    """Where a value stands: the span of its key (None for list elements and the root) and its own."""

    key: Span | None
    value: Span


@dataclass(eq=False)
class Document:
    """A file that was read: its values, and where each stands. `value` is None when the text is broken."""

    path: str  # relative to the working directory where possible, forward slashes
    text: str
    value: Any
    problems: tuple[Problem, ...] = ()
    placeholders: bool = field(default=False)  # some value holds a template placeholder

    def with_value(self, value: Any) -> Document:
        """The same text with other values: a reader has filled in placeholders."""
        return replace(self, value=value)

    def key_span(self, pointer: str) -> Span:
        """The span of the member name at a JSON pointer; of the value for a list element or the root."""
        entry = self._entry(pointer)
        return entry.key or entry.value

    def value_span(self, pointer: str) -> Span:
        """The span of the value at a JSON pointer, or of the nearest ancestor that exists in the text."""
        return self._entry(pointer).value

    def position(self, offset: int) -> Position:
        """The line and column of an offset."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def _entry(self, pointer: str) -> Entry:
        entries = self.entries
        while pointer not in entries:
            if not pointer:
                return Entry(None, Span(0, min(1, len(self.text))))
            pointer = pointer.rpartition("/")[0]
        return entries[pointer]

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Where each value stands, by pointer; empty for broken text."""
        if self.value is None:
            return {}
        if is_yaml(self.path):
            from policylint.yaml_text import yaml_entries

            return yaml_entries(self.text)
        # Later duplicates replace earlier ones, as for the values.
        source, sign = _with_stand_ins(self.text)
        return {pointer: entry for pointer, entry, _first in _scan(source, sign)}

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]


def join(pointer: str, key: str) -> str:
    """The pointer of a member (RFC 6901)."""
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def split_pointer(pointer: str) -> list[str]:
    """The keys of a pointer, unescaped; a missing leading slash is forgiven."""
    parts = pointer.removeprefix("/").split("/") if pointer.strip("/") else []
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def has_placeholder(text: str) -> bool:
    """Whether a text holds `${…}` or `{{ … }}`, which somebody fills in before AWS sees it."""
    return isinstance(text, Placeholder) or ("{" in text and PLACEHOLDER.search(text) is not None)


def is_placeholder(text: str) -> bool:
    """Whether a text is nothing but a placeholder, so that it may stand for a list too."""
    return isinstance(text, Placeholder) or PLACEHOLDER.fullmatch(text) is not None


def text_of(scalar: Any) -> str:
    """The text that AWS makes of a scalar before it merges: true, null, 12 and 60.0 as they are written."""
    if isinstance(scalar, str):
        return scalar
    if scalar is None:
        return "null"
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    return scalar.text if isinstance(scalar, RawFloat) else str(scalar)


def is_yaml(path: str) -> bool:
    """Whether the ending of a path says YAML; everything else is read as JSON."""
    return path.lower().endswith((".yaml", ".yml"))


def display_path(path: Path) -> str:
    """The path relative to the working directory where it lies below it, with forward slashes."""
    # Texts rather than paths: a thousand files take 20 ms less.
    return _below_here(os.path.realpath(path), path)


def _below_here(absolute: str, path: Path) -> str:
    here = os.path.join(_real(os.getcwd()), "")
    return Path(absolute[len(here) :]).as_posix() if absolute.startswith(here) else path.as_posix()


_real = lru_cache(maxsize=8)(os.path.realpath)


def named_path(path: Path) -> str:
    """The same for the name itself, wherever it leads: of a link that is not followed nothing else is to be said."""
    return _below_here(os.path.join(os.path.realpath(path.parent), path.name), path)


def read_document(path: Path, within: Boundary | None = None, most: int = LARGEST_BYTES) -> Document:
    """Read a JSON or YAML file of at most so many bytes that lies `within` a boundary, where one is given.

    Never raises for what the file is or holds: the document's problems say it.
    """
    read = read_text(path, within, most)
    return read if read.problems else parse_document(read.text, read.path)


def read_text(path: Path, within: Boundary | None = None, most: int = LARGEST_BYTES) -> Document:
    """The text of a file of whatever language, without values. What is wrong with the file is in its problems."""
    try:
        data = read_bytes(path, within, most)
    except Unreadable as error:
        return unread_document(path, str(error), error.rule)
    shown = display_path(path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = "The file is not UTF-8 text. Save it as UTF-8."
        return _broken(shown, before, "unreadable-file", message, len(before))
    return _with_nul(text, shown) or Document(shown, text, None)


def _with_nul(text: str, path: str) -> Document | None:
    """The document of a text that holds NUL, and is not to be shown; None for any other."""
    if "\0" not in text:
        return None
    line = LINE_END.sub("\n", text).count("\n", 0, text.index("\0")) + 1
    message = f"The file holds a NUL character in line {line}: it is not a text file."
    return _broken(path, "", "unreadable-file", message)


def unread_document(path: Path, message: str, rule: str = "unreadable-file") -> Document:
    """The document of a file that is not read, with the reason as its problem."""
    return _broken(named_path(path), "", rule, message)


def parse_document(text: str, path: str) -> Document:
    """The same for a text that is already in memory; the ending of `path` decides the format."""
    if broken := _with_nul(text, path):
        return broken
    if is_yaml(path):
        from policylint.yaml_text import parse_yaml

        return parse_yaml(text, path)
    return _parse_json(text, path)


def _broken(path: str, text: str, rule: str, message: str, offset: int = 0) -> Document:
    return Document(path, text, None, (Problem(rule, message, Span(offset, min(offset + 1, len(text)))),))


class _Refused(ValueError):
    """A constant that JSON does not have."""


def _refuse_constant(name: str) -> Any:
    raise _Refused(name)


def _parse_json(text: str, path: str) -> Document:
    if not text.strip("\ufeff \t\r\n"):
        return _broken(path, text, "broken-syntax", "The file is empty. A policy is a JSON object.")
    duplicates = False

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal duplicates
        value = dict(pairs)
        duplicates |= len(value) != len(pairs)
        return value

    def load(source: str) -> Any:
        # A byte order mark is a blank to the parser, so offsets stay those of the text.
        source = " " + source[1:] if source.startswith("\ufeff") else source
        return json.loads(source, object_pairs_hook=members, parse_float=RawFloat, parse_constant=_refuse_constant)

    found = ("${" in text or "{{" in text) and PLACEHOLDER.search(text) is not None
    source, sign = text, ""
    try:
        try:
            value = load(text)
        except json.JSONDecodeError:
            source, sign = _with_stand_ins(text)
            if not sign:
                raise
            value = _placeholders_back(load(source), sign)
        if _too_deep(value):
            raise RecursionError
    except json.JSONDecodeError as error:
        message, offset = _syntax_message(error, source)
        return _broken(path, text, "broken-syntax", message, offset)
    except _Refused as error:
        message = f"'{error}' is no JSON value. Write a number or a text."
        offset = next((match.start() for match in _TOKEN.finditer(text) if match[0] == str(error)), 0)
        return _broken(path, text, "broken-syntax", message, offset)
    except RecursionError:
        message = f"The document is nested more than {DEEPEST} levels deep; AWS's policies need about ten."
        return _broken(path, text, "broken-syntax", message)
    except ValueError:
        return _broken(path, text, "broken-syntax", "A number has too many digits to be read.")
    problems = tuple(_duplicate_problems(source, sign)) if duplicates else ()
    return Document(path, text, value, problems, found)


def _too_deep(value: Any) -> bool:
    level = [value]  # the values so many levels deep
    for _ in range(DEEPEST + 1):
        containers = [item for item in level if isinstance(item, dict | list)]
        if not containers:
            return False
        level = [item for held in containers for item in (held.values() if isinstance(held, dict) else held)]
    return True


def _syntax_message(error: json.JSONDecodeError, text: str) -> tuple[str, int]:
    """A sentence that says what to do, and where; the parser's own words are about the parser."""
    before = text[: error.pos].rstrip()
    here = text[error.pos : error.pos + 1]
    if before.endswith(",") and here in ("}", "]"):
        return "A comma stands before the closing bracket. Remove it.", len(before) - 1
    if error.msg.startswith("Illegal trailing comma"):
        return "A comma stands before the closing bracket. Remove it.", error.pos
    if not here:
        return "The text ends before the document does. Close every brace, bracket and quote.", max(len(before) - 1, 0)
    if here == "'":
        return "JSON texts stand in double quotes. Write \" in place of '.", error.pos
    if text.startswith(("//", "/*"), error.pos) or here == "#":
        return "JSON has no comments. Remove it, or keep the policy as YAML.", error.pos
    if "',' delimiter" in error.msg:
        return "A comma is missing before this.", error.pos
    if "':' delimiter" in error.msg and here in (",", "}"):
        return 'Values without names are in braces here. A list needs brackets: ["…", "…"].', error.pos
    if "':' delimiter" in error.msg:
        return "A colon is missing between the name and the value.", error.pos
    if error.msg.startswith("Extra data") and not text[error.pos :].strip("}] ,\t\r\n"):
        end = len(before) - 1
        starts = [0, *(found.end() for found in LINE_END.finditer(text, 0, end))]
        closed = f"{len(starts)}:{end - starts[-1] + 1}"
        return (
            f"One closing '{here}' too many: the document was closed in {closed} already. Remove this one.",
            error.pos,
        )
    if error.msg.startswith("Extra data"):
        return "The document has ended, yet more follows. Keep one JSON object in a file.", error.pos
    return f"This is not JSON: {error.msg[0].lower()}{error.msg[1:]}.", error.pos


# ---- bare placeholders ----------------------------------------------------------------------------------

# A string that nothing closes goes to the end of the text: else each quote in it would be tried for a start.
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_BARE = re.compile(_STRING + r'|\$\{[^{}"]*\}|\{\{[^{}"]*\}\}', re.DOTALL)


def _with_stand_ins(text: str) -> tuple[str, str]:
    """The text with each bare placeholder outside strings made a JSON text of the same length.

    And the sign with which these texts start, and no other text of the document; empty where there is none of them.
    """
    if "${" not in text and "{{" not in text:
        return text, ""
    sign = next(character for character in map(chr, range(0xE000, 0xF900)) if character not in text)
    found = False

    def stand_in(match: re.Match[str]) -> str:
        nonlocal found
        token = match[0]
        if token.startswith('"'):
            return token
        found = True
        inside = re.sub(r"[\\\x00-\x1f]", "_", token[2:-1])
        return f'"{sign}{inside}"'

    return _BARE.sub(stand_in, text), sign if found else ""


def _placeholders_back(value: Any, sign: str) -> Any:
    if isinstance(value, dict):
        return {_placeholders_back(key, sign): _placeholders_back(item, sign) for key, item in value.items()}
    if isinstance(value, list):
        return [_placeholders_back(item, sign) for item in value]
    if sign and isinstance(value, str) and value.startswith(sign):
        inside = value[1:]
        return Placeholder("{{" + inside + "}" if inside.endswith("}") else "${" + inside + "}")
    return value


# ---- where things stand in JSON --------------------------------------------------------------------------

_TOKEN = re.compile(_STRING + r'|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def _duplicate_problems(text: str, sign: str) -> Iterator[Problem]:
    for pointer, entry, first in _scan(text, sign):
        if first is not None and entry.key is not None:
            name = split_pointer(pointer)[-1]
            yield Problem(
                "duplicate-key",
                f"The name '{name}' stands twice in one object. Keep one of the two.",
                entry.key,
                ((first, "first written here"),),
            )


class _Frame:
    """An object or a list that is open while scanning."""

    __slots__ = ("count", "is_list", "key", "key_span", "pointer", "seen", "start")

    def __init__(self, pointer: str, start: int, is_list: bool) -> None:
        self.pointer = pointer
        self.start = start
        self.is_list = is_list
        self.count = 0
        self.key: str | None = None
        self.key_span: Span | None = None
        self.seen: dict[str, Span] = {}


def _scan(text: str, sign: str) -> Iterator[tuple[str, Entry, Span | None]]:
    """Walk a text that is known to be JSON: pointer, place, and the first key of that name if it stood before."""
    frames: list[_Frame] = []
    for match in _TOKEN.finditer(text, 1 if text.startswith("\ufeff") else 0):
        token, start, end = match[0], match.start(), match.end()
        if token in ",:":
            continue
        if token in "{[":
            frames.append(_Frame(_next_pointer(frames), start, token == "["))
        elif token in "}]":
            frame = frames.pop()
            yield _closed(frames, frame.pointer, Span(frame.start, end))
        elif frames and not frames[-1].is_list and frames[-1].key is None:
            frames[-1].key = _placeholders_back(json.loads(token) if "\\" in token else token[1:-1], sign)
            frames[-1].key_span = Span(start, end)
        else:
            yield _closed(frames, _next_pointer(frames), Span(start, end))


def _next_pointer(frames: list[_Frame]) -> str:
    if not frames:
        return ""
    frame = frames[-1]
    return join(frame.pointer, str(frame.count) if frame.is_list else frame.key or "")


def _closed(frames: list[_Frame], pointer: str, span: Span) -> tuple[str, Entry, Span | None]:
    if not frames:
        return pointer, Entry(None, span), None
    frame = frames[-1]
    frame.count += 1
    if frame.is_list or frame.key_span is None or frame.key is None:
        return pointer, Entry(None, span), None
    key, key_span, first = frame.key, frame.key_span, frame.seen.get(frame.key)
    frame.seen.setdefault(key, key_span)
    frame.key = frame.key_span = None
    return pointer, Entry(key_span, span), first
