"""Lines of source with marks below them, as compilers show them: aligned whatever the width of the characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from policylint import Terminal, printable
from policylint.printing import ANYWHERE, escaped

TAB = 4
WIDTH = 80
LINES_BETWEEN = 1  # a gap of so many lines is shown, a longer one folded


class Mark(NamedTuple):
    """A stretch of one line to underline. Columns count code points from 1, the end is exclusive."""

    line: int
    start: int
    end: int
    label: str
    sign: str  # "^" for what is wrong, "-" for what explains it
    colours: tuple[int, ...]


class Row(NamedTuple):
    """A line as it is shown: each code point as it is shown, and the column at which it starts, then the line's end."""

    pieces: list[str]
    starts: list[int]

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(self.pieces)


def excerpt(lines: list[str], marks: list[Mark], gutter: int, terminal: Terminal) -> Iterator[str]:
    """The marked lines with their numbers in a gutter of this width; long gaps are folded."""
    bar = terminal.paint(f"{' ' * gutter} |", 34)
    yield bar
    last = 0
    for line in sorted({mark.line for mark in marks}):
        if last and line - last > LINES_BETWEEN + 1:
            yield terminal.paint("...", 34)
        elif last:
            yield from (_numbered(lines, number, gutter, terminal) for number in range(last + 1, line))
        here = sorted((mark for mark in marks if mark.line == line), key=lambda mark: (mark.sign != "^", mark.start))
        row, shift = _window(_row(_line(lines, line)), here[0], WIDTH - gutter - 3)
        number = terminal.paint(f"{line:>{gutter}} |", 34)
        yield f"{number} {row}".rstrip()
        full = _row(_line(lines, line))
        for mark in here:
            yield from (f"{bar} {below}" for below in _underline(full, mark, shift, gutter, terminal))
        last = line


def _numbered(lines: list[str], number: int, gutter: int, terminal: Terminal) -> str:
    text = _row(_line(lines, number)).text
    text = text if len(text) <= WIDTH - gutter - 3 else text[: WIDTH - gutter - 4] + "…"
    return f"{terminal.paint(f'{number:>{gutter}} |', 34)} {text}".rstrip()


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1] if number <= len(lines) else ""


@lru_cache(maxsize=16)
def _row(line: str) -> Row:
    # Hundreds of findings may be on one line, as in minified files.
    from wcwidth import wcwidth

    shown: list[str] = []
    starts: list[int] = []
    column = 0
    commands = {found.end() - 1 for found in ANYWHERE.finditer(line)}
    for offset, character in enumerate(line):
        starts.append(column)
        if offset in commands:
            piece = escaped(character)
            column += len(piece)
        elif character == "\t":
            piece = " " * (TAB - column % TAB)
            column += len(piece)
        elif wcwidth(character) > 0:
            piece = printable(character)
            column += wcwidth(character) if piece == character else len(piece)
        elif wcwidth(character) == 0 and printable(character) == character:
            piece = character  # it combines with the one before
        else:
            piece = printable(character)
            column += len(piece)
        shown.append(piece)
    return Row(shown, [*starts, column])


def _window(row: Row, mark: Mark, room: int) -> tuple[str, int]:
    """The part of a line that fits, around a mark, and how many columns were cut off before it."""
    if row.starts[-1] <= room:
        return row.text, 0
    start = row.starts[min(mark.start - 1, len(row.starts) - 1)]
    first = max(start - room // 3, 0)
    cut = _columns(row, first, first + room - 2)
    return f"{'…' if first else ''}{cut}{'…' if first + room - 2 < row.starts[-1] else ''}", first - bool(first)


def _columns(row: Row, first: int, last: int) -> str:
    from wcwidth import wcwidth

    taken: list[str] = []
    start = max(bisect_right(row.starts, first) - 1, 0)
    column = row.starts[start]
    for character in chain.from_iterable(row.pieces[start : start + last - first + 1]):
        if column >= last:
            break
        if column >= first:
            taken.append(character)
        column += max(wcwidth(character), 0)
    return "".join(taken)


def _underline(row: Row, mark: Mark, shift: int, gutter: int, terminal: Terminal) -> Iterator[str]:
    """The signs below a mark, and its label next to them, or below where there is no room."""
    room = WIDTH - gutter - 3
    last = len(row.starts) - 1
    start, end = row.starts[min(mark.start - 1, last)], row.starts[min(mark.end - 1, last)]
    indent = max(start - shift, 0)
    signs = mark.sign * max(min(end - start, room - indent), 1)
    if mark.label and indent + len(signs) + 1 + len(mark.label) <= room:
        yield " " * indent + terminal.paint(f"{signs} {mark.label}", *mark.colours)
        return
    yield " " * indent + terminal.paint(signs, *mark.colours)
    if mark.label:
        yield " " * max(min(indent, room - len(mark.label)), 0) + terminal.paint(mark.label, *mark.colours)
