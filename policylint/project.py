"""A project: what a user has on disk, made one object that can be checked, merged and explained."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from policylint.asked import Asked, Opening
from policylint.effective import EffectivePolicy, View
from policylint.errors import NotEnabled, UnknownName, UsageError
from policylint.findings import SEVERITIES
from policylint.inheritance import Inheritance, resolve
from policylint.loading import load_host
from policylint.merge import EMPTY, Merger
from policylint.naming import find_account, find_merged_type
from policylint.organization import Account, Organization, Policy
from policylint.plugins import Host
from policylint.policy_types.shape import PolicyType
from policylint.rejected import Rejected, RejectedOnPaths
from policylint.report import Report, joined
from policylint.subjects import Named, read_named, read_organization, ready
from policylint.validity import ValidationError, validation_errors
from policylint.wording import counted, hinted, nearest

if TYPE_CHECKING:
    from policylint.difference import Difference
    from policylint.files import Files
    from policylint.merge import ContainerLocks
    from policylint.running import Part
    from policylint.story import Story

AnyPath = str | PathLike[str]
LOCKS = ("entries", "subtree")


class CheckedPolicy(EffectivePolicy):
    """An effective policy, with what AWS's own validation says of it."""

    def errors(self) -> list[ValidationError]:
        """AWS's validation errors: where there are any, AWS withholds the policy."""
        return validation_errors(self)


