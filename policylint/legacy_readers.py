"""Readers as they were before: `recognises(path)` and `read(path) -> Organization`. They are taken for one release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policylint.errors import ReadError
from policylint.files import Files, OnDisk
from policylint.organization import Organization, OrganizationalUnit, Policy, Target
from policylint.places import Place
from policylint.policy_types import Registry
from policylint.source_keys import ROOT
from policylint.sources import AccountEntry, Attachment, PolicyEntry, Source, UnitEntry


class Before:
    """A reader of today that calls one of before, which takes a path alone."""

    def __init__(self, reader: Any) -> None:
        self.name: str = reader.name
        self._reader = reader

    def recognises(self, files: Files) -> bool:
        """See Reader."""
        return bool(self._reader.recognises(Path(files.base)))

    def read(self, files: Files, types: Registry) -> Source:
        """See Reader. Raises ReadError for files that are not those on the disk, which are all that it can read."""
        if not isinstance(files, OnDisk):
            raise ReadError(
                f"{files.base}: The reader '{self.name}' reads only what is saved on the disk, and no revision or unsaved text."
            )
        source = source_of(self._reader.read(Path(files.base)), self.name)
        source.notes.append(
            f"The reader '{self.name}' is written for an older policylint: its read(path) gives an Organization. The next "
            "release takes only read(files, types), which gives a Source."
        )
        return source


def source_of(organization: Organization, name: str) -> Source:
    """What an organization says, as the source that gives it again."""
    source = Source(name, organization.document, faults=list(organization.faults), notes=list(organization.notes))
    policies = {policy: f"{name}:{policy.name}" for policy in organization.policies.values()}
    for policy, key in policies.items():
        source.policies.append(PolicyEntry((key,), policy.name, policy.type, policy.document, policy.place))
    units: dict[OrganizationalUnit, str] = {organization.root: ROOT}
    for unit in organization.root.walk():
        for number, below in enumerate(unit.organizational_units):
            units[below] = f"{units[unit]}/{number}"
            entry = UnitEntry((units[below],), below.name, units[unit], organization.place_of(below), below.id)
            source.units.append(entry)
        for number, account in enumerate(unit.accounts):
            keys, place = (f"{units[unit]}#{number}",), organization.place_of(account)
            source.accounts.append(
                AccountEntry(account.name, account.id, units[unit], place, keys, account.status, account.tags)
            )
            source.attachments += _attachments(account, keys[0], policies, place)
        source.attachments += _attachments(unit, units[unit], policies, organization.place_of(unit))
    place = organization.place_of(organization.root)
    source.units.insert(0, UnitEntry((ROOT,), organization.root.name, None, place, organization.root.id))
    unchecked = (policy.type for policy in policies if not policy.type.checked)
    source.enabled_types = organization.stated_types or (*organization.enabled_policy_types, *dict.fromkeys(unchecked))
    source.complete = organization.complete | {"types"}
    source.management_account = organization.management_account
    source.management_place = organization.management_place
    source.misnamed = frozenset(policies[organization.policies[one]] for one in organization.misnamed)
    source.documents = organization.documents
    return source


def _attachments(target: Target, key: str, policies: dict[Policy, str], place: Place) -> Iterator[Attachment]:
    before: tuple[str, ...] = ()
    for policy in target.policies:
        yield Attachment(policies[policy], key, place, before)
        before = (policies[policy],)
