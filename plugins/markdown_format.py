"""The report as a comment on a pull request: what it comes to, which units it concerns, and the findings folded by file.

GitHub takes 65,536 characters: https://github.com/orgs/community/discussions/27190
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from html import escape

from policylint import Finding, Organization, Range, Report, Severity, counted, largest_units, merged, printable

from .card_links import help_uri
from .markdown_text import cell, escaped, link, prose
from .repository_paths import Paths
from .wording import by_severity, summary, told

MOST = 65_000
FOR_UNITS = MOST // 4
FOR_SENTENCES = 1_000  # on what is left out
HEAD = "| organizational unit | errors | warnings | notes | affected accounts |\n|:---|---:|---:|---:|---:|\n"
NOWHERE = "*no account*"
CLOSING = "\n</details>\n"


class Room:
    """How many characters may still be written."""

    def __init__(self, left: int) -> None:
        self.left = left

    def takes(self, text: str) -> bool:
        """Whether a text fits; what fits is counted as written."""
        fits = len(text) <= self.left
        if fits:
            self.left -= len(text)
        return fits


def render(report: Report) -> Iterator[str]:
    """The comment. If not all fits, the worst findings are kept and a sentence says what is left out."""
    text = f"### policylint\n\n{' '.join(summary(report, prose))}\n"
    if report.organization and report.findings:
        text += f"\n{_table(report.findings, report.organization)}"
    yield text
    yield from _folded(report, Room(MOST - FOR_SENTENCES - len(text)))


def _table(findings: list[Finding], organization: Organization) -> str:
    """A row for each unit that findings reach, in the order of the tree."""
    numbers: defaultdict[str, Counter[Severity]] = defaultdict(Counter)
    accounts: defaultdict[str, list[Range]] = defaultdict(list)
    for finding in findings:
        for unit, ranges in largest_units(list(finding.accounts.ranges), organization.root):
            numbers[unit.path][finding.severity] += 1
            accounts[unit.path] += ranges
        if not finding.accounts.ranges:
            numbers[NOWHERE][finding.severity] += 1
    paths = [unit.path for unit in organization.root.walk() if unit.path in numbers]
    rows = [_row(cell(path), numbers[path], accounts[path]) for path in paths]
    if NOWHERE in numbers:
        rows.append(_row(NOWHERE, numbers[NOWHERE], []))
    room = Room(FOR_UNITS)
    kept = [row for row in rows if room.takes(row)]
    text = (
        f"{HEAD}{''.join(kept)}\nA finding that affects a whole unit counts there, and not again in the units below.\n"
    )
    if len(rows) > len(kept):
        text += f"{counted(len(rows) - len(kept), 'more unit')} did not fit in the table.\n"
    return text


def _row(name: str, numbers: Counter[Severity], accounts: Iterable[Range]) -> str:
    reached = sum(stop - start for start, stop in merged(accounts))
    cells = (name, *(f"{numbers[severity]:,}" for severity in Severity), f"{reached:,}")
    return f"| {' | '.join(cells)} |\n"


def _folded(report: Report, room: Room) -> Iterator[str]:
    """The findings that fit, by file; then what did not."""
    paths = Paths(report.named)
    by_path: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        by_path[finding.place.document.path].append(finding)
    openings = {path: _opening(paths.relative(path), findings) for path, findings in by_path.items()}
    kept = _fitting(report, openings, room)
    for path, findings in by_path.items():
        if entries := [kept[id(finding)] for finding in findings if id(finding) in kept]:
            yield openings[path] + "".join(entries) + CLOSING
    if left_out := [finding for finding in report.findings if id(finding) not in kept]:
        yield (
            f"\nThe comment has no room for all findings. Left out: {by_severity(left_out)}. Run policylint to see "
            f"them.\n"
        )


def _opening(path: str, findings: list[Finding]) -> str:
    # Raw HTML up to the empty line: nothing of Markdown means anything there, and no name is looked for in code.
    return f"\n<details>\n<summary><code>{escape(printable(path))}</code>: {by_severity(findings)}</summary>\n\n"


def _fitting(report: Report, openings: dict[str, str], room: Room) -> dict[int, str]:
    """The entries of the findings that fit, by the finding's id: the worst are the first to get room."""
    loudness = list(Severity)
    kept: dict[int, str] = {}
    opened = set()
    for finding in sorted(report.findings, key=lambda one: loudness.index(one.severity)):
        path = finding.place.document.path
        if len(finding.message) > room.left:  # spares the work
            continue
        entry = _entry(report, finding)
        if room.takes(entry if path in opened else openings[path] + entry + CLOSING):
            kept[id(finding)] = entry
            opened.add(path)
    return kept


def _entry(report: Report, finding: Finding) -> str:
    where = report.where(finding.place)
    rule = report.rules.get(finding.rule)
    name = link(finding.rule, help_uri(rule.card) if rule else "")
    if controls := report.controls(finding):
        name += f" ({escaped(', '.join(controls))})"
    message = prose(told(finding, "'"))
    return f"- **{finding.severity}** {name} at {where.position}: {message}\n"
