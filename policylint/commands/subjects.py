"""What the command line names: one organization, or policy files, each with the organization that it lies in."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from policylint.commands.loading import holds_organization
from policylint.commands.shared import NOTHING, Trouble, find_policy_type, read_organization, say
from policylint.files import GIT, OnDisk, display_path, is_there
from policylint.findings import Fault
from policylint.inventory import with_inventory
from policylint.layouts import POLICIES, TREE_FILES, tree_file
from policylint.organization import Organization, Policy
from policylint.plugins import Host
from policylint.policy_files import NotAPolicy, read_policy_file
from policylint.policy_types import Registry, UnknownPolicyType
from policylint.policy_types.shape import PolicyType
from policylint.wording import counted, plural

LEFT_ASIDE = ("unread-file", "unreadable-file", "unknown-policy-type")
NONE_LEFT = "No management policy was named, so nothing is checked."


@dataclass(frozen=True)
class Named:
    """What has one configuration and one baseline: an organization, or files that lie in one, or in none."""

    home: Path | None  # the folder of the organization
    paths: list[Path]
    subject: Organization | list[Policy]

    @property
    def policies(self) -> list[Policy]:
        """The policies in it."""
        return list(self.subject.policies.values()) if isinstance(self.subject, Organization) else self.subject

    def read_again(self, options: argparse.Namespace, host: Host) -> Organization | list[Policy]:
        """The same from files that have changed since."""
        if isinstance(self.subject, Organization):
            return _organization(self.paths[0], options, host)
        return [
            policy for policy in _policies(self.paths, self.home, options, host.types) if isinstance(policy, Policy)
        ]


def read_named(options: argparse.Namespace, host: Host) -> list[Named]:
    """Read what the command line names. What is no management policy is named on standard error and skipped."""
    for path in options.paths:
        if not path.exists():
            raise Trouble(f"{path}: no such file or folder.")
        if path.name in TREE_FILES and len(options.paths) == 1:
            raise Trouble(_tree_file(path))
    folders = [path for path in options.paths if path.is_dir()]
    if not folders:
        return _read_files(options.paths, options, host)
    if len(folders) > 1:
        raise Trouble("Only one organization can be checked at a time. Name one folder.")
    files = [path for path in options.paths if path not in folders]
    if options.type and not files:
        raise Trouble(
            "--type is for policy files on their own; in an organization the folder of a policy tells its type."
        )
    organization = Named(folders[0], folders, _organization(folders[0], options, host))
    if isinstance(organization.subject, Organization):
        say(*organization.subject.notes)
    was_read = {policy.document.path for policy in organization.policies}
    outside = [path for path in files if display_path(path) not in was_read]
    alone = _read_files(outside, options, host, beside=True)
    if number := sum(len(named.policies) for named in alone):
        lies = plural(number, "lies", "lie")
        say(
            f"{counted(number, 'policy file')} {lies} outside of '{folders[0]}', so what is merged there is not checked."
        )
    return [organization, *alone]


def _organization(folder: Path, options: argparse.Namespace, host: Host) -> Organization:
    organization = with_inventory(read_organization(folder, host, options.reader), folder)
    if not organization.policies:
        say(*(f"{one.place.document.path}: {one.message}" for one in _left_aside(organization)))
        raise Trouble(f"{folder}: no policy below policies/, so there is nothing to check.", NOTHING)
    return organization


def _left_aside(organization: Organization) -> list[Fault]:
    """Why an organization may have no policies: files and folders that are not where, or what, they should be."""
    return [fault for rule, fault in organization.faults if rule in LEFT_ASIDE]


def _read_files(paths: list[Path], options: argparse.Namespace, host: Host, *, beside: bool = False) -> list[Named]:
    """Policy files, by the organization that they lie in; `beside` an organization there may be none among them."""
    found: list[Named] = []
    skipped: list[str] = []
    for home, those in _by_home(paths, lambda folder: holds_organization(host, folder)).items():
        read = list(_policies(those, home, options, host.types))
        skipped += [one for one in read if isinstance(one, str)]
        policies = [one for one in read if isinstance(one, Policy)]
        if policies:
            found.append(Named(home, those, policies))
    if not found and not beside:
        *others, last = skipped if len(skipped) == 1 else [*skipped, NONE_LEFT]
        say(*others)
        raise Trouble(last, NOTHING)
    say(*skipped)
    return found


def _policies(
    paths: Iterable[Path], home: Path | None, options: argparse.Namespace, types: Registry
) -> Iterator[Policy | str]:
    """Each file's policy; of one that is none a sentence that says so."""
    given = find_policy_type(options.type, types) if options.type else None
    for path in paths:
        try:
            if path.name in TREE_FILES:
                raise NotAPolicy(_tree_file(path))
            yield read_policy_file(path, given or _type_by_folder(path, home, types), types)
        except NotAPolicy as error:
            yield str(error)


def _tree_file(path: Path) -> str:
    return f"{path}: is the tree of an organization, and not a policy. Name its folder: {path.parent}."


# ---- the organization that a file lies in ------------------------------------------------------------------


def _by_home(paths: Iterable[Path], holds: Callable[[Path], bool]) -> dict[Path | None, list[Path]]:
    """The files by the folder of the nearest organization above each, in the order in which they are named."""

    @cache
    def home_of(folder: str) -> str | None:
        if holds(Path(folder)):
            return folder
        above = os.path.dirname(folder)
        return None if above == folder or is_there(Path(folder) / GIT) else home_of(above)

    found: dict[Path | None, list[Path]] = {}
    for path in paths:
        home = home_of(os.path.dirname(os.path.abspath(path)))
        found.setdefault(Path(_from_here(home)) if home else None, []).append(path)
    return found


def _from_here(folder: str) -> str:
    """The folder as seen from the working directory, so that a report holds no absolute path."""
    try:
        return os.path.relpath(folder)
    except ValueError:  # another drive
        return folder


def _type_by_folder(path: Path, home: Path | None, types: Registry) -> PolicyType | None:
    """The type of a policy by its folder below `policies/` of its organization, as when the whole is checked."""
    if home is None or tree_file(OnDisk(home)) is None:
        return None
    below = os.path.relpath(path, home / POLICIES).split(os.sep)
    try:
        return types.named(below[0]) if len(below) > 1 else None
    except UnknownPolicyType:
        return None
