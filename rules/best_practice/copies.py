"""Where backups are copied to."""

from __future__ import annotations

from collections.abc import Iterable

from policylint import EffectivePolicy, Fault, Range, View, check, intersection, listed, merged

from .backup_plans import Copy, Found, copies_of, rules_of
from .serving import serving

AIR_GAPPED_VAULT = "target_logically_air_gapped_backup_vault_arn"


def _copies(plan: View) -> list[Copy]:
    return [copy for rule in rules_of(plan) for copy in copies_of(rule)]


def _has_opaque_copy(rule: View) -> bool:
    """Whether a copy of a rule leads to an unknown place."""
    return len(rule.children("copy_actions")) != len(copies_of(rule))


@check("no-copy-to-another-region")
def no_copy_to_another_region(policy: EffectivePolicy) -> Found:
    """Backups that are lost with their Region: each Region of a plan is looked at by itself."""
    for plan in policy.plans():
        if all(any(_leaves(rule, region) for rule in rules_of(plan)) for region in plan.texts("regions") or ("",)):
            continue
        lost = [
            region
            for served in serving(policy).of(plan)
            for region in served.regions or ("",)
            if not any(_leaves(rule, region) for rule in served.candidates())
        ]
        if lost:
            some = [f"'{region}'" for region in plan.texts("regions") if region in lost]
            inside = f" in {listed(some)}" if len(some) < len(plan.texts("regions")) else ""
            message = (
                f"Backups of '{plan.name}'{inside} are copied to no other Region, so they are lost with their Region. "
                "Add a copy action."
            )
            yield Fault(plan.place("rules"), message, subject=(plan.name,))


def _leaves(rule: View, source: str) -> bool:
    """Whether a copy of a rule leads out of a Region, as far as known."""
    return _has_opaque_copy(rule) or any(region != source for _, region, _ in copies_of(rule))


@check("no-copy-to-another-account")
def no_copy_to_another_account(policy: EffectivePolicy) -> Found:
    """Backups that are lost with their account."""
    for plan in policy.plans():
        led_to = [
            targets for served in serving(policy).of(plan) if (targets := _targets(served.candidates())) is not None
        ]
        if not all(led_to):
            message = (
                f"Backups of '{plan.name}' are copied to no other account, so an attacker in this one can delete "
                f"them all. Add a copy action."
            )
            yield Fault(plan.place("rules"), message, subject=(plan.name,))
        elif ranges := _leading_to_themselves(policy, led_to):
            message = (
                f"The account of the copies has backups of '{plan.name}' too and copies them to itself, so an "
                f"attacker in it can delete them all. Add a copy to another account."
            )
            yield Fault(plan.place("rules"), message, account_ranges=tuple(ranges), subject=(plan.name,))


def _targets(rules: Iterable[View]) -> set[str] | None:
    """The other accounts that the copies of rules lead to; None where that is not known of all copies."""
    targets: set[str] = set()
    for rule in rules:
        if _has_opaque_copy(rule):
            return None
        targets.update(account for _, _, account in copies_of(rule) if account.isdigit())
    return targets


def _leading_to_themselves(policy: EffectivePolicy, led_to: list[set[str]]) -> list[Range]:
    """The accounts of a policy that are the only one to which some of their backups are copied."""
    alone = {target for targets in led_to if len(targets) == 1 for target in targets}
    organization = policy.inheritance.organization
    found = (account.account_range for target in alone for account in organization.accounts_of_id(target))
    return intersection(found, merged(policy.account_ranges))


@check("copy-without-gain")
def copy_without_gain(plan: View) -> Found:
    """A copy into the Region and account where every backup of the plan lies already."""
    regions = set(plan.texts("regions"))
    for copy, region, account in _copies(plan):
        if account == "$account" and regions == {region}:
            message = (
                f"In '{region}' this copy stays in the Region and account of its source, and protects nothing. "
                f"Copy it elsewhere."
            )
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
                span = "forever" if kept is None else f"for {kept} days"
                message = (
                    f"This copy is kept for {days} days and its source {span}: then only the source is left. Keep "
                    f"the copy as long, if it must survive the loss of the source."
                )
                yield Fault(copy.place("lifecycle/delete_after_days"), message)


@check("copy-without-lifecycle")
def copy_without_lifecycle(plan: View) -> Found:
    """A copy that takes over the lifecycle of its source."""
    for rule in rules_of(plan):
        for copy in rule.children("copy_actions"):
            if copy.child("lifecycle") is None:
                message = (
                    f"This copy has no lifecycle of its own and follows that of '{rule.name}', so a change of one "
                    f"changes both. Give the copy a lifecycle."
                )
                yield Fault(copy.place(), message)


@check("cross-account-copy-in-cold-storage")
def cross_account_copy_in_cold_storage(policy: EffectivePolicy) -> Found:
    """A copy in another account that is to move to cold storage."""
    for plan in policy.plans():
        for copy, _, account in _copies(plan):
            if account.isdigit() and copy.get("lifecycle/move_to_cold_storage_after_days") is not None:
                message = (
                    f"This copy in account '{policy.inheritance.organization.title_of_id(account)}' moves to cold "
                    f"storage. AWS Backup documents no support for cold storage in cross-account copies. Test it "
                    f"before you rely on it."
                )
                yield Fault(copy.place("lifecycle/move_to_cold_storage_after_days"), message)


@check("no-air-gapped-vault")
def no_air_gapped_vault(policy: EffectivePolicy) -> Found:
    """Backups that nothing protects from whoever takes over the account. A copy may lead to such a vault: who knows."""
    for plan in policy.plans():
        if any(_may_be_air_gapped(rule) for rule in rules_of(plan)):
            continue
        for served in serving(policy).of(plan):
            if not any(map(_may_be_air_gapped, served.candidates())):
                message = (
                    f"Backups of '{plan.name}' neither go to a logically air-gapped vault nor are copied. Give a "
                    f"rule a "
                    f"'{AIR_GAPPED_VAULT}'."
                )
                yield Fault(plan.place("rules"), message, subject=(plan.name,))
                break


def _may_be_air_gapped(rule: View) -> bool:
    return rule.get(AIR_GAPPED_VAULT) is not None or rule.child("copy_actions") is not None
