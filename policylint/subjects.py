"""What the user names: one organization, or policy files, each with the organization that it lies in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from policylint.asked import Opening
from policylint.choosing import Reader, ReaderBroke, joined, one_layout, read_sources, recognising
from policylint.errors import NothingToCheck, ReadError, UnknownName, UsageError
from policylint.files import GIT, Files, OnDisk, Unreadable, display_path, is_there
from policylint.findings import Fault
from policylint.foreign import Foreign, by_contents
from policylint.inventory import with_inventory
from policylint.layouts import POLICIES, TREE_FILES, tree_file
from policylint.organization import Organization, Policy
from policylint.plugins import Host, holds_organization, in_one_line
from policylint.policy_files import NotAPolicy, read_policy
from policylint.policy_types import Registry, UnknownPolicyType
from policylint.policy_types.shape import PolicyType
from policylint.wording import counted, hinted, nearest, plural

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

    def read_again(self, opening: Opening, host: Host) -> Organization | list[Policy]:
        """The same from files that have changed since."""
        if isinstance(self.subject, Organization):
            files = opening.below(self.paths[0])
            return ready(read_organization(self.paths[0], host, opening.reader, files), files)
        return [
            policy for policy in _policies(self.paths, self.home, opening, host.types) if isinstance(policy, Policy)
        ]


def read_named(paths: list[Path], opening: Opening, host: Host, notices: list[str]) -> list[Named]:
    """Read what the user names. What is not a management policy is skipped, and named in `notices`."""
    for path in paths:
        if not opening.below(path.parent, anywhere=True).exists(path.name):
            raise ReadError(f"{path}: no such file or folder.")
        if path.name in TREE_FILES and len(paths) == 1:
            raise ReadError(_tree_file(path))
    folders = [path for path in paths if opening.below(path, anywhere=True).is_folder("")]
    if not folders:
        return _read_files(paths, opening, host, notices)
    if len(folders) > 1:
        raise UsageError("Only one organization can be checked at a time. Name one folder.")
    files = [path for path in paths if path not in folders]
    if opening.type and not files:
        raise UsageError(
            "--type is for policy files on their own. In an organization the folder of a policy gives its type."
        )
    top = read_organization(folders[0], host, opening.reader, opening.below(folders[0]))
    organization = Named(folders[0], folders, top)
    notices += top.notes
    was_read = {policy.document.path for policy in organization.policies}
    outside = [path for path in files if display_path(path) not in was_read]
    alone = _read_files(outside, opening, host, notices, beside=True)
    if number := sum(len(named.policies) for named in alone):
        lies = plural(number, "lies", "lie")
        notices.append(
            f"{counted(number, 'policy file')} {lies} outside of '{folders[0]}', so what is merged there is not "
            f"checked."
        )
    return [organization, *alone]


def read_organization(path: Path, host: Host, reader: str = "", files: Files | None = None) -> Organization:
    """Read the organization in a folder, or in these files of it, with the readers that recognise it or the named one."""
    files = files or OnDisk(path)
    if not files.is_folder(""):
        is_file = files.exists("")
        raise ReadError(
            f"{path}: is a file. Name the folder of the organization." if is_file else f"{path}: no such folder."
        )
    found, broken = ([_known_reader(host, reader)], []) if reader else recognising(files, host.readers.values())
    if broken and not found:
        raise ReadError(_broke(broken[0], path))
    if not found:
        raise _nothing_there(path, files, host)
    try:
        one_layout(files, found)
        organization = joined(read_sources(files, found, host.types))
    except ReaderBroke as error:
        raise ReadError(_broke(error, path)) from error.error
    organization.notes.extend(_broke(one, path) for one in broken)
    return organization


def _known_reader(host: Host, name: str) -> Reader:
    """The reader of a name that the user gives."""
    if name not in host.readers:
        message = hinted(f"No reader is named '{name}'.", name, host.readers, f"There are {', '.join(host.readers)}.")
        # What failed may be why it is not there.
        raise UnknownName(message, nearest=nearest(name, host.readers), beside=host.failures)
    return host.readers[name]


def _broke(error: ReaderBroke, path: Path) -> str:
    return f"The reader '{error.name}' broke on {path}: {in_one_line(error.error)}"


def _nothing_there(path: Path, files: Files, host: Host) -> ReadError:
    advice = "Name the folder that holds one, or policy files."
    if found := _foreign(files):
        advice = f"It looks like the folder of {found.name}. {found.advice}"
    why = f"{path}: holds no organization.yaml or organization.json, so there is nothing to check. {advice}"
    return (ReadError if host.failures else NothingToCheck)(why, beside=host.failures)


def _foreign(files: Files) -> Foreign | None:
    try:
        return by_contents(files.names())
    except Unreadable:
        return None


def ready(organization: Organization, files: Files) -> Organization:
    """The organization with its inventory, ready to be checked. Raises NothingToCheck where it has no policies."""
    if not organization.policies:
        beside = (f"{one.place.document.path}: {one.message}" for one in _left_aside(organization))
        raise NothingToCheck(f"{files.base}: no policy below policies/, so there is nothing to check.", beside=beside)
    return with_inventory(organization, files)


def _left_aside(organization: Organization) -> list[Fault]:
    """Why an organization may have no policies: files and folders that are not where, or what, they should be."""
    return [fault for rule, fault in organization.faults if rule in LEFT_ASIDE]


def _read_files(
    paths: list[Path], opening: Opening, host: Host, notices: list[str], *, beside: bool = False
) -> list[Named]:
    """Policy files, by the organization that they lie in; `beside` an organization there may be none among them."""
    found: list[Named] = []
    skipped: list[str] = []
    for home, those in _by_home(paths, lambda folder: holds_organization(host, opening.below(folder))).items():
        read = list(_policies(those, home, opening, host.types))
        skipped += [one for one in read if isinstance(one, str)]
        policies = [one for one in read if isinstance(one, Policy)]
        if policies:
            found.append(Named(home, those, policies))
    if not found and not beside:
        *others, last = skipped if len(skipped) == 1 else [*skipped, NONE_LEFT]
        raise NothingToCheck(last, beside=others)
    notices += skipped
    return found


def _policies(paths: Iterable[Path], home: Path | None, opening: Opening, types: Registry) -> Iterator[Policy | str]:
    """Each file's policy; of one that is none a sentence that says so."""
    given = types.named(opening.type) if opening.type else None
    for path in paths:
        try:
            if path.name in TREE_FILES:
                raise NotAPolicy(_tree_file(path))
            files = opening.below(path.parent, anywhere=True)
            kind = given or (_type_by_folder(path, home, opening.below(home), types) if home else None)
            yield read_policy(files, path.name, kind, types)
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


def _type_by_folder(path: Path, home: Path, files: Files, types: Registry) -> PolicyType | None:
    """The type of a policy by its folder below `policies/` of its organization, as when the whole is checked."""
    if tree_file(files) is None:
        return None
    below = os.path.relpath(path, home / POLICIES).split(os.sep)
    try:
        return types.named(below[0]) if len(below) > 1 else None
    except UnknownPolicyType:
        return None
