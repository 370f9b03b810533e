"""policylint: what AWS Organizations makes of your policies, before AWS does.

The names below are the public interface for plugins and scripts; nothing else is. They load when they are first used,
so that `import policylint` costs nothing. The function `lint` is imported from its own room, `policylint.lint`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policylint.by_path import read_document
    from policylint.document import Document
    from policylint.effective import EffectivePolicy, View, effective_policy
    from policylint.entry_points import Command, Page
    from policylint.findings import Fault, Finding, Outcome, Place, Related, Severity
    from policylint.hookspecs import hookimpl
    from policylint.inheritance import resolve
    from policylint.lint import lint_files
    from policylint.merge import Level
    from policylint.native import read_native
    from policylint.organization import Account, Organization, OrganizationalUnit, Policy
    from policylint.plugins import Host, load
    from policylint.policy_files import read_policy_file
    from policylint.policy_types.shape import PolicyType
    from policylint.report import Rendered, Report, Terminal
    from policylint.rules import Card, CardError, Rule, check

_HOMES = {
    "Account": "organization",
    "Card": "rules",
    "CardError": "rules",
    "Command": "entry_points",
    "Document": "document",
    "EffectivePolicy": "effective",
    "Fault": "findings",
    "Finding": "findings",
    "Host": "plugins",
    "Level": "merge",
    "Organization": "organization",
    "OrganizationalUnit": "organization",
    "Outcome": "findings",
    "Page": "entry_points",
    "Place": "findings",
    "Policy": "organization",
    "PolicyType": "policy_types.shape",
    "Related": "findings",
    "Rendered": "report",
    "Report": "report",
    "Rule": "rules",
    "Severity": "findings",
    "Terminal": "report",
    "View": "effective",
    "check": "rules",
    "effective_policy": "effective",
    "hookimpl": "hookspecs",
    "lint_files": "lint",
    "load": "plugins",
    "read_document": "by_path",
    "read_native": "native",
    "read_policy_file": "policy_files",
    "resolve": "inheritance",
}

__all__ = [
    "Account",
    "Card",
    "CardError",
    "Command",
    "Document",
    "EffectivePolicy",
    "Fault",
    "Finding",
    "Host",
    "Level",
    "Organization",
    "OrganizationalUnit",
    "Outcome",
    "Page",
    "Place",
    "Policy",
    "PolicyType",
    "Related",
    "Rendered",
    "Report",
    "Rule",
    "Severity",
    "Terminal",
    "View",
    "check",
    "effective_policy",
    "hookimpl",
    "lint_files",
    "load",
    "read_document",
    "read_native",
    "read_policy_file",
    "resolve",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'policylint' has no attribute {name!r}")
    return getattr(import_module(f"policylint.{home}"), name)
