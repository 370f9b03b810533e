"""Reads the configuration folder of AWS's Landing Zone Accelerator.

A unit marked `ignore` stays in the tree, but the accelerator attaches nothing to it.
Source: the accelerator's reference of OrganizationConfig, AccountsConfig and ReplacementsConfig.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from policylint import (
    ROOT,
    AccountEntry,
    Attachment,
    Document,
    Fault,
    Files,
    Place,
    Placeholder,
    PolicyEntry,
    PolicyType,
    ReadError,
    Registry,
    Source,
    UnitEntry,
    hinted,
    locate,
    read_content,
    read_from,
)

from . import LANDING_ZONE_FILES

ORGANIZATION_FILE, ACCOUNTS_FILE = LANDING_ZONE_FILES
REPLACEMENTS_FILE = "replacements-config.yaml"

POLICY_LISTS = {
    "serviceControlPolicies": "SERVICE_CONTROL_POLICY",
    "resourceControlPolicies": "RESOURCE_CONTROL_POLICY",
    "backupPolicies": "BACKUP_POLICY",
    "taggingPolicies": "TAG_POLICY",
    "chatbotPolicies": "CHATBOT_POLICY",
    "declarativePolicies": "DECLARATIVE_POLICY_EC2",
}
WHAT = {"organizationalUnits": "organizational unit", "accounts": "account"}
TOKEN = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}|\$\{ACCEL_LOOKUP::CUSTOM:([^{}]+)\}")


def read(files: Files, types: Registry) -> Source:
    """What the files say. Raises ReadError when a configuration file is not a YAML object."""
    return _Reading(files, types).source


def _config(files: Files, name: str) -> Document:
    document = read_from(files, name)
    if not isinstance(document.value, dict):
        if document.problems:
            problem = document.problems[0]
            raise ReadError(f"{locate(Place(document, span=problem.span))}: {problem.message}")
        raise ReadError(f"{document.path}:1:1: The file must be an object.")
    return document


class _Reading:
    def __init__(self, files: Files, types: Registry) -> None:
        self.files = files
        self.types = types
        self.replacements = dict(_replacements(files))
        self.config = self._filled(_config(files, ORGANIZATION_FILE))
        self.accounts = self._filled(_config(files, ACCOUNTS_FILE))
        self.source = Source(f"{files.base}: Landing Zone Accelerator", self.config, documents=(self.accounts,))
        self.units = {"Root": ROOT}  # the keys of units by path
        self.ignored: set[str] = set()
        self.source.units.append(UnitEntry((ROOT,), "Root", None, Place(self.config)))
        self._read_units()
        self._read_policies(self._read_accounts())

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

    def _unit(self, path: str, pointer: str) -> None:
        """Add the unit of a path such as Workloads/Prod; its parents are made with it."""
        parent, above = ROOT, ""
        for name in path.split("/"):
            above = f"{above}/{name}" if above else name
            if above not in self.units:
                self.units[above] = f"unit:{self.config.path}#{above}"
                self.source.units.append(UnitEntry((self.units[above],), name, parent, Place(self.config, pointer)))
            parent = self.units[above]

    def _read_accounts(self) -> dict[str, str]:
        """Read the accounts, and give the key of each name."""
        keys: dict[str, str] = {}
        for key in ("mandatoryAccounts", "workloadAccounts"):
            for pointer, item in _objects(self.accounts, key):
                name, path = str(item.get("name") or ""), str(item.get("organizationalUnit") or "Root")
                if path not in self.units:
                    self._unknown(
                        "organizational unit", path, self.units, self.accounts, f"{pointer}/organizationalUnit"
                    )
                keys[name] = f"account:{self.accounts.path}#{pointer}"
                unit, place = self.units.get(path, ROOT), Place(self.accounts, pointer)
                self.source.accounts.append(AccountEntry(name, "", unit, place, (keys[name],)))
        return keys

    def _read_policies(self, accounts: dict[str, str]) -> None:
        last: dict[str, str] = {}  # of each target the policy that was attached there last
        for listed, enum in POLICY_LISTS.items():
            kind = self.types[enum]
            for pointer, item in _objects(self.config, listed):
                document = self._content(item, pointer, kind)
                if document is None:
                    continue
                name = f"{kind.folder}/{item.get('name') or PurePosixPath(str(item['policy'])).stem}"
                key = f"policy:{self.config.path}#{pointer}"
                self.source.policies.append(PolicyEntry((key,), name, kind, document, Place(self.config, pointer)))
                for target, place in self._targets(item, pointer, accounts, key):
                    before = (last[target],) if target in last else ()
                    self.source.attachments.append(Attachment(key, target, place, before))
                    last[target] = key

    def _content(self, item: dict[str, Any], pointer: str, kind: PolicyType) -> Document | None:
        name = str(item.get("policy") or "")
        if PurePosixPath(name) == PurePosixPath() or not self.files.exists(name):
            message = f"No file is at '{name}'. Name the policy's JSON file in policy:."
            self._fault("unknown-policy", self.config, f"{pointer}/policy", message)
            return None
        if objection := self.files.objection(name):
            self._fault("unreadable-file", self.config, f"{pointer}/policy", objection)
            return None
        return self._filled(read_content(self.files, name, kind, self.types))

    def _targets(
        self, item: dict[str, Any], pointer: str, accounts: dict[str, str], policy: str
    ) -> Iterator[tuple[str, Place]]:
        """The keys of what a policy is attached to, each with its place. An unknown name may be any of them."""
        given = item.get("deploymentTargets")
        found: dict[str, Place] = {}
        for kind, known in (("organizationalUnits", self.units), ("accounts", accounts)):
            for place, name in _texts(given, f"{pointer}/deploymentTargets", kind) if isinstance(given, dict) else ():
                if name not in known:
                    self._unknown(WHAT[kind], name, known, self.config, place)
                    self.source.misnamed |= {policy}
                elif kind == "accounts" or name not in self.ignored:
                    found.setdefault(known[name], Place(self.config, place))
        yield from found.items()

    def _unknown(self, what: str, name: str, known: Any, document: Document, pointer: str) -> None:
        self._fault("unknown-target", document, pointer, hinted(f"No {what} is named '{name}'.", name, known))

    def _fault(self, rule: str, document: Document, pointer: str, message: str) -> None:
        self.source.faults.append((rule, Fault(Place(document, pointer), message)))


def _replacements(files: Files) -> Iterator[tuple[str, Any]]:
    if files.exists(REPLACEMENTS_FILE):
        for _, item in _objects(_config(files, REPLACEMENTS_FILE), "globalReplacements"):
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
