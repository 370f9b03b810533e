"""What the plans count on in the accounts: vaults, roles, Regions. Only if an inventory lists what exists."""

from __future__ import annotations

from collections.abc import Iterator

from policylint import (
    EffectivePolicy,
    Fault,
    Inventory,
    Place,
    Range,
    Related,
    View,
    check,
    has_placeholder,
    intersection,
    without,
)

Found = Iterator[Fault]


def _inventory(policy: EffectivePolicy) -> Inventory | None:
    inventory = policy.inheritance.organization.inventory
    return inventory if isinstance(inventory, Inventory) else None


def _regions(plan: View) -> list[str]:
    return [region for region in plan.texts("regions") if not has_placeholder(region)]


def _fault(place: Place, message: str, ranges: list[Range]) -> Found:
    if ranges:
        yield Fault(place, message, account_ranges=tuple(ranges))


@check("missing-vault")
def missing_vault(policy: EffectivePolicy) -> Found:
    """A vault that a rule or a copy names, and some account lacks."""
    inventory = _inventory(policy)
    if inventory is None or not inventory.knows("vaults"):
        return
    for plan in policy.plans():
        for rule in plan.children("rules"):
            name = rule.get("target_backup_vault_name")
            if isinstance(name, str) and not has_placeholder(name):
                for regions, ranges in _lacking(policy, inventory, name, _regions(plan)):
                    message = (
                        f"There is no vault '{name}' in {_listed(regions)}, so the backups of '{rule.name}' fail there."
                    )
                    yield from _fault(rule.place("target_backup_vault_name"), message, ranges)
            for copy in rule.children("copy_actions"):
                yield from _missing_copy(policy, inventory, copy)


def _lacking(
    policy: EffectivePolicy, inventory: Inventory, name: str, regions: list[str]
) -> Iterator[tuple[list[str], list[Range]]]:
    """The accounts that lack a vault, apart by the Regions in which each of them does."""
    groups: list[tuple[list[str], list[Range]]] = [([], policy.account_ranges)]
    for region in regions:
        having = inventory.with_vault(name, region)
        apart = [
            part
            for lacking, ranges in groups
            for part in (([*lacking, region], without(ranges, having)), (lacking, intersection(ranges, having)))
        ]
        groups = [(lacking, ranges) for lacking, ranges in apart if ranges]
    yield from ((lacking, ranges) for lacking, ranges in groups if lacking)


def _missing_copy(policy: EffectivePolicy, inventory: Inventory, copy: View) -> Found:
    target = copy.get("target_backup_vault_arn")
    if not isinstance(target, str) or has_placeholder(target) or target.count(":") < 6:
        return
    _, _, _, region, account, _, name = target.split(":", 6)
    having = inventory.with_vault(name, region)
    if account == "$account":
        lacking = without(policy.account_ranges, having)
    else:
        known = [one.account_range for one in inventory.organization.accounts if one.id == account]
        lacking = policy.account_ranges if known and not intersection(known, having) else []
    if not lacking:
        return
    holder = "the account itself" if account == "$account" else f"'{inventory.organization.title_of_id(account)}'"
    message = f"There is no vault '{name}' in '{region}' of {holder}, so the copies fail."
    yield from _fault(copy.place("target_backup_vault_arn"), message, lacking)


@check("missing-role")
def missing_role(policy: EffectivePolicy) -> Found:
    """A role that a selection names, and some account lacks."""
    inventory = _inventory(policy)
    if inventory is None or not inventory.knows("roles"):
        return
    for plan in policy.plans():
        for selection in (*plan.children("selections/tags"), *plan.children("selections/resources")):
            arn = selection.get("iam_role_arn")
            if isinstance(arn, str) and not has_placeholder(arn) and ":role/" in arn:
                name = arn.partition(":role/")[2]
                lacking = without(policy.account_ranges, inventory.with_role(name))
                message = f"There is no role '{name}', so nothing that '{selection.name}' selects is backed up."
                if others := inventory.roles_named_alike(name, lacking):
                    message += f" '{others[0]}' is another role. Write its path too, if you mean that one."
                yield from _fault(selection.place("iam_role_arn"), message, lacking)


@check("region-not-enabled")
def region_not_enabled(policy: EffectivePolicy) -> Found:
    """A Region of a plan that some account has not enabled."""
    inventory = _inventory(policy)
    if inventory is None or not inventory.knows("accounts"):
        return
    for plan in policy.plans():
        for region in _regions(plan):
            lacking = without(policy.account_ranges, inventory.with_region(region))
            message = f"The Region '{region}' is not enabled, so '{plan.name}' can't run there."
            yield from _fault(plan.element_place("regions", region), message, lacking)


@check("retention-outside-vault-lock")
def retention_outside_vault_lock(policy: EffectivePolicy) -> Found:
    """A retention that the lock of the target vault rejects."""
    inventory = _inventory(policy)
    if inventory is None:
        return
    for plan in policy.plans():
        for rule in plan.children("rules"):
            name, days = rule.get("target_backup_vault_name"), rule.number("lifecycle/delete_after_days")
            if not isinstance(name, str) or has_placeholder(name):
                continue
            for region in _regions(plan):
                yield from _outside_lock(policy, inventory, rule, name, region, days)


def _outside_lock(
    policy: EffectivePolicy, inventory: Inventory, rule: View, name: str, region: str, days: int | None
) -> Found:
    for entry, accounts in inventory.vaults_named(name, region):
        shortest, longest = entry.number("min_retention_days"), entry.number("max_retention_days")
        too_short = shortest is not None and days is not None and days < shortest
        too_long = longest is not None and (days is None or days > longest)
        ranges = intersection(policy.account_ranges, accounts)
        if ranges and (too_short or too_long):
            kept = f"for {days} days" if days is not None else "forever"
            bound = f"at least {shortest}" if too_short else f"at most {longest}"
            message = (
                f"'{rule.name}' keeps backups {kept}, and the lock of the vault '{name}' in '{region}' requires "
                f"{bound}: its jobs fail."
            )
            related = (Related(entry.place, "the lock in the inventory"),)
            yield Fault(rule.place("lifecycle/delete_after_days"), message, related, account_ranges=tuple(ranges))


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
