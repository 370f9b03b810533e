"""`policylint check`: run the rules, write the report."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from policylint.baseline import NAME, Baseline, BaselineError
from policylint.baseline import read as read_baseline
from policylint.choice import Configuration, idle_cards, idle_overrides, pick, restrictions, zones
from policylint.commands.loading import configured, load_host, settings_path
from policylint.commands.shared import (
    BROKEN,
    CLEAN,
    FOUND,
    Trouble,
    print_all,
    say,
    write_whole,
)
from policylint.commands.subjects import Named, read_named
from policylint.files import Boundary, is_there
from policylint.findings import SEVERITIES
from policylint.inheritance import Inheritance, resolve
from policylint.lint import lint, lint_files
from policylint.organization import Organization
from policylint.plugins import Host, in_one_line
from policylint.policy_types.shape import PolicyType
from policylint.progress import show
from policylint.report import Report, Setting, Terminal, joined
from policylint.settings import settings_of
from policylint.suppression import Acceptance
from policylint.wording import counted, hinted

if TYPE_CHECKING:
    from policylint.fixing import Mended, Subject


class Part(NamedTuple):
    """What of a run has one configuration: usually all of it, unless files lie in several organizations."""

    options: argparse.Namespace  # `paths` are those of the part, `home` its organization's folder
    host: Host
    configuration: Configuration
    named: Named


def run(options: argparse.Namespace) -> int:
    """Check an organization, or policy files on their own."""
    show()
    host = load_host(options)
    if options.format not in host.formats:
        there_are = f"There are {', '.join(sorted(host.formats))}."
        message = f"No report format is named '{options.format}'."
        raise Trouble(hinted(message, options.format, host.formats, there_are))
    if options.unsafe_fixes and not (options.fix or options.diff):
        raise Trouble("--unsafe-fixes goes with --fix, which makes them, or --diff, which shows them.")
    parts = [_part(options, host, named) for named in read_named(options, host)]
    if options.diff:
        return _show_diff(parts)
    failures = _write_fixes(parts) if options.fix else []
    report = joined([_finished(part, failures) for part in parts])
    notices: list[str] = []
    chunks = _rendered(report, options, host, notices)
    if options.output:
        write_whole(options.output, chunks)
    elif report.findings or not options.quiet:
        print_all(chunks)
    say(*notices, *report.failures)
    if options.output and not options.quiet:
        say(*(line for line in (report.alone_line, report.settings_line) if line and line not in notices))
        say(f"{_figures(report)}; the report is in {options.output}.")
    return report.exit_code


def _figures(report: Report) -> str:
    figures = report.summary
    counts = ((figures.errors, "error"), (figures.warnings, "warning"), (figures.notes, "note"))
    return ", ".join(counted(count, noun) for count, noun in counts)


def _part(options: argparse.Namespace, host: Host, named: Named) -> Part:
    narrowed = argparse.Namespace(**{**vars(options), "paths": named.paths, "home": named.home})
    return Part(narrowed, *configured(host, narrowed, named.home), named)


# Few runs fix anything, so what only they need is loaded here.
def _show_diff(parts: list[Part]) -> int:
    from policylint.commands.mending import show_diff

    return show_diff([_mended(part) for part in parts])


def _write_fixes(parts: list[Part]) -> list[str]:
    """Fix the files, and give what went wrong."""
    from policylint.commands.mending import write

    return write([(_mended(part), part.named.paths) for part in parts])


def _left(part: Part) -> Report:
    """The report of what fixing has left."""
    from policylint.commands.mending import without_tried

    return without_tried(
        _report(part, part.named.read_again(part.options, part.host)), unsafe=part.options.unsafe_fixes
    )


def _countable(part: Part) -> Report:
    """A report that can say how many fixes --fix would make: it makes them in memory, once somebody asks."""
    report = _report(part, part.named.subject)
    return replace(report, count_fixes=lambda: _mended(part, report, unsafe=False).fixed)


def _mended(part: Part, found: Report | None = None, *, unsafe: bool | None = None) -> Mended:
    from policylint.fix_proofs import WORSE
    from policylint.fixing import mend

    options, host, _, named = part
    objections = {name: rule for name, rule in host.rules.items() if rule.card.outcome in WORSE}

    def prove(subject: Subject) -> Report:
        if isinstance(subject, Organization):
            return lint(subject, objections, at=options.at, container_locks=options.container_locks)
        return lint_files(subject, objections, at=options.at, container_locks=options.container_locks)

    guesses = options.unsafe_fixes if unsafe is None else unsafe
    check, resolve_as_asked = partial(_report, part), partial(_resolve, options)
    return mend(named.subject, check, prove, resolve_as_asked, unsafe=guesses, found=found)


def _rendered(report: Report, options: argparse.Namespace, host: Host, notices: list[str]) -> Iterator[str]:
    """The report's text piece by piece: of a large organization it may be too large to hold at once.

    After the last piece `notices` has what the user is to be told next to it.
    """
    try:
        rendered = host.formats[options.format].render(report, _terminal(options))
        yield from rendered.chunks
        notices += rendered.notices
    except Exception as error:  # a stranger's format may raise anything
        raise Trouble(f"The report format '{options.format}' broke: {in_one_line(error)}") from error


def _finished(part: Part, failures: list[str]) -> Report:
    """The report of a part, with what is known of the run beside its findings."""
    options, host, configuration, _ = part
    report = _left(part) if options.fix else _countable(part)
    failures = [*host.failures, *report.failures, *failures]
    told = _settings(report, options, host, configuration)
    return replace(
        report,
        summary=replace(report.summary, settings=told),
        failures=failures,
        plugins=tuple(host.loaded),
        profile=configuration.profile,
        show_suppressed=options.show_suppressed,
        named=tuple(map(str, options.paths)),
        exit_code=BROKEN if failures else _exit_code(report, options.fail_on or configuration.fail_on),
    )


def _settings(
    report: Report, options: argparse.Namespace, host: Host, configuration: Configuration
) -> tuple[Setting, ...]:
    given = [name for name in ("profile", "select", "fail_on") if getattr(options, name)]
    return settings_of(host.rules, configuration, report.suppressed, report.organization, given=given)


def _terminal(options: argparse.Namespace) -> Terminal:
    """What standard output can show. NO_COLOR and FORCE_COLOR: https://no-color.org, https://force-color.org."""
    if options.output or options.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return Terminal()
    interactive = sys.stdout.isatty()
    # Terminals pass over links that they don't know; those in CI logs print them.
    return Terminal(colour=interactive or bool(os.environ.get("FORCE_COLOR")), links=interactive)