class Project:
    """An organization with all that belongs to it, or policy files on their own. `policylint.open` makes one.

    `notices` are sentences on what was skipped when it was opened.
    """

    def __init__(
        self, opening: Opening, host: Host, named: list[Named], notices: Iterable[str] = (), given: Iterable[Path] = ()
    ) -> None:
        self.opening = opening
        self._given = list(given)
        self.host = host
        self.notices = tuple(notices)
        self._named = named
        self._is_ready = False
        self._inheritances: dict[PolicyType, Inheritance] = {}
        self._rejected: dict[PolicyType, RejectedOnPaths] = {}

    def __repr__(self) -> str:
        return f"Project({', '.join(map(str, self.paths))}: {counted(len(self.policies), 'policy', 'policies')})"

    # ---- what is there -------------------------------------------------------------------------------------

    @property
    def paths(self) -> list[Path]:
        """The folder or the files that were named and read."""
        return [path for named in self._named for path in named.paths]

    @property
    def organization(self) -> Organization:
        """The organization. Raises UsageError where only policy files were named."""
        subject = self._named[0].subject
        if not isinstance(subject, Organization):
            raise UsageError(f"{self.paths[0]}: is a policy file on its own. Open the folder of its organization.")
        return subject

    @property
    def policies(self) -> list[Policy]:
        """All policies that were read, of the organization first."""
        return [policy for named in self._named for policy in named.policies]

    def account(self, name: str | Account) -> Account:
        """The account with this id or name. Raises UnknownName."""
        return find_account(self.organization, name) if isinstance(name, str) else name

    def policy_type(self, name: str | PolicyType) -> PolicyType:
        """The policy type of a short name, an enum or a title, if AWS merges policies of it. Raises UnknownName."""
        return find_merged_type(name, self.host.types) if isinstance(name, str) else name

    def with_texts(self, texts: Mapping[AnyPath, str]) -> Project:
        """The same with texts that nobody saved yet, by the paths of their files; there may be new files among them.

        Raises UsageError for a path that belongs to nothing that was opened.
        """
        from policylint.files import lies_in
        from policylint.unsaved import with_texts

        homes = [named.home or path.parent for named in self._named for path in named.paths]
        for path in texts:
            if not any(lies_in(path, home) for home in homes):
                raise UsageError(f"{path}: lies in no folder that was opened, so its text would change nothing.")

        below, paths = self.opening.below, {Path(path): text for path, text in texts.items()}

        def files(folder: Path, anywhere: bool) -> Files:
            return with_texts(below(folder, anywhere=anywhere), folder, paths)

        return open_paths(self._given, replace(self.opening, files=files), self.host)

    # ---- checking ------------------------------------------------------------------------------------------

    def check(
        self,
        *,
        at: datetime | str | None = None,
        select: str | Iterable[str] = (),
        ignore: str | Iterable[str] = (),
        profile: str = "",
        baseline: AnyPath | None = None,
        no_baseline: bool = False,
        fail_on: str = "",
    ) -> Report:
        """What the rules find, as `policylint check` reports it; the arguments are its options.

        Raises ConfigError where configuration, cards or baseline can't be used, and UnknownName for an unknown rule.
        """
        if fail_on and fail_on not in (known := (*SEVERITIES, "never")):
            raise _unknown("severity", fail_on, known)
        asked = Asked(
            at=_moment(at),
            select=_names(select),
            ignore=_names(ignore),
            profile=profile,
            baseline=Path(baseline) if baseline else None,
            no_baseline=no_baseline,
            fail_on=fail_on,
        )
        from policylint.running import report_of

        self.make_ready()
        return joined([report_of(part) for part in self.parts(asked)])

    def make_ready(self) -> None:
        """Read what only checks need. Raises NothingToCheck where the organization has no policies."""
        first = self._named[0]
        if isinstance(first.subject, Organization) and not self._is_ready:
            ready(first.subject, self.opening.below(first.paths[0]))
        self._is_ready = True

    def parts(self, asked: Asked) -> list[Part]:
        """What was opened, part by part, each with the configuration that holds for it."""
        from policylint.running import part_of

        return [part_of(self.opening, asked, self.host, named) for named in self._named]

    # ---- merging -------------------------------------------------------------------------------------------

    def inheritance(self, policy_type: str | PolicyType) -> Inheritance:
        """The merge of one policy type over the organization, made once. Raises UnknownName and NotEnabled."""
        kind = self.policy_type(policy_type)
        organization = self.organization
        if kind not in organization.enabled_policy_types:
            raise NotEnabled(
                f"The policy type '{kind.folder}' is not enabled in this organization, so AWS has no effective "
                f"{kind.title}."
            )
        if kind not in self._inheritances:
            self._inheritances[kind] = resolve(organization, kind, container_locks=self.opening.container_locks)
        return self._inheritances[kind]

    def effective(self, account: str | Account, policy_type: str | PolicyType) -> CheckedPolicy:
        """The effective policy of one account, given by id or name.

        Where AWS rejects a document on the way it is the merge with the safe fixes applied; see `rejected`.
        """
        inheritance = self.inheritance(policy_type)
        return CheckedPolicy(inheritance, inheritance.resolution_of(self.account(account)))

    def effective_policies(self, policy_type: str | PolicyType) -> list[CheckedPolicy]:
        """The distinct effective policies, each with its `accounts`, in the order of the first account."""
        inheritance = self.inheritance(policy_type)
        made: dict[int, View] = {}
        return [CheckedPolicy(inheritance, one, made) for one in inheritance.in_order]

    def explain(self, account: str | Account, policy_type: str | PolicyType, pointer: str) -> Story:
        """Where a value of an account's effective policy comes from; `pointer` is such as `/plans/daily/regions`.

        Raises NothingThere, which is an UnknownName, where no policy on the way mentions it.
        """
        from policylint.tracing import story_of  # few runs ask for one

        kind = self.policy_type(policy_type)
        locks = self.opening.container_locks
        return story_of(self.organization, self.account(account), kind, _pointer(pointer), container_locks=locks)

    def diff(self, after: Project, policy_type: str | PolicyType | None = None) -> list[Difference]:
        """What differs between this project and another: one Difference for each type, or for the one that is given.

        Types that are enabled in neither are left out, and so are types of which all accounts have the same.
        """
        from policylint.difference import difference

        kinds = [self.policy_type(policy_type)] if policy_type else _enabled(self, after)
        found = (difference(_merge(self, kind), _merge(after, after.policy_type(kind.enum))) for kind in kinds)
        return [one for one in found if one]

    def rejected(self, account: str | Account, policy_type: str | PolicyType) -> tuple[Rejected, ...]:
        """The documents on the way to an account that AWS rejects, from the root downwards."""
        return self.rejected_on_paths(policy_type).of(self.account(account))

    def rejected_on_paths(self, policy_type: str | PolicyType) -> RejectedOnPaths:
        """The rejected documents of a type, by account."""
        kind = self.policy_type(policy_type)
        if kind not in self._rejected:
            self._rejected[kind] = RejectedOnPaths(self.organization, kind)
        return self._rejected[kind]

    def served(self, account: str | Account, policy_type: str | PolicyType) -> bool | None:
        """Whether AWS serves the effective policy: true, false where it withholds it, None where that is not known."""
        if self.rejected(account, policy_type):
            return None
        return not validation_errors(self.effective(account, policy_type))


