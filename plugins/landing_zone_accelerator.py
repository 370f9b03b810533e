"""Reads the configuration folder of AWS's Landing Zone Accelerator.

Source: the accelerator's reference of OrganizationConfig, AccountsConfig and ReplacementsConfig.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policylint.by_path import read_document
from policylint.document import Document
from policylint.files import Boundary, is_there
from policylint.findings import Fault, Place
from policylint.native import OrganizationUnreadable
from policylint.organization import Account, Organization, OrganizationalUnit, Policy, Target
from policylint.policy_files import read_content
from policylint.policy_types import Registry
from policylint.scalars import Placeholder
from policylint.wording import hinted

ORGANIZATION_FILE = "organization-config.yaml"
ACCOUNTS_FILE = "accounts-config.yaml"
REPLACEMENTS_FILE = "replacements-config.yaml"

POLICY_LISTS = {
    "serviceControlPolicies": "SERVICE_CONTROL_POLICY",
    "resourceControlPolicies": "RESOURCE_CONTROL_POLICY",
    "backupPolicies": "BACKUP_POLICY",
    "taggingPolicies": "TAG_POLICY",
    "chatbotPolicies": "CHATBOT_POLICY",
    "declarativePolicies": "DECLARATIVE_POLICY_EC2",
}
TOKEN = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}|\$\{ACCEL_LOOKUP::CUSTOM:([^{}]+)\}")


class LandingZoneAccelerator:
    """The reader. A unit marked `ignore` stays in the tree, but the accelerator attaches nothing to it."""

    name = "landing-zone-accelerator"

    def recognises(self, path: Path) -> bool:
        """Whether the folder holds such a configuration."""
        return is_there(path / ORGANIZATION_FILE) and is_there(path / ACCOUNTS_FILE)

    def read(self, path: Path, types: Registry) -> Organization:
        """The organization. Raises OrganizationUnreadable when a configuration file is no YAML object."""
        return _Reading(path, types).organization()


def _config(path: Path, within: Boundary) -> Document:
    document = read_document(path, within)
    if not isinstance(document.value, dict):
        message, line, column = "The file must hold an object.", 1, 1
        if document.problems:
            message = document.problems[0].message
            line, column = document.position(document.problems[0].span.start)
        raise OrganizationUnreadable(f"{document.path}:{line}:{column}: {message}")
    return document


class _Reading:
    def __init__(self, folder: Path, types: Registry) -> None:
        self.folder = folder
        self.types = types
        self.within = Boundary(folder)
        self.replacements = dict(_replacements(folder, self.within))
        self.config = self._filled(_config(folder / ORGANIZATION_FILE, self.within))
        self.accounts = self._filled(_config(folder / ACCOUNTS_FILE, self.within))
        self.faults: list[tuple[str, Fault]] = []
        self.units: dict[str, OrganizationalUnit] = {}
        self.ignored: set[str] = set()

    def organization(self) -> Organization:
        root = OrganizationalUnit("Root", "", "", "Root")
        self.units["Root"] = root
        self._read_units()
        self._read_accounts()
        policies = {policy.name: policy for policy in self._policies()}
        enabled = tuple(dict.fromkeys(policy.type for policy in policies.values()))
        organization = Organization(root, policies, enabled, self.config, self.faults)
        organization.number_accounts()
        return organization

    def _filled(self, document: Document) -> Document:
        return document.with_value(_fill(document.value, self.replacements))

    def _read_units(self) -> None:
        for pointer, item in _objects(self.config, "organizationalUnits"):
            path = str(item.get("name") or "")
            if not path:
                self._fault(
                    "missing-name", self.config, pointer, "An organizational unit has no name. Add name: to it."
                )
                continue
            self._unit(path, pointer)
            if item.get("ignore") is True:
                self.ignored.add(path)

    def _unit(self, path: str, pointer: str) -> OrganizationalUnit:
        """The unit of a path such as Workloads/Prod; its parents are made with it."""
        if path not in self.units:
            above, _, name = path.rpartition("/")
            parent = self._unit(above, pointer) if above else self.units["Root"]
            self.units[path] = OrganizationalUnit(name, "", pointer, f"{parent.path}/{name}")
            parent.organizational_units.append(self.units[path])
        return self.units[path]

    def _read_accounts(self) -> None:
        for key in ("mandatoryAccounts", "workloadAccounts"):
            for pointer, item in _objects(self.accounts, key):
                name, path = str(item.get("name") or ""), str(item.get("organizationalUnit") or "Root")
                unit = self.units.get(path)
                if unit is None:
                    self._unknown(
                        "organizational unit", path, self.units, self.accounts, f"{pointer}/organizationalUnit"
                    )
                    unit = self.units["Root"]
                unit.accounts.append(Account(name, "", pointer, f"{unit.path}/{name}", document=self.accounts))

    def _policies(self) -> Iterator[Policy]:
        accounts = {account.name: account for unit in self.units.values() for account in unit.accounts}
        for key, enum in POLICY_LISTS.items():
            kind = self.types[enum]
            for pointer, item in _objects(self.config, key):
                path = self.folder / str(item.get("policy") or "")
                if path == self.folder or not is_there(path):
                    message = f"No file is at '{item.get('policy') or ''}'. Name the policy's JSON file in policy:."
                    self._fault("unknown-policy", self.config, f"{pointer}/policy", message)
                    continue
                if objection := self.within.objection(path):
                    self._fault("unreadable-file", self.config, f"{pointer}/policy", objection)
                    continue
                name = f"{kind.folder}/{item.get('name') or path.stem}"
                document = self._filled(read_content(path, kind, self.within, self.types))
                policy = Policy(name, kind, document, Place(self.config, pointer))
                for target in self._targets(item, pointer, accounts):
                    target.policies += (policy,)
                yield policy

    def _targets(self, item: dict[str, Any], pointer: str, accounts: dict[str, Account]) -> Iterator[Target]:
        given = item.get("deploymentTargets")
        if not isinstance(given, dict):
            return
        below = f"{pointer}/deploymentTargets"
        for place, path in _texts(given, below, "organizationalUnits"):
            if path not in self.units:
                self._unknown("organizational unit", path, self.units, self.config, place)
            elif path not in self.ignored:
                yield self.units[path]
        for place, name in _texts(given, below, "accounts"):
            if name in accounts:
                yield accounts[name]
            else:
                self._unknown("account", name, accounts, self.config, place)

    def _unknown(self, what: str, name: str, known: Any, document: Document, pointer: str) -> None:
        self._fault("unknown-target", document, pointer, hinted(f"No {what} is named '{name}'.", name, known))

    def _fault(self, rule: str, document: Document, pointer: str, message: str) -> None:
        self.faults.append((rule, Fault(Place(document, pointer), message)))


def _replacements(folder: Path, within: Boundary) -> Iterator[tuple[str, Any]]:
    path = folder / REPLACEMENTS_FILE
    if is_there(path):
        for _, item in _objects(_config(path, within), "globalReplacements"):
            if isinstance(item.get("key"), str) and "value" in item:
                yield item["key"], item["value"]


def _objects(document: Document, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    items = document.value.get(key)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield f"/{key}/{index}", item


def _texts(value: dict[str, Any], pointer: str, key: str) -> Iterator[tuple[str, str]]:
    items = value.get(key)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, str):
            yield f"{pointer}/{key}/{index}", item


def _fill(value: Any, replacements: dict[str, Any]) -> Any:
    """The value with the replacements that are known; a text that is one replacement may become a list."""
    if isinstance(value, dict):
        return {_fill_text(key, replacements): _fill(item, replacements) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, replacements) for item in value]
    if isinstance(value, str) and "{" in value:
        whole = TOKEN.fullmatch(value.strip())
        key = (whole[1] or whole[2]) if whole else None
        if key in replacements:
            return replacements[key]
        return value if isinstance(value, Placeholder) else _fill_text(value, replacements)
    return value


def _fill_text(text: str, replacements: dict[str, Any]) -> str:
    def known(match: re.Match[str]) -> str:
        value = replacements.get(match[1] or match[2])
        return str(value) if isinstance(value, str | int) else match[0]

    return TOKEN.sub(known, text) if "{" in text else text
