"""Where backups are copied to."""

from __future__ import annotations

from policylint.effective import View
from policylint.findings import Fault
from policylint.rules import check

from .backup_plans import Copy, Found, copies_of, rules_of


def _copies(plan: View) -> list[Copy]:
    return [copy for rule in rules_of(plan) for copy in copies_of(rule)]


def _has_opaque_copy(plan: View) -> bool:
    return sum(len(rule.children("copy_actions")) for rule in rules_of(plan)) != len(_copies(plan))


@check("no-copy-to-another-region")
def no_copy_to_another_region(plan: View) -> Found:
    """Backups that are lost with their Region."""
    regions = set(plan.texts("regions"))
    if not _has_opaque_copy(plan) and not any(region not in regions for _, region, _ in _copies(plan)):
        yield Fault(plan.place("rules"), f"'{plan.name}' copies no backup to another Region. Add a copy action.")


@check("no-copy-to-another-account")
def no_copy_to_another_account(plan: View) -> Found:
    """Backups that are lost with their account."""
    if not _has_opaque_copy(plan) and not any(account.isdigit() for _, _, account in _copies(plan)):
        message = f"'{plan.name}' copies no backup to another account, where an attacker of this one can't delete it."
        yield Fault(plan.place("rules"), message)


@check("copy-without-gain")
def copy_without_gain(plan: View) -> Found:
    """A copy into the Region and account where the backup lies already."""
    regions = plan.texts("regions")
    for copy, region, account in _copies(plan):
        if account == "$account" and region in regions:
            message = (
                f"In '{region}' this copy stays in the Region and account of its source, and protects nothing there."
            )
            yield Fault(copy.place("target_backup_vault_arn"), message)
