"""What exists in the accounts, as far as files next to the organization list it: vaults, roles, enabled Regions.

`inventory/vaults`, `roles` and `accounts`, each as `.yaml`, `.json` or `.csv`, hold entries with the fields of FIELDS.
`*` matches anything in an account, a Region or a name. A file that is not there leaves its checks out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from posixpath import splitext
from typing import Any

from policylint.choosing import unread
from policylint.document import Document
from policylint.files import Files, entries
from policylint.findings import Fault, Place
from policylint.folding import Range, intersection, merged
from policylint.organization import Organization
from policylint.parsing import read_document, read_text, unread_document
from policylint.places import Span, join
from policylint.policy_types.shape import INTEGER
from policylint.source import LINE_END
from policylint.wording import did_you_mean, hinted

FOLDER = "inventory"
ENDINGS = (".yaml", ".yml", ".json", ".csv")
FIELDS = {
    "vaults": ("account", "region", "name", "min_retention_days", "max_retention_days", "air_gapped"),
    "roles": ("account", "name"),
    "accounts": ("account", "regions"),
}
NEEDED = {"vaults": ("account", "region", "name"), "roles": ("account", "name"), "accounts": ("account", "regions")}
WILDCARD = re.compile(r"[*?\[]")  # what fnmatch takes for more than itself
MOST_PATTERNS = 250  # each is held against every account
MOST_MALFORMED = 1_000
MOST_HINTS = 10  # looking for the nearest of many names takes a while
NUMBERS = ("min_retention_days", "max_retention_days")


@dataclass(frozen=True)
class Entry:
    """One line of an inventory: texts by field, and its place."""

    values: dict[str, str]
    place: Place

    def number(self, name: str) -> int | None:
        """A field as a whole number; None where it is not given."""
        text = self.values.get(name, "")
        return int(text) if INTEGER.fullmatch(text) else None


@dataclass
class Inventory:
    """The entries of each file; None for a file that is not there."""

    organization: Organization
    vaults: list[Entry] | None = None
    roles: list[Entry] | None = None
    accounts: list[Entry] | None = None
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)  # of which files a part could not be read
    _ranges: dict[str, list[Range]] = field(default_factory=dict)  # by pattern
    _named: dict[str, list[Range]] = field(default_factory=dict)  # by id and by name, for patterns without `*`

    def __post_init__(self) -> None:
        """Look at each name once: an inventory may have a line for each account of a large organization."""
        for account in self.organization.accounts:
            for text in (account.id, account.name):
                self._named.setdefault(text, []).append(account.account_range)

    def knows(self, kind: str) -> bool:
        """Whether all that there is of a kind is known: what is not listed then is not there."""
        return getattr(self, kind) is not None and kind not in self.doubtful

    def with_vault(self, name: str, region: str) -> list[Range]:
        """The accounts that have a vault of this name in this Region."""
        return self._holders(entry for entry in self.vaults or () if _is(entry, name=name, region=region))

    def vaults_named(self, name: str, region: str) -> Iterator[tuple[Entry, list[Range]]]:
        """The entries that such a vault fits, each with its accounts."""
        for entry in self.vaults or ():
            if _is(entry, name=name, region=region):
                yield entry, self.accounts_like(entry.values["account"])

    def with_role(self, name: str) -> list[Range]:
        """The accounts that have this role; its name includes its path."""
        return self._holders(entry for entry in self.roles or () if _is(entry, name=name))

    def roles_named_alike(self, name: str, ranges: list[Range]) -> list[str]:
        """The roles of the same name below another path that some of these accounts have."""
        last = name.rpartition("/")[2]
        alike = {entry.values["name"] for entry in self.roles or () if entry.values["name"].rpartition("/")[2] == last}
        return sorted(role for role in alike - {name} if intersection(self.with_role(role), ranges))

    def with_region(self, region: str) -> list[Range]:
        """The accounts for which this Region is enabled."""
        return self._holders(
            entry
            for entry in self.accounts or ()
            if any(_fits(region, pattern) for pattern in entry.values["regions"].split())
        )

    def _holders(self, entries: Iterator[Entry]) -> list[Range]:
        return merged(part for entry in entries for part in self.accounts_like(entry.values["account"]))

    def accounts_like(self, pattern: str) -> list[Range]:
        """The accounts with an id or a name like this; `*` matches anything."""
        if pattern == "*":
            return [(0, len(self.organization.accounts))]
        if not WILDCARD.search(pattern):
            return merged(self._named.get(pattern, ()))
        if pattern not in self._ranges:
            self._ranges[pattern] = merged(
                account.account_range
                for account in self.organization.accounts
                if _fits(account.id, pattern) or _fits(account.name, pattern)
            )
        return self._ranges[pattern]

    def names(self) -> list[str]:
        """The names of all accounts, each once."""
        return sorted({account.name for account in self.organization.accounts if account.name})


def _is(entry: Entry, **wanted: str) -> bool:
    return all(_fits(text, entry.values[name]) for name, text in wanted.items())


def _fits(text: str, pattern: str) -> bool:
    return text == pattern or (WILDCARD.search(pattern) is not None and _compiled(pattern).match(text) is not None)


@lru_cache(maxsize=65536)  # fnmatch keeps 256, and an inventory has thousands
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


def read_inventory(files: Files, organization: Organization) -> Inventory | None:
    """The inventory below an organization's folder; None when there is none. What is wrong is in its `faults`."""
    if not files.is_folder(FOLDER):
        return None
    inventory = Inventory(organization)
    listed = [one for one in entries(files, FOLDER) if not _last(one.name).startswith(".")]
    inventory.faults.extend(_unread(files, name, problem) for name, problem, _ in listed if problem)
    names = [name for name, problem, is_folder in listed if not problem and (splitext(name)[1] or not is_folder)]
    for kind in FIELDS:
        read = next((name for ending in ENDINGS if (name := f"{FOLDER}/{kind}{ending}") in names), None)
        slips = len(inventory.faults)
        if read is not None:
            setattr(inventory, kind, list(_entries(kind, files, read, inventory.faults)))
        for name in names:
            if _stem(name) == kind and name != read:
                inventory.faults.append(_unread(files, name, _why_unread(kind, name, read)))
        if len(inventory.faults) > slips:
            inventory.doubtful.add(kind)
    inventory.faults.extend(_unknown_files(files, names))
    inventory.faults.extend(_of_nobody(inventory))
    return inventory


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _stem(name: str) -> str:
    return splitext(_last(name))[0]


