"""For those who write rules: run the examples of a card as tests.

from policylint.testing import run_example

def test_avoid():
    for kind, text in rule.card.examples("Avoid"):
        assert run_example(rule, kind, text)
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from policylint.choosing import read_native
from policylint.files import OnDisk
from policylint.findings import Finding
from policylint.inventory import with_inventory
from policylint.layouts import DOCUMENT_ENDINGS
from policylint.lint import lint
from policylint.organization import Organization
from policylint.parsing import parse_document
from policylint.plugins import Host, load_folder
from policylint.policy_types import DEFAULT_TYPE, POLICY_TYPES, Registry
from policylint.rules import Rule
from policylint.rules import rule_of as rule_of

ACCOUNT = {"id": "111111111111", "name": "example"}


def run_example(
    rule: Rule, kind: str, text: str, *, at: datetime | None = None, types: Registry = POLICY_TYPES
) -> list[Finding]:
    """What a rule finds in an example.

    `kind` is what stands after the fence's backticks: `json` or `yaml` for one policy document, which is attached
    to the root of an organization with one account; `organization` for a whole organization in YAML, with the
    documents under `policies_content`, and an inventory under `inventory_content`. `types` are the policy types that there are. Raises RuntimeError when the
    check breaks: a run goes on then, a test must not.
    """
    report = lint(organization_of(rule, kind, text, types), {rule.id: rule}, at=at)
    if report.failures:
        raise RuntimeError("\n".join(report.failures))
    return report.findings


def rules_in(folder: Path | str) -> dict[str, Rule]:
    """The Python rules of a folder, by id. Runs its code; raises RuntimeError where a file of it breaks."""
    host = Host()
    load_folder(host, Path(folder))
    if host.failures:
        raise RuntimeError("\n".join(host.failures))
    return host.rules


def organization_of(rule: Rule, kind: str, text: str, types: Registry = POLICY_TYPES) -> Organization:
    """The organization that an example of a card stands for. Raises ValueError for an example that is none."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "organization":
            _write_organization(folder, text)
        else:
            _write_document(folder, rule, kind, text, types)
        return with_inventory(read_native(folder, types), OnDisk(folder))


def _write_organization(folder: Path, text: str) -> None:
    document = parse_document(text, "example.yaml")
    if not isinstance(document.value, dict):
        problem = document.problems[0].message if document.problems else "it is not an object."
        raise ValueError(f"The example of an organization can't be read: {problem}")
    tree: dict[str, Any] = dict(document.value)
    for policy, content in tree.pop("policies_content", {}).items():
        name = policy if policy.endswith(DOCUMENT_ENDINGS) else f"{policy}.json"
        _write(folder / "policies" / name, json.dumps(content, indent=2))
    for kind, entries in tree.pop("inventory_content", {}).items():
        _write(folder / "inventory" / f"{kind}.json", json.dumps(entries, indent=2))
    _write(folder / "organization.json", json.dumps(tree, indent=2))


def _write_document(folder: Path, rule: Rule, kind: str, text: str, types: Registry) -> None:
    document = parse_document(text, f"example.{kind}")
    broken = next((problem for problem in document.problems if problem.rule == "broken-syntax"), None)
    if broken and rule.id != broken.rule:
        raise ValueError(broken.message)
    keys = document.value if isinstance(document.value, dict) else ()
    about = (types[enum] for enum in (*rule.card.policy_types, DEFAULT_TYPE) if enum in types)
    policy_type = next((found for key in keys if (found := types.by_top_key(key))), None) or next(about)
    policy = f"{policy_type.folder}/example"
    _write(folder / "policies" / f"{policy}.{kind}", text)
    _write(folder / "organization.json", json.dumps({"root": {"policies": [policy], "accounts": [ACCOUNT]}}, indent=2))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
