"""AWS's quotas on a whole organization."""

from __future__ import annotations

from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.parsing import parse_document
from policylint.policy_types import policy_type
from policylint.tree_checks import CHECKS


def rules_of(*, accounts: int = 0, units: int = 0, policies: int = 0) -> list[str]:
    root = OrganizationalUnit("Root", "", "/root", "Root")
    root.accounts = [Account("", f"{number:012d}", "", "") for number in range(accounts)]
    root.organizational_units = [OrganizationalUnit(str(number), "", "", "") for number in range(units)]
    backup = policy_type("backup")
    stored = {str(number): Policy(str(number), backup, parse_document("{}", "p.json")) for number in range(policies)}
    organization = Organization(root, stored, (backup,), parse_document("root: {}", "organization.yaml"))
    organization.number_accounts()
    return [rule for rule, check in CHECKS.items() if rule.startswith("too-many-") for _ in check(organization)]


def test_what_aws_allows_at_most_is_no_fault() -> None:
    assert rules_of(accounts=50_000, units=2_000, policies=1_000) == []


def test_one_more_of_each_is_told() -> None:
    assert rules_of(accounts=50_001) == ["too-many-accounts"]
    assert rules_of(units=2_001) == ["too-many-organizational-units"]
    assert rules_of(policies=1_001) == ["too-many-policies"]
