"""Small organizations of documents on three levels, and what one rule finds in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from policylint.findings import Finding, Place
from policylint.lint import lint
from policylint.merge import ContainerLocks
from policylint.plugins import load
from policylint.testing import organization_of

RULES = load([]).rules
LOCK = "@@operators_allowed_for_child_policies"
NONE = {LOCK: ["@@none"]}
VAULT = {"target_backup_vault_name": {"@@assign": "v"}}


def found(
    rule_id: str,
    *levels: list[Any],
    kind: str = "backup",
    units: Any = None,
    locks: ContainerLocks = "entries",
) -> list[Finding]:
    """What a rule finds where these documents are attached to the root, to the unit below it and to its account.

    A policy is called by its level and its place in it: `root-a`. A check that breaks fails the test.
    """
    names = ("root", "unit", "account")
    contents = {
        f"{kind}/{names[depth]}-{'abc'[i]}": content
        for depth, peers in enumerate(levels)
        for i, content in enumerate(peers)
    }

    def at(level: str) -> list[str]:
        return [name for name in contents if f"/{level}-" in name]

    account = {"id": "1" * 12, "name": "shop", "policies": at("account")}
    unit = {"name": "Prod", "policies": at("unit"), "accounts": [account]}
    root = {"policies": at("root"), "organizational_units": units or [unit]}
    rule = RULES[rule_id]
    organization = organization_of(rule, "organization", json.dumps({"root": root, "policies_content": contents}))
    report = lint(organization, {rule.id: rule}, container_locks=locks)
    assert not report.failures
    return report.findings


def messages(findings: list[Finding]) -> list[str]:
    return [finding.message for finding in findings]


def where(place: Place) -> str:
    return f"{Path(place.document.path).stem}{place.pointer}"


def regions(setting: dict[str, Any], plan: str = "p") -> dict[str, Any]:
    return {"plans": {plan: {"regions": setting}}}


def assigned(*values: str) -> dict[str, Any]:
    return {"@@assign": list(values)}
