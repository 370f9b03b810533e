"""The reader of the native layout: organization.yaml (or .json) and the documents below policies/."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from policylint import (
    ROOT,
    WHOLE,
    AccountEntry,
    Attachment,
    Document,
    Fault,
    Files,
    Place,
    PolicyEntry,
    PolicyType,
    ReadError,
    Registry,
    Related,
    Source,
    Span,
    UnitEntry,
    UnknownPolicyType,
    did_you_mean,
    entries,
    join,
    locate,
    looks_like,
    misspelt,
    nearest_part,
    read_content,
    read_from,
    text_of,
    type_of,
    unread,
    unread_document,
    watched,
    why_unread,
)
from policylint.layouts import CONFIGURATIONS, DOCUMENT_ENDINGS, FOLDERS, POLICIES, TREE_FILES, tree_file

MOST_UNKNOWN_KEYS = 100  # in one object; of the rest only the number is reported

ORGANIZATION_KEYS = ("management_account", "enabled_policy_types", "root")
UNIT_KEYS = ("id", "name", "policies", "accounts", "organizational_units", "tags", "description")
ACCOUNT_KEYS = ("id", "name", "policies", "tags", "status", "email", "description")


def read(files: Files, types: Registry) -> Source:
    """What the files say. Raises ReadError without a tree."""
    name = tree_file(files)
    if name is None:
        raise ReadError(f"{files.base}: no organization.yaml or organization.json here.")
    document = read_from(files, name)
    is_tree = isinstance(document.value, dict) and isinstance(document.value.get("root"), dict)
    if not is_tree and (found := looks_like(document, types)):
        raise ReadError(
            f"{document.path}:1:1: looks like {found.name}, and not like the tree of an organization. {found.advice}"
        )
    if document.value is None and document.problems:
        problem = document.problems[0]
        raise ReadError(f"{locate(Place(document, span=problem.span))}: {problem.message}")
    if not is_tree:
        raise ReadError(
            f"{document.path}:1:1: the organization has no 'root' object. Write root: with its accounts and units."
        )
    return _Reading(files, document, types).source


class _Reading:
    def __init__(self, files: Files, document: Document, types: Registry) -> None:
        self.files = files
        self.types = types
        self.document = document
        self.policies: dict[str, PolicyEntry] = {}
        self.source = Source(f"{files.base}: native", document)
        self.faults = self.source.faults
        value = document.value
        self._check_names()
        self._read_policies()
        self._check_keys(value, "", ORGANIZATION_KEYS)
        if "enabled_policy_types" in value:
            self.source.enabled_types = self._enabled_types(value)
            self.source.complete = WHOLE | {"types"}
        self._read_tree(value["root"])
        self.source.policies = list(self.policies.values())
        self.source.management_account = str(value.get("management_account") or "")
        self.source.management_place = Place(document, "/management_account")

    def _read_policies(self) -> None:
        for name, problem, is_folder in entries(self.files, POLICIES) if self.files.exists(POLICIES) else ():
            if problem:
                self._unread(name, problem)
            elif is_folder:
                self._read_type(name)
            else:
                self._check_loose(name)

    def _read_type(self, folder: str) -> None:
        try:
            kind = self.types.named(folder.rpartition("/")[2])
        except UnknownPolicyType as error:
            place = Place(unread_document(self.files, folder, str(error)), "", "value", Span(0, 0))
            self.faults.append(("unknown-policy-type", Fault(place, f"Nothing in this folder is read: {error}")))
            return
        for name, problem, is_folder in watched(list(entries(self.files, folder, deep=True)), "files read"):
            ending = PurePosixPath(name).suffix
            if problem:
                self._unread(name, problem)
            elif ending.lower() not in DOCUMENT_ENDINGS:
                if not is_folder and (reason := why_unread(PurePosixPath(name).relative_to(folder))):
                    self._unread(name, reason)
            elif is_folder:
                self._unread(name, f"This is a folder with the name of a policy's file. Name it without '{ending}'.")
            else:
                self._read_policy(name, kind)

    def _check_loose(self, name: str) -> None:
        if name.lower().endswith(DOCUMENT_ENDINGS):
            document = read_from(self.files, name)
            found, kind = looks_like(document, self.types), type_of(document, self.types)
            example = (kind or next(iter(self.types.values()))).folder
            advice = f"Move it into the folder of its type, such as policies/{example}/."
            if found:
                advice = f"It looks like {found.name}. {found.advice}"
            self._unread(name, f"This file is in policies/ itself, where it is not read. {advice}")
        elif reason := why_unread(PurePosixPath(PurePosixPath(name).name)):
            self._unread(name, reason)

    def _check_names(self) -> None:
        """What lies in the organization's folder as if it were read, and is not."""
        read, *others = (name for name in TREE_FILES if self.files.exists(name))
        for name in others:
            self._unread(name, f"The tree is read from '{read}', so this file is not read. Keep one of them.")
        for name in [name for name in CONFIGURATIONS if self.files.exists(name)][1:]:
            self._unread(name, f"'{CONFIGURATIONS[0]}' is read, so this file is not read. Keep one of them.")
        for name, meant in misspelt(self.files, (*TREE_FILES, *FOLDERS, *CONFIGURATIONS)):
            self._unread(name, f"The case of letters counts: only '{meant}' is read, so this is not. Rename it.")
        for name in FOLDERS:
            if self.files.exists(name) and not self.files.is_folder(name):
                self._unread(name, f"'{name}' is a folder in an organization; this is not one, so it is not read.")

    def _unread(self, name: str, message: str) -> None:
        self.faults.append(unread(unread_document(self.files, name, message), message))

    def _read_policy(self, file: str, kind: PolicyType) -> None:
        name = str(PurePosixPath(file).relative_to(POLICIES).with_suffix(""))
        document = read_content(self.files, file, kind, self.types)
        if name in self.policies:
            first = Related(Place(self.policies[name].document), "the other file of this name")
            message = f"Two files hold the policy '{name}'; this one is not read. Keep one of them."
            self.faults.append(("duplicate-policy", Fault(Place(document), message, (first,))))
            return
        self.policies[name] = PolicyEntry((f"file:{document.path}",), name, kind, document)

    def _enabled_types(self, value: dict[str, Any]) -> tuple[PolicyType, ...]:
        enabled: dict[str, PolicyType] = {}
        for pointer, name in self._texts(value, "", "enabled_policy_types"):
            try:
                kind = self.types.named(name)
                enabled[kind.enum] = kind
            except UnknownPolicyType as error:
                self._fault("unknown-policy-type", pointer, str(error))
        return tuple(enabled.values())

    def _read_tree(self, root: dict[str, Any]) -> None:
        self._unit(root, "/root", None)
        waiting = [(root, "/root", ROOT)]
        while waiting:
            item, above, parent = waiting.pop()
            self._accounts(item, above, parent)
            inside = [
                (child, pointer, self._unit(child, pointer, parent))
                for pointer, child in self._objects(item, above, "organizational_units")
            ]
            waiting.extend(reversed(inside))  # in the order of the file

    def _unit(self, value: dict[str, Any], pointer: str, parent: str | None) -> str:
        """Read a unit, or the root where there is no parent, and give its key."""
        self._check_keys(value, pointer, UNIT_KEYS)
        name = str(value.get("name") or ("" if parent else "Root"))
        key = self._key(pointer) if parent else ROOT
        place = Place(self.document, pointer)
        self.source.units.append(UnitEntry((key,), name, parent, place, str(value.get("id") or "")))
        self._attachments(value, pointer, key)
        return key

    def _accounts(self, value: dict[str, Any], above: str, parent: str) -> None:
        for pointer, item in self._objects(value, above, "accounts"):
            if not item.keys() <= _ACCOUNT_KEY_SET:
                self._check_keys(item, pointer, ACCOUNT_KEYS)
            identity, name = str(item.get("id") or ""), str(item.get("name") or "")
            account = AccountEntry(name, identity, parent, Place(self.document, pointer))
            if item.get("status"):
                account.status = text_of(item["status"])
            if "policies" in item:
                account.keys = (self._key(pointer),)
                self._attachments(item, pointer, account.keys[0])
            if isinstance(item.get("tags"), dict):
                account.tags = {key: "" if value is None else text_of(value) for key, value in item["tags"].items()}
            self.source.accounts.append(account)

    def _key(self, pointer: str) -> str:
        return f"at:{self.document.path}#{pointer}"

    def _attachments(self, value: dict[str, Any], pointer: str, target: str) -> None:
        found: dict[str, None] = {}  # the keys of the policies, in the order in which they are attached
        for listed, name in self._texts(value, pointer, "policies"):
            policy, place = self.policies.get(name), Place(self.document, listed)
            if policy is None and self._is_aws_managed(name):
                continue
            if policy is None:
                self.source.attachments.append(Attachment("", target, place, type=self._unknown(name, listed)))
            elif policy.keys[0] in found:
                self._fault(
                    "duplicate-attachment",
                    listed,
                    f"'{name}' is attached here twice. AWS rejects the second attachment. Remove one.",
                )
            else:
                before = tuple(found)[-1:]
                found[policy.keys[0]] = None
                self.source.attachments.append(Attachment(policy.keys[0], target, place, before))

    def _unknown(self, name: str, place: str) -> str:
        """Report an unknown policy, and give AWS's name of the type that it seems to be of."""
        near = self._policy_meant(name)
        if near:
            self.source.misnamed |= set(self.policies[near].keys)
        hint = f"Did you mean '{near}'?" if near else "There is no such file below policies/."
        self._fault("unknown-policy", place, f"No policy is named '{name}'. {hint}")
        folder = (near or name).partition("/")[0]
        return next((kind.enum for kind in self.types.values() if kind.is_named(folder)), "")

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
            self.faults.append(("unknown-key", Fault(place, f"'{key}' is not a key of this object. {hint}")))

    def _fault(self, rule: str, pointer: str, message: str, related: tuple[Related, ...] = ()) -> None:
        self.faults.append((rule, Fault(Place(self.document, pointer), message, related)))


_ACCOUNT_KEY_SET = frozenset(ACCOUNT_KEYS)
