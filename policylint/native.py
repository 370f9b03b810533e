"""The reader of the native layout: organization.yaml (or .json) and the documents below policies/."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from policylint.by_path import read_document, unread_document
from policylint.document import Document
from policylint.files import Boundary, files_in, is_there, near_misses
from policylint.findings import Fault, Place, Related
from policylint.foreign import looks_like, why_unread
from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.places import Span, join
from policylint.policy_files import read_content, type_of
from policylint.policy_types import POLICY_TYPES, Registry, UnknownPolicyType
from policylint.policy_types.shape import PolicyType
from policylint.progress import watched
from policylint.scalars import text_of
from policylint.wording import did_you_mean, nearest_part

TREE_FILES = ("organization.yaml", "organization.yml", "organization.json")
DOCUMENT_ENDINGS = (".json", ".yaml", ".yml")
MOST_UNKNOWN_KEYS = 100  # in one object; of the rest only the number is told
POLICIES = "policies"
FOLDERS = (POLICIES, "rules", "inventory")
CONFIGURATIONS = ("policylint.yaml", "policylint.yml")

ORGANIZATION_KEYS = ("management_account", "enabled_policy_types", "root")
UNIT_KEYS = ("id", "name", "policies", "accounts", "organizational_units", "tags", "description")
ACCOUNT_KEYS = ("id", "name", "policies", "tags", "status", "email", "description")


class OrganizationUnreadable(Exception):
    """The file that states the tree can't be read as one; the message says where and why."""


def tree_file(folder: Path) -> Path | None:
    """The file that states the tree, if the folder is in the native layout."""
    return next((folder / name for name in TREE_FILES if is_there(folder / name)), None)


def read_native(folder: Path, types: Registry = POLICY_TYPES) -> Organization:
    """Read an organization with policies of these types. Its `faults` hold every mistake.

    Raises OrganizationUnreadable without a tree.
    """
    path = tree_file(folder)
    if path is None:
        raise OrganizationUnreadable(f"{folder}: no organization.yaml or organization.json here.")
    within = Boundary(folder)
    document = read_document(path, within)
    is_tree = isinstance(document.value, dict) and isinstance(document.value.get("root"), dict)
    if not is_tree and (found := looks_like(document, types)):
        raise OrganizationUnreadable(
            f"{document.path}:1:1: looks like {found.name}, and not like the tree of an organization. {found.advice}"
        )
    if document.value is None and document.problems:
        problem = document.problems[0]
        line, column = document.position(problem.span.start)
        raise OrganizationUnreadable(f"{document.path}:{line}:{column}: {problem.message}")
    if not is_tree:
        raise OrganizationUnreadable(
            f"{document.path}:1:1: the organization has no 'root' object. Write root: with its accounts and units."
        )
    return _Reader(folder, within, document, types).read()


