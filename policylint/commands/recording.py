"""`policylint baseline`: record today's findings, so that `check` reports only what is new."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from policylint.asked import Asked, Opening
from policylint.baseline import NAME, Baseline, Entry, Record, Rows, as_row, read, render, rows
from policylint.choice import ALWAYS
from policylint.commands.shared import BROKEN, CLEAN, Trouble, say, write_whole
from policylint.files import Boundary, OnDisk
from policylint.folding import fold, intersection
from policylint.growth import Growth, is_worse
from policylint.loading import load_host
from policylint.organization import Organization
from policylint.project import open_paths
from policylint.report import Report
from policylint.running import report_on
from policylint.suppression import ABOUT_ACCEPTANCE, Acceptance
from policylint.wording import counted


def run(options: argparse.Namespace) -> int:
    """Write the baseline of an organization, or narrow the one that there is."""
    if not options.paths[0].is_dir():
        raise Trouble(f"{options.paths[0]}: not a folder. A baseline is written for a whole organization.")
    opening = Opening(
        config=options.config,
        no_config=options.no_config,
        reader=options.reader or "",
        container_locks=options.container_locks,
    )
    project = open_paths(options.paths, opening, load_host(opening))
    project.make_ready()
    (part,) = project.parts(Asked(at=options.at))
    configuration = part.configuration
    kept_apart = Acceptance(configuration.ignores, configuration.folder, known=frozenset(part.host.rules))
    report = report_on(part, part.named.subject, kept_apart)
    failures = [*part.host.failures, *report.failures]
    if failures:
        say(*failures, "No baseline is written, because it would lack their findings.")
        return BROKEN
    if unread := [finding for finding in report.findings if finding.rule in ALWAYS]:
        say(*(f"{finding.place.document.path}: {finding.message}" for finding in unread))
        raise Trouble(
            "No baseline is written: the content of these files is not known, and would not be checked later."
        )
    in_file = configuration.folder / configuration.baseline if configuration.baseline else None
    path: Path = options.output or in_file or options.paths[0] / NAME
    findings = [finding for finding in report.findings if finding.rule not in ABOUT_ACCEPTANCE]
    found = rows(findings, path.parent)
    ignored = rows((one.finding for one in report.suppressed if not one.names_accounts), path.parent)
    within = None if options.output else Boundary(configuration.folder if in_file else options.paths[0])
    if options.prune:
        return _prune(path, within, report, found, ignored)
    write_whole(path, [render(found, ignored)], within)
    beside = f", and {counted(len(ignored), 'finding')} that ignores suppress" if ignored else ""
    say(f"{path}: {counted(len(findings), 'finding')} recorded{beside}. `policylint check` reports only new ones now.")
    return CLEAN


def _prune(path: Path, within: Boundary | None, report: Report, found: Rows, ignored: Rows) -> int:
    old = read(OnDisk(path.parent, within=within, anywhere=within is None), path.name)
    growth = Growth(report.organization)
    narrowed = [
        dict(_narrowed_rows(was, now, report, growth)) for was, now in ((old.entries, found), (old.ignored, ignored))
    ]
    write_whole(path, [render(*narrowed)], within)
    kept = {entry: row for part in narrowed for entry, row in part.items()}
    was = {**old.ignored, **old.entries}
    changed = sum(row != as_row(was[entry]) for entry, row in kept.items())
    gone = counted(_size(old) - sum(map(len, narrowed)), "entry", "entries")
    say(f"{path}: {gone} removed, {changed:,} narrowed, {len(kept) - changed:,} left as they were.")
    return CLEAN


def _narrowed_rows(
    was: dict[Entry, Record], now: Rows, report: Report, growth: Growth
) -> Iterator[tuple[Entry, dict[str, object]]]:
    """What is left of entries: what is not found is fixed, unless its rule did not run."""
    for entry, record in was.items():
        if entry in now:
            row = _narrowed(entry, record, now[entry], report, growth)
            affected = any(now[entry][name] for name in ("organizational_units", "ids"))
            if not affected or row["organizational_units"] or row["ids"]:
                yield entry, row
        elif entry.rule not in report.rules:
            yield entry, as_row(record)


def _size(baseline: Baseline) -> int:
    return len(baseline.entries) + len(baseline.ignored)


def _narrowed(
    entry: Entry, record: Record, now: dict[str, object], report: Report, growth: Growth
) -> dict[str, object]:
    """The row of an entry that is still found: no more accounts than before, and no worse value."""
    if not record.is_whole:
        return now
    rule = report.rules.get(entry.rule)
    value = now.get("value")
    kept = record.value if rule and is_worse(rule, record.value, value if isinstance(value, str) else None) else value
    organization = report.organization
    assert isinstance(organization, Organization)  # a baseline is written for one
    before = growth.ranges_of(record.organizational_units, record.ids)
    units, ids = (now[name] for name in ("organizational_units", "ids"))
    assert isinstance(units, list)
    assert isinstance(ids, list)
    both = fold(intersection(growth.ranges_of(units, ids), before), organization)
    row: dict[str, object] = {"organizational_units": list(both.organizational_units), "ids": list(both.ids)}
    return row if kept is None else {**row, "value": kept}
