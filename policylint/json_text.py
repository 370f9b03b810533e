"""JSON text to values and places, and in plain words what is wrong with a text that is none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from policylint.document import DEEPEST, Document, Entry, Problem, broken_document, join, split_pointer
from policylint.scalars import PLACEHOLDER, Placeholder, RawFloat
from policylint.source import SourceText, Span


class _Refused(ValueError):
    """A constant that JSON does not have."""


def _refuse_constant(name: str) -> Any:
    raise _Refused(name)


def parse_json(source: SourceText) -> Document:
    """Read a JSON text; placeholders outside of strings are values too."""
    text = source.text
    if not text.strip("\ufeff \t\r\n"):
        return broken_document(source, "broken-syntax", "The file is empty. A policy is a JSON object.")
    duplicates = False

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal duplicates
        value = dict(pairs)
        duplicates |= len(value) != len(pairs)
        return value

    def load(json_text: str) -> Any:
        # A byte order mark is a blank to the parser, so offsets stay those of the text.
        json_text = " " + json_text[1:] if json_text.startswith("\ufeff") else json_text
        return json.loads(json_text, object_pairs_hook=members, parse_float=RawFloat, parse_constant=_refuse_constant)

    found = ("${" in text or "{{" in text) and PLACEHOLDER.search(text) is not None
    filled, sign = text, ""
    try:
        try:
            value = load(text)
        except json.JSONDecodeError:
            filled, sign = _with_stand_ins(text)
            if not sign:
                raise
            value = _placeholders_back(load(filled), sign)
        if _too_deep(value):
            raise RecursionError
    except json.JSONDecodeError as error:
        message, offset = _syntax_message(error, filled, source)
        return broken_document(source, "broken-syntax", message, offset)
    except _Refused as error:
        message = f"'{error}' is not a JSON value. Write a number or a string."
        offset = next((match.start() for match in _TOKEN.finditer(text) if match[0] == str(error)), 0)
        return broken_document(source, "broken-syntax", message, offset)
    except RecursionError:
        message = f"The document is nested more than {DEEPEST} levels deep; AWS's policies need about ten."
        return broken_document(source, "broken-syntax", message)
    except ValueError:
        return broken_document(source, "broken-syntax", "A number has too many digits to be read.")
    problems = tuple(_duplicate_problems(filled, sign)) if duplicates else ()
    return Document(source, value, problems, found, json_entries)


def json_entries(text: str) -> dict[str, Entry]:
    """Where each value of a text that is known to be JSON is, by pointer."""
    # Later duplicates replace earlier ones, as for the values.
    source, sign = _with_stand_ins(text)
    return {pointer: entry for pointer, entry, _first in _scan(source, sign)}


def _too_deep(value: Any) -> bool:
    level = [value]  # the values so many levels deep
    for _ in range(DEEPEST + 1):
        containers = [item for item in level if isinstance(item, dict | list)]
        if not containers:
            return False
        level = [item for held in containers for item in (held.values() if isinstance(held, dict) else held)]
    return True


def _syntax_message(error: json.JSONDecodeError, text: str, source: SourceText) -> tuple[str, int]:
    """A sentence that says what to do, and where; the parser's own words are about the parser."""
    before = text[: error.pos].rstrip()
    here = text[error.pos : error.pos + 1]
    if before.endswith(",") and here in ("}", "]"):
        return "There is a comma before the closing bracket. Remove it.", len(before) - 1
    if error.msg.startswith("Illegal trailing comma"):
        return "There is a comma before the closing bracket. Remove it.", error.pos
    if not here:
        return "The text ends before the document does. Close every brace, bracket and quote.", max(len(before) - 1, 0)
    if here == "'":
        return "JSON strings are in double quotes. Write \" instead of '.", error.pos
    if text.startswith(("//", "/*"), error.pos) or here == "#":
        return "JSON has no comments. Remove it, or keep the policy as YAML.", error.pos
    if "',' delimiter" in error.msg:
        return "A comma is missing before this.", error.pos
    if "':' delimiter" in error.msg and here in (",", "}"):
        return 'Values without names are in braces here. A list needs brackets: ["…", "…"].', error.pos
    if "':' delimiter" in error.msg:
        return "A colon is missing between the name and the value.", error.pos
    if error.msg.startswith("Extra data") and not text[error.pos :].strip("}] ,\t\r\n"):
        closed = source.position(len(before) - 1)
        return (
            f"One closing '{here}' too many: the document was closed in {closed} already. Remove this one.",
            error.pos,
        )
    if error.msg.startswith("Extra data"):
        return "There is text after the end of the document. Keep one JSON object in a file.", error.pos
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


# ---- where things are in JSON --------------------------------------------------------------------------

_TOKEN = re.compile(_STRING + r'|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def _duplicate_problems(text: str, sign: str) -> Iterator[Problem]:
    for pointer, entry, first in _scan(text, sign):
        if first is not None and entry.key is not None:
            name = split_pointer(pointer)[-1]
            yield Problem(
                "duplicate-key",
                f"The name '{name}' appears twice in one object. Keep one of the two.",
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
    """Walk a text that is known to be JSON: pointer, place, and the first key of that name if it was before."""
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