class _Reader:
    def __init__(self, folder: Path, within: Boundary, document: Document, types: Registry) -> None:
        self.folder = folder
        self.within = within
        self.types = types
        self.document = document
        self.faults: list[tuple[str, Fault]] = []
        self.policies: dict[str, Policy] = {}
        self.meant: set[str] = set()  # policies whose name somebody seems to have misspelt
        self.unresolved: list[tuple[str, str]] = []  # type and pointer of the target of an unknown policy

    def read(self) -> Organization:
        value = self.document.value
        self._check_names()
        self._read_policies()
        self._check_keys(value, "", ORGANIZATION_KEYS)
        enabled = self._enabled_types(value)
        root = self._unit(value["root"], "/root", None)
        self._read_tree(value["root"], root)
        organization = Organization(root, self.policies, enabled, self.document, self.faults)
        organization.stated_types = enabled if "enabled_policy_types" in value else None
        organization.misnamed = frozenset(self.meant)
        organization.management_account = str(value.get("management_account") or "")
        organization.management_place = Place(self.document, "/management_account")
        organization.number_accounts()
        self._resolve(organization)
        return organization

    def _read_policies(self) -> None:
        folder = self.folder / POLICIES
        for path, problem, is_folder in files_in(folder, self.within) if is_there(folder) else ():
            if problem:
                self._unread(path, problem)
            elif is_folder:
                self._read_type(path, folder)
            else:
                self._check_loose(path)

    def _read_type(self, type_folder: Path, folder: Path) -> None:
        try:
            kind = self.types.named(type_folder.name)
        except UnknownPolicyType as error:
            place = Place(unread_document(type_folder, str(error)), "", "value", Span(0, 0))
            self.faults.append(("unknown-policy-type", Fault(place, f"Nothing in this folder is read: {error}")))
            return
        for path, problem, is_folder in watched(list(files_in(type_folder, self.within, deep=True)), "files read"):
            if problem:
                self._unread(path, problem)
            elif path.suffix.lower() not in DOCUMENT_ENDINGS:
                if not is_folder and (reason := why_unread(path.relative_to(type_folder))):
                    self._unread(path, reason)
            elif is_folder:
                self._unread(
                    path, f"This is a folder with the name of a policy's file. Name it without '{path.suffix}'."
                )
            else:
                self._read_policy(path, folder, kind)

    def _check_loose(self, path: Path) -> None:
        if path.suffix.lower() in DOCUMENT_ENDINGS:
            document = read_document(path, self.within)
            found, kind = looks_like(document, self.types), type_of(document, self.types)
            example = (kind or next(iter(self.types.values()))).folder
            advice = f"Move it into the folder of its type, such as policies/{example}/."
            if found:
                advice = f"It looks like {found.name}. {found.advice}"
            self._unread(path, f"This file is in policies/ itself, where it is not read. {advice}")
        elif reason := why_unread(Path(path.name)):
            self._unread(path, reason)

    def _check_names(self) -> None:
        """What lies in the organization's folder as if it were read, and is not."""
        read, *others = (path for name in TREE_FILES if is_there(path := self.folder / name))
        for path in others:
            self._unread(path, f"The tree is read from '{read.name}', so this file is not read. Keep one of them.")
        for path in [self.folder / name for name in CONFIGURATIONS if is_there(self.folder / name)][1:]:
            self._unread(path, f"'{CONFIGURATIONS[0]}' is read, so this file is not read. Keep one of them.")
        for path, meant in near_misses(self.folder, (*TREE_FILES, *FOLDERS, *CONFIGURATIONS)):
            self._unread(path, f"The case of letters counts: only '{meant}' is read, so this is not. Rename it.")
        for path in (self.folder / name for name in FOLDERS):
            if is_there(path) and not path.is_dir():
                self._unread(path, f"'{path.name}' is a folder in an organization; this is not one, so it is not read.")

    def _unread(self, path: Path, message: str) -> None:
        self.faults.append(unread(path, message))

    def _read_policy(self, path: Path, folder: Path, kind: PolicyType) -> None:
        name = path.relative_to(folder).with_suffix("").as_posix()
        policy = Policy(name, kind, read_content(path, kind, self.within, self.types))
        if name in self.policies:
            first = Related(Place(self.policies[name].document), "the other file of this name")
            message = f"Two files hold the policy '{name}'; this one is not read. Keep one of them."
            self.faults.append(("duplicate-policy", Fault(Place(policy.document), message, (first,))))
            return
        self.policies[name] = policy

    def _enabled_types(self, value: dict[str, Any]) -> tuple[PolicyType, ...]:
        if "enabled_policy_types" not in value:
            return tuple(dict.fromkeys(policy.type for policy in self.policies.values()))
        enabled: dict[str, PolicyType] = {}
        for pointer, name in self._texts(value, "", "enabled_policy_types"):
            try:
                kind = self.types.named(name)
                enabled[kind.enum] = kind
            except UnknownPolicyType as error:
                self._fault("unknown-policy-type", pointer, str(error))
        return tuple(enabled.values())

    def _read_tree(self, value: dict[str, Any], root: OrganizationalUnit) -> None:
        waiting: list[tuple[dict[str, Any], OrganizationalUnit]] = [(value, root)]
        while waiting:
            item, unit = waiting.pop()
            self._accounts(item, unit)
            inside: list[tuple[dict[str, Any], OrganizationalUnit]] = []
            for pointer, child in self._objects(item, unit.pointer, "organizational_units"):
                below = self._unit(child, pointer, unit)
                unit.organizational_units.append(below)
                inside.append((child, below))
            waiting.extend(reversed(inside))  # in the order of the file

    def _unit(self, value: dict[str, Any], pointer: str, parent: OrganizationalUnit | None) -> OrganizationalUnit:
        self._check_keys(value, pointer, UNIT_KEYS)
        name = str(value.get("name") or ("" if parent else "Root"))
        identity = str(value.get("id") or "")
        path = f"{parent.path}/{name}" if parent else "Root"
        unit = OrganizationalUnit(name, identity, pointer, path)
        unit.policies = self._policies_of(value, pointer)
        return unit

    def _accounts(self, value: dict[str, Any], unit: OrganizationalUnit) -> None:
        for pointer, item in self._objects(value, unit.pointer, "accounts"):
            if not item.keys() <= _ACCOUNT_KEY_SET:
                self._check_keys(item, pointer, ACCOUNT_KEYS)
            identity, name = str(item.get("id") or ""), str(item.get("name") or "")
            account = Account(name, identity, pointer, f"{unit.path}/{name or identity}")
            if item.get("status"):
                account.status = text_of(item["status"])
            if "policies" in item:
                account.policies = self._policies_of(item, pointer)
            if isinstance(item.get("tags"), dict):
                account.tags = {key: "" if value is None else text_of(value) for key, value in item["tags"].items()}
            unit.accounts.append(account)

    def _policies_of(self, value: dict[str, Any], pointer: str) -> tuple[Policy, ...]:
        found: list[Policy] = []
        for place, name in self._texts(value, pointer, "policies"):
            policy = self.policies.get(name)
            if policy is None and self._is_aws_managed(name):
                continue
            if policy is None:
                self._unknown(name, place, pointer)
            elif policy in found:
                self._fault("duplicate-attachment", place, f"'{name}' is attached here twice; AWS refuses that.")
            else:
                found.append(policy)
        return tuple(found)

    def _unknown(self, name: str, place: str, pointer: str) -> None:
        near = self._policy_meant(name)
        self.meant.add(near)
        hint = f"Did you mean '{near}'?" if near else "There is no such file below policies/."
        self._fault("unknown-policy", place, f"No policy is named '{name}'. {hint}")
        folder = (near or name).partition("/")[0]
        kind = next((kind.enum for kind in self.types.values() if kind.is_named(folder)), "")
        self.unresolved.append((kind, pointer))

    def _is_aws_managed(self, name: str) -> bool:
        """Whether a name is that of a policy which AWS provides, such as `scp/FullAWSAccess`: it needs no file."""
        folder, _, own = name.partition("/")
        return any(own in kind.aws_managed and kind.is_named(folder) for kind in self.types.values())

    def _policy_meant(self, name: str) -> str:
        """The policy that somebody meant who wrote another name; empty where none is near."""
        for ending in DOCUMENT_ENDINGS:
            name = name.removesuffix(ending)
        name = name.removeprefix(f"{POLICIES}/")
        same = [name] if name in self.policies else self._by_own_name.get(name, ())
        return same[0] if len(same) == 1 else nearest_part(name, self.policies, "/")

    @cached_property
    def _by_own_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self.policies:
            found.setdefault(name.rpartition("/")[2], []).append(name)
        return found

    def _resolve(self, organization: Organization) -> None:
        if self.unresolved:
            ranges = {unit.pointer: unit.account_range for unit in organization.root.walk()}
            ranges |= {account.pointer: account.account_range for account in organization.accounts}
            for kind, pointer in self.unresolved:
                organization.unresolved.setdefault(kind, []).append(ranges[pointer])

    def _objects(self, value: dict[str, Any], pointer: str, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for place, item in self._items(value, pointer, key):
            if isinstance(item, dict):
                yield place, item
            else:
                self._fault("wrong-shape", place, f"An entry of '{key}' must be an object with a name.")

    def _texts(self, value: dict[str, Any], pointer: str, key: str) -> Iterator[tuple[str, str]]:
        for place, item in self._items(value, pointer, key):
            if isinstance(item, str):
                yield place, item
            else:
                self._fault("wrong-shape", place, f"An entry of '{key}' must be a text.")

    def _items(self, value: dict[str, Any], pointer: str, key: str) -> Iterator[tuple[str, Any]]:
        items = value.get(key)
        if items is None:
            return
        if not isinstance(items, list):
            self._fault("wrong-shape", f"{pointer}/{key}", f"'{key}' must be a list.")
            return
        for index, item in enumerate(items):
            yield f"{pointer}/{key}/{index}", item

    def _check_keys(self, value: dict[str, Any], pointer: str, known: tuple[str, ...]) -> None:
        unknown = [key for key in value if key not in known]
        for number, key in enumerate(unknown):
            if number == MOST_UNKNOWN_KEYS:
                message = (
                    f"{len(unknown) - number:,} more keys of this object are unknown too; this is the first of them."
                )
                self.faults.append(("unknown-key", Fault(Place(self.document, join(pointer, key), "key"), message)))
                return
            hint = did_you_mean(key, known, f"Known are {', '.join(known)}.")
            place = Place(self.document, join(pointer, key), "key")
            self.faults.append(("unknown-key", Fault(place, f"'{key}' is no key of this object. {hint}")))

    def _fault(self, rule: str, pointer: str, message: str, related: tuple[Related, ...] = ()) -> None:
        self.faults.append((rule, Fault(Place(self.document, pointer), message, related)))


_ACCOUNT_KEY_SET = frozenset(ACCOUNT_KEYS)


def unread(path: Path, message: str) -> tuple[str, Fault]:
    """The fault of a file or folder that looks as if it were read, and is not."""
    return "unread-file", Fault(Place(unread_document(path, message), "", "value", Span(0, 0)), message)
