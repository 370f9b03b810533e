"""The report that shows the source: what is wrong under the line that causes it, and the lines that explain it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from policylint import SEVERITY_COLOURS, Finding, Location, Outcome, Report, Terminal, printable

from .card_links import help_uri
from .excerpts import WIDTH, Mark, excerpt
from .wording import reached, summary

AWS = {
    Outcome.REJECTED: "rejects the document when you save or attach it",
    Outcome.WITHHELD: "withholds the merged policy; accounts keep the last valid policy",
    Outcome.IGNORED: "accepts the document, and ignores this part without an error",
    Outcome.FAILS: "creates the plan, but its backups fail or are never made",
    Outcome.RISK: "does what the policy says, but it is against good practice",
}
EXPLAINS = (1, 36)
REJECTED = "AWS rejects the document."  # which the line on AWS says already
SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z'])")


def render(report: Report, terminal: Terminal) -> Iterator[str]:
    """A paragraph for each finding, then the summary."""
    for finding in report.findings:
        yield "\n".join(_paragraph(report, finding, terminal)) + "\n\n"
    for line in summary(report):
        yield line + "\n"


def _paragraph(report: Report, finding: Finding, terminal: Terminal) -> Iterator[str]:
    colours = SEVERITY_COLOURS[finding.severity]
    headline, *advice = SENTENCE.split(printable(finding.message))
    name = f"{finding.severity}[{finding.rule}]"
    first, *rest = textwrap.wrap(
        f"{name}: {headline}", WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
    )
    yield terminal.paint(name, *colours) + terminal.paint(first[len(name) :], 1)
    yield from (terminal.paint(line, 1) for line in rest)
    marks = _marks(report, finding)
    gutter = len(str(max(mark.line for found in marks.values() for mark in found[1])))
    arrow = "-->"
    for where, found in marks.values():
        yield f"{' ' * gutter}{terminal.paint(arrow, 34)} {printable(str(where))}"
        yield from excerpt(_lines(finding, where), found, gutter, terminal)
        arrow = ":::"
    yield terminal.paint(f"{' ' * gutter} |", 34)
    help_ = " ".join(sentence for sentence in advice if sentence != REJECTED)
    yield from _notes(report, finding, help_, gutter, terminal)


def _marks(report: Report, finding: Finding) -> dict[str, tuple[Location, list[Mark]]]:
    """For each file, that of the finding first: the first place in it, and what to mark."""
    colours = SEVERITY_COLOURS[finding.severity]
    where = report.where(finding.place)
    found = {where.path: (where, [_mark(where, "", "^", colours)])}
    for related in finding.related:
        there = report.where(related.place)
        marks = found.setdefault(there.path, (there, []))[1]
        mark = _mark(there, printable(related.message), "-", EXPLAINS)
        if mark not in marks:
            marks.append(mark)
    return found


def _mark(where: Location, label: str, sign: str, colours: tuple[int, ...]) -> Mark:
    return Mark(where.line, where.column, where.end_column, label, sign, colours)


def _lines(finding: Finding, where: Location) -> list[str]:
    documents = [finding.place.document, *(related.place.document for related in finding.related)]
    return next(document for document in documents if document.path == where.path).lines


def _notes(report: Report, finding: Finding, advice: str, gutter: int, terminal: Terminal) -> Iterator[str]:
    rule = report.rules.get(finding.rule)
    controls = ", ".join(report.controls(finding))
    yield from _note("aws", AWS[finding.outcome], gutter, terminal)
    if names := reached(finding.accounts):
        yield from _note("affects", names.removeprefix("Affects ").removesuffix("."), gutter, terminal)
    if controls:
        yield from _note("controls", controls, gutter, terminal)
    if advice:
        yield from _note("help", advice, gutter, terminal)
    uri = help_uri(rule.card) if rule else ""
    if uri:
        shown = (
            f"\x1b]8;;{uri}\x1b\\{finding.rule}\x1b]8;;\x1b\\" if terminal.links else f"policylint rules {finding.rule}"
        )
        yield f"{' ' * gutter} {terminal.paint('=', 34)} {terminal.paint('more', 1)}: {shown}"


def _note(name: str, text: str, gutter: int, terminal: Terminal) -> Iterator[str]:
    indent = " " * (gutter + 5 + len(name))
    first, *rest = textwrap.wrap(text, WIDTH - len(indent), break_on_hyphens=False, break_long_words=False)
    yield f"{' ' * gutter} {terminal.paint('=', 34)} {terminal.paint(name, 1)}: {first}"
    yield from (indent + line for line in rest)