def _exit_code(report: Report, fail_on: str) -> int:
    if fail_on == "never":
        return CLEAN
    loud = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return FOUND if any(finding.severity in loud for finding in report.findings) else CLEAN


def _report(part: Part, subject: Subject) -> Report:
    options, host, configuration, named = part
    baseline = _baseline(options, configuration)
    acceptance = Acceptance(
        configuration.ignores, configuration.folder, baseline, _today(options), frozenset(host.rules)
    )
    report = report_on(subject, options, host, configuration, acceptance)
    if isinstance(subject, Organization):
        return report
    home = named.home.as_posix() if named.home else ""
    return replace(report, homes=dict.fromkeys((policy.document.path for policy in subject), home))


def report_on(
    subject: Subject, options: argparse.Namespace, host: Host, configuration: Configuration, acceptance: Acceptance
) -> Report:
    """Run the rules over an organization, or over policies on their own."""
    rules = pick(host.rules, configuration, options.select, options.ignore)
    if not isinstance(subject, Organization):
        locks = options.container_locks
        return lint_files(subject, rules, acceptance=acceptance, at=options.at, container_locks=locks)
    return lint(
        subject,
        rules,
        zones=zones(subject, configuration.overrides, host.rules, rules, options.select, options.ignore),
        only=restrictions(subject, host.rules.values()),
        beside=[*idle_overrides(subject, configuration.overrides), *idle_cards(subject, rules.values())],
        acceptance=acceptance,
        at=options.at,
        container_locks=options.container_locks,
    )


def _resolve(options: argparse.Namespace, organization: Organization, kind: PolicyType) -> Inheritance:
    return resolve(organization, kind, container_locks=options.container_locks)


def _baseline(options: argparse.Namespace, configuration: Configuration) -> Baseline | None:
    if options.no_baseline:
        return None
    try:
        if options.baseline:  # what the command line names may lie anywhere
            return read_baseline(options.baseline)
        if configuration.baseline:
            wanted = configuration.folder / configuration.baseline
        elif options.home is None:
            return None
        else:
            wanted = options.home / NAME
        path = settings_path(options, wanted)
        if not configuration.baseline and not is_there(path):
            return None
        within = Boundary(options.settings_from or (configuration.folder if configuration.baseline else options.home))
        return read_baseline(path, within, wanted if options.settings_from else None)
    except BaselineError as error:
        raise Trouble(str(error)) from None


def _today(options: argparse.Namespace) -> date:
    """The day by which ignores run out: that of --at, so that a run can be repeated."""
    return options.at.date() if options.at else datetime.now(UTC).date()
