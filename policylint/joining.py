"""How sources become one organization.

Entries of different sources that share a key are one thing. Units without a shared key are the same by their full path,
accounts by a name that only one has, and never where their ids differ; policies never by name. Where sources disagree,
the first one counts, and a note says so. Attachments are united. Nothing is passed over: a target that no source places is
a stub directly below the root, and a unit of which no account is known gets a stand-in. Neither is ever counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from policylint.document import Document
from policylint.errors import ReadError
from policylint.organization import (
    ACCOUNT_ID,
    ROOT_ID,
    UNIT_ID,
    Account,
    Organization,
    OrganizationalUnit,
    Policy,
    Target,
)
from policylint.places import Place, locate
from policylint.policy_types.shape import PolicyType
from policylint.source_keys import (
    ACCOUNT_NAME,
    ID,
    PATH,
    ROOT,
    Thing,
    by_key,
    in_order,
    is_before,
    is_id,
    joined_by_name,
    keys_of,
    things,
)
from policylint.sources import AccountEntry, Attachment, PolicyEntry, Source, UnitEntry
from policylint.wording import counted, plural

Below = dict[Thing[UnitEntry], list[Thing[UnitEntry]]]
E = TypeVar("E", UnitEntry, AccountEntry, PolicyEntry)

AS_IF_BELOW = "It is checked as if it lay directly below the root."
NAME_AN_EXPORT = "Name an export of the organization too."
LIST_ACCOUNTS = "Name the output of 'aws organizations list-accounts' of a current AWS CLI too, which shows the units."


class SeveralOrganizations(ReadError, ValueError):
    """Sources are about different organizations; the message names both."""


def organization_of(sources: Sequence[Source]) -> Organization:
    """The organization that sources describe together. Raises SeveralOrganizations."""
    _check_one_organization(sources)
    return _Join(sources).organization()


def _check_one_organization(sources: Sequence[Source]) -> None:
    seen: dict[str, tuple[str, Source]] = {}
    for source in sources:
        roots = {unit.id for unit in source.units if ROOT in unit.keys and ROOT_ID.fullmatch(unit.id)}
        for one in sorted(filter(is_id, source.organization_ids | roots)):
            other, first = seen.setdefault(one.partition("-")[0], (one, source))
            if other != one:
                raise SeveralOrganizations(
                    f"'{first.name}' and '{source.name}' are of two organizations, '{other}' and '{one}'. Name one "
                    f"of them."
                )


class _Join:
    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources
        self.notes = [note for source in sources for note in source.notes]
        self.home = sources[0].document
        self.complete = _complete(sources)
        self.root = OrganizationalUnit("Root", "", "", "Root")
        self.targets: dict[str, Target] = {}  # by key: the units, and the accounts that something is attached to
        self.wanted = {attachment.target for source in sources for attachment in source.attachments}
        self.unresolved: list[tuple[str, Target]] = []
        self.unplaced: set[str] = set()  # keys of units and accounts that no source places
        self.written: set[str] = set()  # the names of policies that files hold which people write

    def organization(self) -> Organization:
        policies = self._policies()
        self._read_units()
        self._read_accounts()
        self._attach_all(policies)
        _add_stand_ins(self.root, everywhere="tree" not in self.complete)
        stored = {policy.name: policy for policy in policies.values()}
        stated = next((source.enabled_types for source in self.sources if "types" in source.complete), None)
        enabled = tuple(dict.fromkeys(policy.type for policy in stored.values())) if stated is None else stated
        faults = [fault for source in self.sources for fault in source.faults]
        organization = Organization(self.root, stored, enabled, self.home, faults)
        organization.stated_types, organization.complete, organization.notes = stated, self.complete, self.notes
        misnamed = (key for source in self.sources for key in source.misnamed)
        organization.misnamed = frozenset(policies[key].name for key in misnamed if key in policies)
        documents = (one for source in self.sources for one in (source.document, *source.documents))
        organization.documents = tuple(dict.fromkeys(documents))
        manager = next((source for source in self.sources if source.management_account), self.sources[0])
        organization.management_account = manager.management_account
        organization.management_place = manager.management_place
        organization.number_accounts()
        for kind, target in self.unresolved:
            organization.unresolved.setdefault(kind, []).append(target.account_range)
        return organization

    # ---- policies ----------------------------------------------------------------------------------------------

    def _policies(self) -> dict[str, Policy]:
        """The policies by key. Two of one name are two, as between stages: the second is called by its source too."""
        found = things([source.policies for source in self.sources])
        made: dict[Thing[PolicyEntry], Policy] = {}
        names: set[str] = set()
        taken: Counter[str] = Counter()  # how often a name was given a number; there may be thousands of one name
        for thing in found:
            (number, entry), name = thing.entries[0], thing.first.name
            if name in names:
                name = f"{name} ({self.sources[number].name})"
            base = name
            while name in names:
                taken[base] += 1
                name = f"{base} {taken[base] + 1}"
            names.add(name)
            made[thing] = Policy(name, entry.type, entry.document, entry.place)
            if any(self.sources[one].kind == "written" for one in thing.sources):
                self.written.add(name)
            self._note(name, thing, "has other content", lambda one: one.document.value)
        return {key: made[thing] for key, thing in by_key(found).items()}

    # ---- the tree ----------------------------------------------------------------------------------------------

    def _read_units(self) -> None:
        found = things([source.units for source in self.sources])
        known = by_key(found)
        top = known.setdefault(ROOT, Thing(0, UnitEntry((ROOT,), "", None, Place(self.home))))
        left = {thing: self._parent(thing, known) for thing in found if thing is not top}
        left |= {
            thing: top for thing in known.values() if thing is not top and thing not in left
        }  # made for the parents
        below: dict[Thing[UnitEntry], list[Thing[UnitEntry]]] = {}
        for thing, parent in left.items():
            below.setdefault(parent, []).append(thing)
        self._describe(self.root, top)
        self._place_units(top, below, left)
        while left:
            thing = next(iter(left))
            self.notes.append(f"'{thing.first.name or thing.id}' lies below itself in the sources. {AS_IF_BELOW}")
            self._place_units(top, {**below, top: [thing]}, left)
        for thing in found:
            self._note_parents(thing)

    def _parent(self, thing: Thing[UnitEntry], known: dict[str, Thing[UnitEntry]]) -> Thing[UnitEntry]:
        said = thing.told("parent")
        if said is None or said.parent is None:
            self.notes.append(f"It is not known where '{thing.first.name or thing.id}' lies. {AS_IF_BELOW}")
            return known[ROOT]
        if said.parent not in known:
            known[said.parent] = Thing(0, self._unplaced(said.parent, said.place))
        return known[said.parent]

    def _unplaced(self, key: str, place: Place) -> UnitEntry:
        """The entry of a unit that is named somewhere, and that no source places."""
        name = key.partition(":")[2]
        self.notes.append(f"'{name}' is not in the tree. {AS_IF_BELOW} {NAME_AN_EXPORT}")
        self.unplaced.add(key)
        return UnitEntry((key,), name, ROOT, place, name if key.startswith(ID) else "")

    def _place_units(self, top: Thing[UnitEntry], below: Below, left: dict[Thing[UnitEntry], Thing[UnitEntry]]) -> None:
        waiting = [([top], self.root)]
        while waiting:
            above, unit = waiting.pop()
            inside = [thing for one in above for thing in below.get(one, ()) if thing in left]
            for group in joined_by_name(inside) if len(self.sources) > 1 else [[thing] for thing in inside]:
                for thing in group:
                    del left[thing]
                name = group[0].first.name
                made = OrganizationalUnit(name, "", "", f"{unit.path}/{name}")
                self._describe(made, group[0])
                unit.organizational_units.append(made)
                waiting.append((group, made))

    def _describe(self, unit: OrganizationalUnit, thing: Thing[UnitEntry]) -> None:
        """Fill in a unit from what the sources say of it, and remember it by its keys."""
        unit.id = thing.id
        unit.pointer, unit.document = self._entry(thing.first.place)
        keys = [key for _, entry in thing.entries for key in keys_of(entry)]
        unit.stub = not self.unplaced.isdisjoint(keys)
        for key in (*keys, PATH + unit.path):
            self.targets.setdefault(key, unit)
        if unit is not self.root:
            self._note(unit.path, thing, "has another name", lambda one: one.name)

    def _read_accounts(self) -> None:
        """Put each account into its unit. There may be 50,000, so each costs little where only one source is read."""
        homeless = 0
        wanted = self.wanted - self.targets.keys()
        by_id, by_name = (any(key.startswith(start) for key in wanted) for start in (ID, ACCOUNT_NAME))
        entries = self._accounts()
        names = Counter(entry.name for entry in entries) if by_name else {}
        for entry in entries:
            if entry.parent is None:
                homeless += 1
                continue
            unit = self.targets.get(entry.parent)
            if not isinstance(unit, OrganizationalUnit):
                unit = self._add_stub_unit(entry.parent, entry.place)
            name, identity = entry.name, entry.id
            pointer, document = self._entry(entry.place)
            path = f"{unit.path}/{name or identity}"
            account = Account(name, identity, pointer, path, (), entry.tags, entry.status, document)
            unit.accounts.append(account)
            keys = keys_of(entry) if by_id else entry.keys
            for key in (*keys, ACCOUNT_NAME + name) if names.get(name) == 1 else keys:
                if key in wanted:
                    self.targets.setdefault(key, account)
        if homeless:
            verb = plural(homeless, "is", "are")
            self.notes.append(
                f"{counted(homeless, 'account')} {verb} listed without a unit, so not checked. {LIST_ACCOUNTS}"
            )

    def _accounts(self) -> list[AccountEntry]:
        """An entry for each account, with what all sources say of it."""
        if len(self.sources) == 1:
            return self.sources[0].accounts
        found = [group[0] for group in joined_by_name(things([source.accounts for source in self.sources]))]
        for thing in found:
            self._note(thing.first.name or thing.id, thing, "has another name", lambda one: one.name)
            self._note_parents(thing)
        return [_combined(thing) for thing in found]

    def _add_stub_unit(self, key: str, place: Place) -> OrganizationalUnit:
        entry = self._unplaced(key, place)
        unit = OrganizationalUnit(entry.name, "", "", f"{self.root.path}/{entry.name}")
        self._describe(unit, Thing(0, entry))
        self.root.organizational_units.append(unit)
        return unit

    def _add_stub_account(self, key: str, place: Place) -> Account:
        entry = self._unplaced(key, place)
        pointer, document = self._entry(place)
        account = Account(entry.name, entry.id, pointer, f"{self.root.path}/{entry.name}", document=document, stub=True)
        self.root.accounts.append(account)
        self.targets[key] = account
        return account

    def _entry(self, place: Place) -> tuple[str, Document | None]:
        return place.pointer, None if place.document is self.home else place.document

    # ---- attachments -------------------------------------------------------------------------------------------

    def _attach_all(self, policies: dict[str, Policy]) -> None:
        attached: dict[Target, dict[Policy, list[tuple[Source, Attachment]]]] = {}
        for source in self.sources:
            for one in source.attachments:
                target = self._target(one)
                if target and one.policy in policies:
                    attached.setdefault(target, {}).setdefault(policies[one.policy], []).append((source, one))
                elif target:
                    self.unresolved.append((one.type, target))
                    if one.policy:  # else its reader says so
                        name = one.policy.partition(":")[2]
                        self.notes.append(f"No source holds the policy '{name}', which is attached to '{target.path}'.")
        for target, those in attached.items():
            target.policies = self._ordered(target, those, policies)
            self._note_by_hand(target, those)

    def _target(self, attachment: Attachment) -> Target | None:
        key = attachment.target
        if key in self.targets:
            return self.targets[key]
        identity = key.removeprefix(ID)
        if identity != key and ROOT_ID.fullmatch(identity):
            return self.root
        if identity != key and UNIT_ID.fullmatch(identity):
            return self._add_stub_unit(key, attachment.place)
        if identity != key and ACCOUNT_ID.fullmatch(identity):
            return self._add_stub_account(key, attachment.place)
        self.complete -= {"attachments"}
        self.notes.append(
            f"It is not known what is meant by the target '{key.partition(':')[2]}' in "
            f"{locate(attachment.place).short}."
        )
        return None

    def _ordered(
        self, target: Target, those: dict[Policy, list[tuple[Source, Attachment]]], policies: dict[str, Policy]
    ) -> tuple[Policy, ...]:
        """The policies in the order in which they were attached; by name where that is not stated."""
        if len(those) == 1:
            return tuple(those)
        by_name = {policy.name: policy for policy in those}
        after = {
            policy.name: {policies[key].name for _, one in found for key in one.after if key in policies}
            for policy, found in those.items()
        }
        names, certain = in_order(list(by_name), after)
        if not certain:
            target.unordered = tuple(_unordered([by_name[name] for name in names], after))
        return tuple(by_name[name] for name in names)

    def _note_by_hand(self, target: Target, those: dict[Policy, list[tuple[Source, Attachment]]]) -> None:
        """Say what only an export or a state knows, of a policy that is written in files."""
        if not any(source.kind == "written" and source.attachments for source in self.sources):
            return
        for policy, found in those.items():
            if policy.name in self.written and all(source.kind in ("state", "export") for source, _ in found):
                self.notes.append(
                    f"'{policy.name}' is attached to '{target.path}' outside the files, as {found[0][0].name} shows."
                )

    # ---- where sources disagree --------------------------------------------------------------------------------

    def _note(self, title: str, thing: Thing[E], what: str, value_of: Callable[[E], object]) -> None:
        """Say of a thing that a later source has something else of it than the first one."""
        _, first = thing.entries[0]
        for _, other in thing.entries[1:]:
            if value_of(other) and value_of(other) != value_of(first):
                self.notes.append(
                    f"'{title}' {what} in {locate(_place(other)).short} than in {locate(_place(first)).short}, "
                    f"which counts."
                )
                return

    def _note_parents(self, thing: Thing[UnitEntry] | Thing[AccountEntry]) -> None:
        units = [(entry, self.targets.get(entry.parent)) for _, entry in thing.entries if entry.parent]
        for other, unit in units[1:]:
            if unit and units[0][1] and unit is not units[0][1]:
                self.notes.append(
                    f"'{thing.first.name or thing.id}' lies in '{unit.path}' in {locate(other.place).short}, and in "
                    f"'{units[0][1].path}' in {locate(units[0][0].place).short}, which counts."
                )
                return


def _combined(thing: Thing[AccountEntry]) -> AccountEntry:
    """One entry of what the sources say of an account, each thing as the first one that says it."""
    first = thing.first
    said = {field: thing.told(field) or first for field in ("parent", "status", "tags")}
    keys = tuple(dict.fromkeys(key for _, entry in thing.entries for key in entry.keys))
    parent, status, tags = said["parent"].parent, said["status"].status, said["tags"].tags
    return AccountEntry(first.name, thing.id, parent, first.place, keys, status, tags)


def _place(entry: UnitEntry | AccountEntry | PolicyEntry) -> Place:
    return (entry.place or Place(entry.document)) if isinstance(entry, PolicyEntry) else entry.place


def _complete(sources: Sequence[Source]) -> frozenset[str]:
    """Of what the sources hold everything together: attachments only if none of those that have any may lack some."""
    some = frozenset[str]().union(*(source.complete for source in sources))
    attaching = [source for source in sources if source.policies or source.attachments] or sources
    return some if all("attachments" in source.complete for source in attaching) else some - {"attachments"}


def _unordered(policies: list[Policy], after: dict[str, set[str]]) -> Iterator[PolicyType]:
    """The types of which it is not known which policy was attached first."""
    for kind in dict.fromkeys(policy.type for policy in policies):
        names = [policy.name for policy in policies if policy.type is kind]
        if not all(is_before(one, other, after) for one, other in pairwise(names)):
            yield kind


def _add_stand_ins(root: OrganizationalUnit, *, everywhere: bool) -> None:
    """Put an account into each unit of which none is known, so that what is attached there is merged and judged.

    Only where no unit lies below: what is attached higher may be meant to become whole with what is attached there.
    """
    for unit in list(root.walk()):
        if (everywhere or unit.stub) and not unit.accounts and not unit.organizational_units:
            name = f"any account in {unit.path}"
            document, pointer = unit.document, unit.pointer
            unit.accounts.append(Account(name, "", pointer, f"{unit.path}/{name}", document=document, stand_in=True))
