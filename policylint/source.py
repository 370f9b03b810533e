"""A text and where it lies: in a file of its own, or inside of another text that writes it in its own way.

A policy may be written indented in a heredoc, or as a JSON string inside of JSON. It is read as what it means, and every place
in it is reported as the place in the file that people open.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

LINE_END = re.compile(r"\r\n|\n|\r")  # for editors and for SARIF's readers; U+2028 and friends end no line


class Span(NamedTuple):
    """Start and end offset in the text, in code points; the end is exclusive."""

    start: int
    end: int


START = Span(0, 0)


class Position(NamedTuple):
    """A line and a column, both counted from 1; columns count code points."""

    line: int
    column: int

    def __str__(self) -> str:
        """The position as line:column."""
        return f"{self.line}:{self.column}"


@dataclass(eq=False)
class SourceText:
    """A text as it is read, and where it lies.

    For a text inside of another, `outer` is that one, and `spans` pairs offsets of the two, sorted: from each pair on, up to
    the next, both go on character by character. An escape, and white space that is cut off, ends such a stretch.
    """

    path: str  # relative to the working directory where possible, forward slashes
    text: str
    part: str = ""  # which of the texts in the file: `aws_organizations_policy.one`; empty where the file is the text
    language: str = ""  # "json" or "yaml"; if it is left out, the extension of the path decides
    outer: str | None = None
    spans: Sequence[tuple[int, int]] = ()
    # A pattern of what the outer text would write otherwise. None: what is around is not known well enough to write into.
    escaped: str | None = None

    def __post_init__(self) -> None:
        self.language = self.language or language_of(self.path)
        if self.outer is not None and (not self.spans or list(self.spans) != sorted(self.spans)):
            raise ValueError(f"{self.id}: a text inside of another needs pairs of offsets, sorted.")

    def __repr__(self) -> str:
        return f"SourceText({self.id!r}, {len(self.text):,} characters)"

    @property
    def id(self) -> str:
        """What identifies the text, also in other runs."""
        return named_part(self.path, self.part)

    @property
    def whole(self) -> str:
        """The text of the whole file."""
        return self.text if self.outer is None else self.outer

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the whole file, without their ends."""
        return LINE_END.split(self.whole)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.whole))]

    def position(self, offset: int) -> Position:
        """The line and column, in the file, of an offset in the text."""
        return self.outer_position(self.outer_offset(offset))

    def outer_position(self, offset: int) -> Position:
        """The line and column, in the file, of an offset in the file."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def outer_offset(self, offset: int) -> int:
        """The offset in the file of an offset in the text."""
        if self.outer is None:
            return offset
        inner, outer = self.spans[self._stretch(offset)]
        return max(outer + offset - inner, 0)

    def outer_span(self, span: Span) -> Span | None:
        """Where the file has a piece of the text just as it is; None where it writes it otherwise, or in pieces."""
        if self.outer is None:
            return span
        start = self.outer_offset(span.start)
        found = Span(start, start + span.end - span.start)
        is_one = span.end <= self.stretch(span.start).end
        return found if is_one and self.outer[found.start : found.end] == self.text[span.start : span.end] else None

    def stretch(self, offset: int) -> Span:
        """The stretch around an offset in which the text and the file go on character by character."""
        index = self._stretch(offset)
        following = self.spans[index + 1][0] if index + 1 < len(self.spans) else len(self.text)
        return Span(self.spans[index][0], following) if self.outer is not None else Span(0, len(self.text))

    def _stretch(self, offset: int) -> int:
        return max(bisect_right(self.spans, offset, key=lambda pair: pair[0]) - 1, 0)


def named_part(path: str, part: str) -> str:
    """A text by the path of its file, and by which part of it that is; the path alone, where it is all of it."""
    return f"{path}#{part}" if part else path


def language_of(path: str) -> str:
    """The language that the ending of a path says; everything but YAML is read as JSON."""
    return "yaml" if path.lower().endswith((".yaml", ".yml")) else "json"