def open(  # the name that fits: `policylint.open`
    path: AnyPath,
    *more: AnyPath,
    config: AnyPath | None = None,
    no_config: bool = False,
    settings_from: AnyPath | None = None,
    python_rules: AnyPath | None = None,
    reader: str = "",
    type: str = "",
    container_locks: ContainerLocks = "entries",
    revision: str = "",
    plugins: bool | Host = True,
) -> Project:
    """Open the folder of an organization, or policy files on their own.

    The arguments are options of `policylint check`; `revision` names a commit, a branch or a tag of the git repository
    around it, at which everything is read. Without `plugins` only what is built in is known; a Host, as `load` gives it,
    is used as it is. Raises ReadError for what can't be read; findings are no errors.
    """
    if container_locks not in LOCKS:
        raise _unknown("reading of locks", container_locks, LOCKS)
    opening = Opening(
        config=Path(config) if config else None,
        no_config=no_config,
        settings_from=Path(settings_from) if settings_from else None,
        python_rules=Path(python_rules) if python_rules else None,
        reader=reader,
        type=type,
        container_locks=container_locks,
        files=_at_revision(Path(path), revision) if revision else None,
    )
    return open_paths([Path(path), *map(Path, more)], opening, load_host(opening, plugins))


def open_paths(paths: list[Path], opening: Opening, host: Host) -> Project:
    """Open what a user names: the folder of an organization, policy files, or both."""
    notices: list[str] = []
    return Project(opening, host, read_named(paths, opening, host, notices), notices, paths)


def _at_revision(path: Path, revision: str) -> Callable[[Path, bool], Files]:
    from policylint.revisions import AtRevision

    whole = AtRevision.of(path, revision)
    return lambda folder, anywhere: whole.at(os.path.abspath(folder))


def open_organization(folder: Path, opening: Opening, host: Host) -> Project:
    """Open the folder of an organization, and nothing else."""
    organization = read_organization(folder, host, opening.reader, opening.below(folder))
    return Project(opening, host, [Named(folder, [folder], organization)], organization.notes, [folder])


def _pointer(given: str) -> str:
    if given and not given.startswith("/"):
        raise UsageError(f"'{given}' is not a JSON pointer. Write '/{given}'.")
    return given


def _enabled(*projects: Project) -> list[PolicyType]:
    """The types that are enabled in any of the projects, in their order."""
    return list(dict.fromkeys(kind for one in projects for kind in one.organization.enabled_policy_types))


def _merge(project: Project, kind: PolicyType) -> Inheritance:
    """The merge of a type also where it is not enabled: then there is nothing of it."""
    if kind in project.organization.enabled_policy_types:
        return project.inheritance(kind)
    empty = Inheritance(project.organization, kind, Merger())
    empty.give(EMPTY, [project.organization.root.account_range])
    return empty


def _moment(at: datetime | str | None) -> datetime | None:
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            raise UsageError(f"'{at}' is not an ISO 8601 timestamp such as 2026-11-23T08:00:00Z.") from None
    if at is None or at.tzinfo is None:
        return at and at.replace(tzinfo=UTC)
    return at.astimezone(UTC)


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    names = given.split(",") if isinstance(given, str) else given
    return tuple(name.strip() for name in names if name.strip())


def _unknown(what: str, name: str, known: Iterable[str]) -> UnknownName:
    known = tuple(known)
    message = hinted(f"No {what} is named '{name}'.", name, known, f"There are {', '.join(known)}.")
    return UnknownName(message, nearest=nearest(name, known))
