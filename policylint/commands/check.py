"""`policylint check`: run the rules, write the report."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from policylint.baseline import NAME, Baseline, BaselineError
from policylint.baseline import read as read_baseline
from policylint.commands.loading import load_all
from policylint.commands.shared import (
    BROKEN,
    CLEAN,
    FOUND,
    NOTHING,
    Trouble,
    find_policy_type,
    nearest,
    print_all,
    read_organization,
    say,
    write_whole,
)
from policylint.config import Configuration, pick
from policylint.config_schema import SEVERITIES
from policylint.files import Boundary, is_there
from policylint.findings import Fault
from policylint.inheritance import Inheritance, resolve
from policylint.inventory import with_inventory
from policylint.lint import lint, lint_files
from policylint.native import TREE_FILES
from policylint.organization import Organization, Policy
from policylint.plugins import Host, in_one_line
from policylint.policy_files import NotAPolicy, read_policy_file
from policylint.policy_types.shape import PolicyType
from policylint.progress import show
from policylint.report import Report, Setting, Terminal
from policylint.settings import settings_of
from policylint.suppression import Acceptance
from policylint.targets import idle_cards, idle_overrides, restrictions, zones

if TYPE_CHECKING:
    from policylint.fixing import Check, Mended, Subject


def run(options: argparse.Namespace) -> int:
    """Check an organization, or policy files on their own."""
    show()
    host, configuration = load_all(options)
    if options.format not in host.formats:
        hint = nearest(options.format, host.formats) or f" There are {', '.join(sorted(host.formats))}."
        raise Trouble(f"No report format is named '{options.format}'.{hint}")
    if options.unsafe_fixes and not (options.fix or options.diff):
        raise Trouble("--unsafe-fixes goes with --fix, which makes them, or --diff, which shows them.")
    check = partial(_report, options, host, configuration)
    if options.diff:
        return _show_diff(options, host, check)
    report = _fixed(options, host, check) if options.fix else check(read_subject(options, host))
    report = _finished(report, options, host, configuration)
    chunks = _rendered(report, options, host)
    if options.output:
        write_whole(options.output, chunks)
    elif report.findings or not options.quiet:
        print_all(chunks)
    say(*report.notices, *report.failures)
    if options.output and not options.quiet:
        say(*(line for line in (report.alone_line, report.settings_line) if line and line not in report.notices))
        say(f"{_figures(report)}; the report is in {options.output}.")
    return report.exit_code


def _figures(report: Report) -> str:
    figures = report.summary
    counts = ((figures.errors, "error"), (figures.warnings, "warning"), (figures.notes, "note"))
    return ", ".join(f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in counts)


# Few runs mend, so what only they need is loaded here.
def _show_diff(options: argparse.Namespace, host: Host, check: Check) -> int:
    from policylint.commands.mending import show_diff

    return show_diff(_mended(options, host, check))


def _fixed(options: argparse.Namespace, host: Host, check: Check) -> Report:
    """Mend the files, and give the report of what is left."""
    from policylint.commands.mending import without_tried, write

    failures = write(_mended(options, host, check), options.paths[0])
    report = without_tried(check(read_subject(options, host, again=True)), unsafe=options.unsafe_fixes)
    report.failures.extend(failures)
    return report


def _mended(options: argparse.Namespace, host: Host, check: Check) -> Mended:
    from policylint.fixing import WORSE, mend

    objections = {name: rule for name, rule in host.rules.items() if rule.card.outcome in WORSE}

    def prove(subject: Subject) -> Report:
        if isinstance(subject, Organization):
            return lint(subject, objections, at=options.at, container_locks=options.container_locks)
        return lint_files(subject, objections, at=options.at, container_locks=options.container_locks)

    resolve_as_asked = partial(_resolve, options)
    return mend(read_subject(options, host), check, prove, resolve_as_asked, unsafe=options.unsafe_fixes)


def _rendered(report: Report, options: argparse.Namespace, host: Host) -> Iterator[str]:
    """The report's text piece by piece: of a large organization it may be too large to hold at once."""
    try:
        yield from host.formats[options.format].render(report)
    except Exception as error:  # a stranger's format may raise anything
        raise Trouble(f"The report format '{options.format}' broke: {in_one_line(error)}") from error