def _unread(files: Files, name: str, message: str) -> tuple[str, Fault]:
    return unread(unread_document(files, name, message), message)


def _why_unread(kind: str, name: str, read: str | None) -> str:
    """Why a file of a right name is not read: another is, or what it ends in means nothing here."""
    if splitext(name)[1] in ENDINGS and read:
        return f"The {kind} are read from '{_last(read)}', so this file is not read. Keep one of them."
    return f"An inventory file has the extension {', '.join(ENDINGS)}; this file is not read."


def _unknown_files(files: Files, names: list[str]) -> Iterator[tuple[str, Fault]]:
    """The files that end as an inventory does, and whose name says nothing. Scripts and notes may lie there too."""
    for name in names:
        stem = _stem(name)
        if stem not in FIELDS and splitext(name)[1].lower() in ENDINGS:
            hint = did_you_mean(stem, FIELDS, f"Known are {', '.join(FIELDS)}.")
            yield _unread(files, name, f"'{stem}' is not a part of an inventory, so this file is not read. {hint}")


def _of_nobody(inventory: Inventory) -> Iterator[tuple[str, Fault]]:
    """Entries for accounts that the organization does not have: of each file and name the first."""
    hints = 0
    for listed in (inventory.vaults, inventory.roles, inventory.accounts) if inventory.organization.accounts else ():
        for pattern, place in {entry.values["account"]: entry.place for entry in reversed(listed or ())}.items():
            if not inventory.accounts_like(pattern):
                message = f"No account has the id or the name '{pattern}', so this entry has no effect."
                if not pattern.isdigit() and hints < MOST_HINTS:
                    hints += 1
                    message = hinted(message, pattern, inventory.names())
                yield "entry-without-accounts", Fault(place, message)


