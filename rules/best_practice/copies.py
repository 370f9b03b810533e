"""Where backups are copied to."""

from __future__ import annotations

from policylint.effective import View
from policylint.findings import Fault
from policylint.rules import check

from .backup_plans import Copy, Found, copies_of, rules_of

AIR_GAPPED_VAULT = "target_logically_air_gapped_backup_vault_arn"


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
        message = f"'{plan.name}' copies no backup to another account, out of the reach of whoever takes over this one. Add a copy action."
        yield Fault(plan.place("rules"), message)


@check("copy-without-gain")
def copy_without_gain(plan: View) -> Found:
    """A copy into the Region and account where the backup lies already."""
    regions = plan.texts("regions")
    for copy, region, account in _copies(plan):
        if account == "$account" and region in regions:
            message = f"In '{region}' this copy stays in the Region and account of its source, and protects nothing. Copy it elsewhere."
            yield Fault(copy.place("target_backup_vault_arn"), message)


@check("copy-shorter-than-source")
def copy_shorter_than_source(plan: View) -> Found:
    """A copy that is gone while its source is still kept."""
    for rule in rules_of(plan):
        source = rule.get("lifecycle/delete_after_days")
        kept = rule.number("lifecycle/delete_after_days")
        if source is not None and kept is None:
            continue  # a placeholder
        for copy in rule.children("copy_actions"):
            days = copy.number("lifecycle/delete_after_days")
            if days is not None and (kept is None or days < kept):
                span = "for ever" if kept is None else f"for {kept} days"
                message = (
                    f"This copy is kept for {days} days and its source {span}: after that only the source is left. "
                    "Keep the copy as long, if it is to survive the loss of the source."
                )
                yield Fault(copy.place("lifecycle/delete_after_days"), message)


@check("copy-without-lifecycle")
def copy_without_lifecycle(plan: View) -> Found:
    """A copy that takes over the lifecycle of its source."""
    for rule in rules_of(plan):
        for copy in rule.children("copy_actions"):
            if copy.child("lifecycle") is None:
                message = (
                    f"This copy has no lifecycle of its own and follows that of '{rule.name}': whoever changes the one "
                    "changes both. Write the copy's lifecycle down."
                )
                yield Fault(copy.place(), message)


@check("cross-account-copy-in-cold-storage")
def cross_account_copy_in_cold_storage(plan: View) -> Found:
    """A copy in another account that is to move to cold storage."""
    for copy, _, account in _copies(plan):
        if account.isdigit() and copy.get("lifecycle/move_to_cold_storage_after_days") is not None:
            message = (
                f"This copy in account '{account}' is to move to cold storage, and AWS Backup documents no support for "
                "cold storage in cross-account copies. Try it before you rely on it."
            )
            yield Fault(copy.place("lifecycle/move_to_cold_storage_after_days"), message)


@check("no-air-gapped-vault")
def no_air_gapped_vault(plan: View) -> Found:
    """Backups that nothing protects from whoever takes over the account. A copy may lead to such a vault: who knows."""
    rules = rules_of(plan)
    if not any(rule.get(AIR_GAPPED_VAULT) is not None or rule.child("copy_actions") for rule in rules):
        message = (
            f"'{plan.name}' neither writes to a logically air-gapped vault nor copies its backups. Give a rule a "
            f"'{AIR_GAPPED_VAULT}'."
        )
        yield Fault(plan.place("rules"), message)