def _finished(report: Report, options: argparse.Namespace, host: Host, configuration: Configuration) -> Report:
    """The report with what is known of the run beside its findings."""
    failures = [*host.failures, *report.failures]
    told = _settings(report, options, host, configuration)
    return replace(
        report,
        summary=replace(report.summary, settings=told),
        failures=failures,
        terminal=_terminal(options),
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


def _report(options: argparse.Namespace, host: Host, configuration: Configuration, subject: Subject) -> Report:
    baseline = _baseline(options, configuration)
    acceptance = Acceptance(
        configuration.ignores, configuration.folder, baseline, _today(options), frozenset(host.rules)
    )
    return report_on(subject, options, host, configuration, acceptance)


def read_subject(options: argparse.Namespace, host: Host, *, again: bool = False) -> Subject:
    """Read what the command line names: an organization, or policies on their own.

    Read `again`, after files were fixed, nothing is said of what is skipped.
    """
    for path in options.paths:
        if not path.exists():
            raise Trouble(f"{path}: no such file or folder.")
        if path.name in TREE_FILES and len(options.paths) == 1:
            raise Trouble(_tree_file(path))
    folders = [path for path in options.paths if path.is_dir()]
    if not folders:
        return _read_files(options.paths, find_policy_type(options.type) if options.type else None, again=again)
    if options.type:
        raise Trouble(
            "--type is for policy files on their own; in an organization the folder of a policy tells its type."
        )
    if len(options.paths) > 1:
        raise Trouble("Check one organization at a time, or policy files without a folder.")
    organization = with_inventory(read_organization(folders[0], host), folders[0])
    if not organization.policies:
        say(*(f"{one.place.document.path}: {one.message}" for one in _left_aside(organization)))
        raise Trouble(f"{folders[0]}: no policy below policies/, so there is nothing to check.", NOTHING)
    return organization


def _tree_file(path: Path) -> str:
    return f"{path}: is the tree of an organization, and not a policy. Name its folder: {path.parent}."


def _read_files(paths: list[Path], kind: PolicyType | None, *, again: bool) -> list[Policy]:
    """The policies among some files. What is something else is named and skipped; it does not stop the others."""
    policies: list[Policy] = []
    skipped: list[str] = []
    for path in paths:
        try:
            if path.name in TREE_FILES:
                raise NotAPolicy(_tree_file(path))
            policies.append(read_policy_file(path, kind))
        except NotAPolicy as error:
            skipped.append(str(error))
    if not policies:
        *others, last = (
            skipped if len(skipped) == 1 else [*skipped, "No management policy was named, so nothing is checked."]
        )
        say(*others)
        raise Trouble(last, NOTHING)
    if not again:
        say(*skipped)
    return policies


LEFT_ASIDE = ("unread-file", "unreadable-file", "unknown-policy-type")


def _left_aside(organization: Organization) -> list[Fault]:
    """Why an organization may have no policies: files and folders that are not where, or what, they should be."""
    return [fault for rule, fault in organization.faults if rule in LEFT_ASIDE]


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
    return resolve(organization, kind, container_locks=options.container_locks, at=options.at)


def _baseline(options: argparse.Namespace, configuration: Configuration) -> Baseline | None:
    if options.no_baseline:
        return None
    try:
        if options.baseline:  # what the command line names may lie anywhere
            return read_baseline(options.baseline)
        if configuration.baseline:
            return read_baseline(configuration.folder / configuration.baseline, Boundary(configuration.folder))
        beside = options.paths[0] / NAME
        return read_baseline(beside, Boundary(options.paths[0])) if is_there(beside) else None
    except BaselineError as error:
        raise Trouble(str(error)) from None


def _today(options: argparse.Namespace) -> date:
    """The day by which ignores run out: that of --at, so that a run can be repeated."""
    return options.at.date() if options.at else datetime.now(UTC).date()