def with_inventory(organization: Organization, files: Files) -> Organization:
    """The organization with the inventory that lies in its folder, if any."""
    inventory = read_inventory(files, organization)
    if inventory is not None:
        organization.inventory = inventory
        organization.faults.extend(inventory.faults)
    return organization


def _entries(kind: str, files: Files, name: str, faults: list[tuple[str, Fault]]) -> Iterator[Entry]:
    is_table = name.endswith(".csv")
    document = (read_text if is_table else read_document)(files, name)
    for problem in document.problems:
        faults.append((problem.rule, Fault(Place(document, "", "value", problem.span), problem.message)))
    items = _rows(document, faults) if is_table else _items(document, faults)
    patterns: set[str] = set()
    malformed = 0
    for place, item in items:
        values = {key: _text(value) for key, value in item.items() if value not in (None, "")}
        slip = _slip(kind, values)
        if WILDCARD.search(account := values.get("account", "")) and account != "*":
            patterns.add(account)
        if len(patterns) > MOST_PATTERNS:
            message = f"More than {MOST_PATTERNS:,} patterns name accounts in this file. From here on it is not read."
            faults.append(("malformed-inventory", Fault(place, message)))
            return
        if slip:
            malformed += 1
            if malformed > MOST_MALFORMED:
                slip = f"More than {MOST_MALFORMED:,} entries of this file are malformed. From here on it is not read."
            faults.append(("malformed-inventory", Fault(place, slip)))
            if malformed > MOST_MALFORMED:
                return
        else:
            yield Entry(values, place)


def _slip(kind: str, values: dict[str, str]) -> str:
    """What is wrong with an entry; empty when nothing is."""
    for name in values:
        if name not in FIELDS[kind]:
            hint = did_you_mean(name, FIELDS[kind], f"Known are {', '.join(FIELDS[kind])}.")
            return f"'{name}' is not a field of an entry in {kind}. {hint}"
    missing = [name for name in NEEDED[kind] if name not in values]
    if missing:
        return f"This entry of {kind} lacks '{missing[0]}'."
    odd = [name for name in NUMBERS if not INTEGER.fullmatch(values.get(name, "0"))]
    if odd:
        return f"'{odd[0]}' takes a whole number of days."
    if values.get("air_gapped", "true") not in ("true", "false"):
        return "'air_gapped' is true or false."
    shortest, longest = (values.get(name) for name in NUMBERS)
    if shortest and longest and int(shortest) > int(longest):
        return f"'{NUMBERS[0]}' is more than '{NUMBERS[1]}', so no backup could be kept."
    return ""


def _items(document: Document, faults: list[tuple[str, Fault]]) -> Iterator[tuple[Place, dict[str, Any]]]:
    value = document.value
    if not isinstance(value, list):
        if not document.problems:
            message = "An inventory is a list of entries, such as - {account: '*', name: Backup}."
            faults.append(("malformed-inventory", Fault(Place(document), message)))
        return
    for index, item in enumerate(value):
        place = Place(document, join("", str(index)))
        if isinstance(item, dict):
            yield place, item
        else:
            faults.append(("malformed-inventory", Fault(place, "An entry is an object with fields such as account.")))


def _rows(document: Document, faults: list[tuple[str, Fault]]) -> Iterator[tuple[Place, dict[str, Any]]]:
    import csv  # only the inventories of some organizations need it
    import io

    # Lines end in any of the three ways; the reader of CSV wants them as they are, and knows no other line ends.
    text = document.text.removeprefix("\ufeff")
    reader = csv.DictReader(io.StringIO(LINE_END.sub("\n", text)), skipinitialspace=True)
    starts = [0, *(match.end() for match in LINE_END.finditer(document.text))]

    def place(more: int = 0) -> Place:
        start = starts[min(max(reader.line_num + more, 1), len(starts)) - 1]
        return Place(document, "", "value", Span(start, min(start + 1, len(document.text))))

    try:
        for row in reader:
            yield place(), {str(key).strip(): value for key, value in row.items() if key is not None}
    except csv.Error as error:
        message = (
            f"This line and those after it are not read as CSV: {error}. Close every quote, and shorten the field."
        )
        faults.append(("malformed-inventory", Fault(place(1), message)))


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(_text(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value).strip()
