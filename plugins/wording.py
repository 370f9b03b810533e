"""Sentences that several report formats share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from policylint import AffectedAccounts, Finding, Report, Severity, counted, listed, printable, some_of

NO_ORGANIZATION = "Rules about a whole organization did not run. Name its folder to run them."
SHOWN = 3  # so many units and accounts are named; the rest is counted


def reached(accounts: AffectedAccounts, quote: str = "") -> str:
    """Whom a finding reaches, as a sentence, with `quote` around each name; empty where it reaches nobody."""
    if not accounts.count:
        return ""
    names = [f"{quote}{printable(name)}{quote}" for name in (*accounts.organizational_units, *accounts.names)]
    return f"Affects {counted(accounts.count, 'account')}: {some_of(names, SHOWN)}."


def told(finding: Finding, quote: str = "") -> str:
    """What is wrong and whom it reaches, in one line."""
    return " ".join(filter(None, (printable(finding.message), reached(finding.accounts, quote))))


def summary(report: Report, shown: Callable[[str], str] = str) -> Iterator[str]:
    """What was looked at, what was found, and what it means for the accounts: a sentence each.

    `shown` writes sentences with names from files as a format needs them.
    """
    figures = report.summary
    looked = f"{counted(figures.policies, 'policy', 'policies')}{_not_checked(report) or ' checked'}"
    if report.organization is None:
        looked += ", on its own" if figures.policies == 1 else ", each on its own"
    else:
        looked = f"{counted(figures.accounts, 'account')}, {looked}"
    if report.findings:
        yield (
            f"{looked}: {counted(figures.errors, 'error')}, {counted(figures.warnings, 'warning')}, "
            f"{counted(figures.notes, 'note')}."
        )
    elif report.failures:
        yield f"{looked}: no findings, but a part of policylint failed."
    elif report.alone_line:
        yield f"{looked}: no findings."
    else:
        yield f"{looked}: no findings."
    if report.organization is None:
        yield NO_ORGANIZATION
    if report.alone_line:
        yield shown(report.alone_line)
    if report.settings_line:
        yield shown(report.settings_line)
    elif figures.accepted:
        yield f"{counted(figures.accepted, 'finding')} suppressed by the configuration, a comment or the baseline."
    if figures.accounts_on_old_policy:
        count = counted(figures.accounts_on_old_policy, "account")
        yield f"{count} would keep the last valid policy, or have none."
    if figures.accounts_unknown:
        count = counted(figures.accounts_unknown, "account")
        yield f"A broken file affects {count}, whose merged policies were not checked."
    yield from _fixable(report)


def _not_checked(report: Report) -> str:
    """Which of the policies are of types that are not checked; empty where none is."""
    others = report.summary.policies_not_checked
    if not others or report.organization is None:
        return ""
    known = {policy.type.enum: policy.type for policy in report.organization.policies.values()}
    kinds = listed([known[enum].plural for enum in others])
    return f", {sum(others.values()):,} of them not checked ({kinds})"


def _fixable(report: Report) -> Iterator[str]:
    """How many fixes the tool can make itself."""
    unsafe = sum(finding.fix is not None and not finding.fix.safe for finding in report.findings)
    if report.fixable:
        guesses = f", and {unsafe:,} more with --unsafe-fixes" if unsafe else ""
        yield f"{counted(report.fixable, 'finding')} can be fixed with --fix{guesses}."
    elif unsafe:
        yield f"{counted(unsafe, 'finding')} can be fixed with --fix --unsafe-fixes, with guesses that may be wrong."


def by_severity(findings: Iterable[Finding]) -> str:
    """How many findings there are of each severity that there is: 4 errors, 1 note."""
    numbers = Counter(finding.severity for finding in findings)
    return ", ".join(counted(numbers[severity], severity) for severity in Severity if numbers[severity])
