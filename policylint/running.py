"""Runs the rules over what was opened, with its configuration and its baseline, and fixes what they find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from policylint.asked import Asked, Opening
from policylint.baseline import NAME, Baseline
from policylint.baseline import read as read_baseline
from policylint.choice import Configuration, idle_cards, idle_overrides, pick, restrictions, zones
from policylint.files import OnDisk
from policylint.findings import SEVERITIES
from policylint.inheritance import Inheritance, resolve
from policylint.lint import lint, lint_files
from policylint.loading import configured, settings_path
from policylint.organization import Organization
from policylint.plugins import Host
from policylint.policy_types.shape import PolicyType
from policylint.report import Report
from policylint.settings import settings_of
from policylint.subjects import Named
from policylint.suppression import Acceptance

if TYPE_CHECKING:
    from policylint.fixing import Mended, Subject

CLEAN, FOUND, BROKEN = 0, 1, 2  # exit codes


@dataclass(frozen=True)
class Part:
    """What of a run has one configuration: usually all of it, unless files lie in several organizations."""

    opening: Opening
    asked: Asked
    host: Host  # with the organization's own cards among its rules
    configuration: Configuration
    named: Named


def part_of(opening: Opening, asked: Asked, host: Host, named: Named) -> Part:
    """What was named, with the configuration that holds for it. Raises ConfigError and UnknownName."""
    return Part(opening, asked, *configured(host, opening, asked, named.home), named)


def report_of(part: Part) -> Report:
    """What the rules find. The report can say how many fixes there are: they are tried in memory, once somebody asks."""
    report = _report(part, part.named.subject)
    return _finished(part, replace(report, count_fixes=lambda: fixed(part, unsafe=False, found=report).fixed), ())


def report_of_rest(part: Part, failures: Iterable[str], *, unsafe: bool) -> Report:
    """What is found once fixes were written: fixes that were tried and rejected are not offered again."""
    report = _report(part, part.named.read_again(part.opening, part.host))
    left = [
        replace(finding, fix=None) if finding.fix and (finding.fix.safe or unsafe) else finding
        for finding in report.findings
    ]
    return _finished(part, replace(report, findings=left), failures)


def report_on(part: Part, subject: Subject, acceptance: Acceptance) -> Report:
    """Run the rules over an organization, or over policies on their own."""
    asked, configuration, host = part.asked, part.configuration, part.host
    at, locks = asked.at, part.opening.container_locks
    rules = pick(host.rules, configuration, asked.select, asked.ignore)
    if not isinstance(subject, Organization):
        return lint_files(subject, rules, acceptance=acceptance, at=at, container_locks=locks)
    return lint(
        subject,
        rules,
        zones=zones(subject, configuration.overrides, host.rules, rules, asked.select, asked.ignore),
        only=restrictions(subject, host.rules.values()),
        beside=[*idle_overrides(subject, configuration.overrides), *idle_cards(subject, rules.values())],
        acceptance=acceptance,
        at=at,
        container_locks=locks,
    )


def fixed(part: Part, *, unsafe: bool, found: Report | None = None) -> Mended:
    """The texts with their fixes made in memory, and what stays. `found` is a report that there is already."""
    from policylint.fix_proofs import WORSE
    from policylint.fixing import mend

    objections = {name: rule for name, rule in part.host.rules.items() if rule.card.outcome in WORSE}
    at, locks = part.asked.at, part.opening.container_locks

    def prove(subject: Subject) -> Report:
        if isinstance(subject, Organization):
            return lint(subject, objections, at=at, container_locks=locks)
        return lint_files(subject, objections, at=at, container_locks=locks)

    def resolve_as_asked(organization: Organization, kind: PolicyType) -> Inheritance:
        return resolve(organization, kind, container_locks=locks)

    return mend(part.named.subject, partial(_report, part), prove, resolve_as_asked, unsafe=unsafe, found=found)


def _report(part: Part, subject: Subject) -> Report:
    configuration = part.configuration
    acceptance = Acceptance(
        configuration.ignores, configuration.folder, _baseline(part), _today(part.asked), frozenset(part.host.rules)
    )
    report = report_on(part, subject, acceptance)
    if isinstance(subject, Organization):
        return report
    home = part.named.home.as_posix() if part.named.home else ""
    return replace(report, homes=dict.fromkeys((policy.document.path for policy in subject), home))


def _finished(part: Part, report: Report, failures: Iterable[str]) -> Report:
    """The report with what is known of the run next to its findings."""
    asked, host, configuration = part.asked, part.host, part.configuration
    failures = [*host.failures, *report.failures, *failures]
    given = [name for name in ("profile", "select", "fail_on") if getattr(asked, name)]
    told = settings_of(host.rules, configuration, report.suppressed, report.organization, given=given)
    return replace(
        report,
        summary=replace(report.summary, settings=told),
        failures=failures,
        plugins=tuple(host.loaded),
        profile=configuration.profile,
        named=tuple(map(str, part.named.paths)),
        exit_code=BROKEN if failures else _exit_code(report, asked.fail_on or configuration.fail_on),
    )


def _exit_code(report: Report, fail_on: str) -> int:
    if fail_on == "never":
        return CLEAN
    loud = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return FOUND if any(finding.severity in loud for finding in report.findings) else CLEAN


def _baseline(part: Part) -> Baseline | None:
    asked, configuration, home = part.asked, part.configuration, part.named.home
    if asked.no_baseline:
        return None
    if asked.baseline:  # what the user names may lie anywhere
        return read_baseline(OnDisk(asked.baseline.parent, anywhere=True), asked.baseline.name)
    if not configuration.baseline and home is None:
        return None
    folder, name = (configuration.folder, configuration.baseline) if configuration.baseline else (home or Path(), NAME)
    files, stands_for = part.opening.below(folder), None
    if part.opening.settings_from:
        stands_for = folder / name
        path = settings_path(part.opening, stands_for)
        files, name = part.opening.settings_below(path.parent), path.name
    return read_baseline(files, name, stands_for) if configuration.baseline or files.exists(name) else None


def _today(asked: Asked) -> date:
    """The day by which ignores run out: that of the moment asked for, so that a run can be repeated."""
    return asked.at.date() if asked.at else datetime.now(UTC).date()
