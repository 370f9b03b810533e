"""The organization as data: its tree, its policies and what is attached where."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, TypeVarTuple

from policylint.document import Document
from policylint.findings import Fault
from policylint.places import Place
from policylint.policy_types.shape import PolicyType
from policylint.wording import counted

ROOT_ID = re.compile(r"r-[0-9a-z]{4,32}")
UNIT_ID = re.compile(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}")
ACCOUNT_ID = re.compile(r"[0-9]{12}")

# https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html: `Status`, and `State`, which follows it.
CLOSED = frozenset({"SUSPENDED", "PENDING_CLOSURE", "CLOSED"})


@dataclass(eq=False, slots=True, repr=False)
class Policy:
    """A policy document and the name it is attached by."""

    name: str  # "backup/baseline"
    type: PolicyType
    document: Document

    def __repr__(self) -> str:
        return f"Policy({self.name!r})"

    place: Place | None = None  # where another file than the document names it
    _kept: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)  # see kept_with_policy


Rest = TypeVarTuple("Rest")
Result = TypeVar("Result")


def kept_with_policy(function: Callable[[Policy, *Rest], Result]) -> Callable[[Policy, *Rest], Result]:
    """Let each policy keep what a function has made of it: made once, and gone when the policy is.

    A cache of the module would keep the documents of every run, or every version of a text that somebody edits.
    """

    @wraps(function)
    def keeping(policy: Policy, *rest: *Rest) -> Result:
        key = (function, *rest)
        try:
            result: Result = policy._kept[key]
        except KeyError:
            result = policy._kept[key] = function(policy, *rest)
        return result

    return keeping


@dataclass(eq=False, slots=True, repr=False)
class Account:
    """An account. Ids are text. `pointer` leads to its entry in the organization's file."""

    name: str
    id: str
    pointer: str
    path: str  # "Root/Workloads/Prod/payments"
    policies: tuple[Policy, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    status: str = ""  # AWS's word for it, such as SUSPENDED; empty if it is not known
    document: Document | None = None  # the file with its entry, if that is not the organization's
    index: int = -1  # place in the organization's order; see Organization.number_accounts
    unordered: tuple[PolicyType, ...] = ()  # types of which it is not known which policy was attached first
    stub: bool = False  # named as a target, and placed by no source: it is as if directly below the root
    stand_in: bool = False  # represents the accounts of a unit of which none is known

    def __repr__(self) -> str:
        return f"Account({self.path!r}, {self.id!r})"

    @property
    def is_closed(self) -> bool:
        """Whether it is closed, or about to be: nothing runs in it."""
        return self.status.upper().replace(" ", "_") in CLOSED

    @property
    def account_range(self) -> tuple[int, int]:
        """The half-open range of account indexes that this target covers: itself."""
        return (self.index, self.index + 1)


@dataclass(eq=False, slots=True, repr=False)
class OrganizationalUnit:
    """An organizational unit, or the root."""

    name: str
    id: str
    pointer: str
    path: str  # "Root/Workloads/Prod"
    policies: tuple[Policy, ...] = ()
    accounts: list[Account] = field(default_factory=list)
    organizational_units: list[OrganizationalUnit] = field(default_factory=list)
    account_range: tuple[int, int] = (0, 0)  # every account below, own ones first
    document: Document | None = None  # the file with its entry, if that is not the organization's
    unordered: tuple[PolicyType, ...] = ()  # types of which it is not known which policy was attached first
    stub: bool = False  # named as a target, and placed by no source: it is as if directly below the root

    def __repr__(self) -> str:
        return f"OrganizationalUnit({self.path!r})"

    def walk(self) -> Iterator[OrganizationalUnit]:
        """This unit and every unit below it, parents first, without recursion."""
        waiting = [self]
        while waiting:
            unit = waiting.pop()
            yield unit
            waiting.extend(reversed(unit.organizational_units))


Target = OrganizationalUnit | Account
WHOLE = frozenset({"tree", "policies", "attachments"})


@dataclass(eq=False, slots=True, repr=False)
class Organization:
    """A whole organization as its files state it, with every mistake that reading it brought up."""

    root: OrganizationalUnit
    policies: dict[str, Policy]
    enabled_policy_types: tuple[PolicyType, ...]  # of those that are checked: the others never enter the merge
    document: Document  # the file that states the tree
    faults: list[tuple[str, Fault]] = field(default_factory=list)  # (rule id, problem)
    notes: list[str] = field(default_factory=list)  # what there is to know of how it was put together
    documents: tuple[Document, ...] = ()  # all files that state something of the tree
    management_account: str = ""
    management_place: Place | None = None  # where it is named
    stated_types: tuple[PolicyType, ...] | None = None  # those that the files call enabled; None where they don't say
    complete: frozenset[str] = WHOLE  # of what the files hold everything, so that what is absent does not exist
    misnamed: frozenset[str] = frozenset()  # policies that are probably meant where an unknown one is attached
    accounts: list[Account] = field(default_factory=list)  # in index order
    # The accounts below attachments that lead to no file, by AWS's name of the type that these are of; "" where it is not known.
    unresolved: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    inventory: object = None  # an Inventory, where there is one
    uncounted: list[int] = field(default_factory=list, init=False)  # indexes of stubs and stand-ins
    # Made when somebody asks for them: how many accounts have each name, and the accounts of each id.
    _names: Counter[str] | None = field(default=None, init=False)
    _by_id: dict[str, list[Account]] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.documents = self.documents or (self.document,)
        self.enabled_policy_types = tuple(kind for kind in self.enabled_policy_types if kind.checked)

    def __repr__(self) -> str:
        return f"Organization({counted(len(self.accounts), 'account')}, {counted(len(self.policies), 'policy', 'policies')})"

    def number_accounts(self) -> None:
        """Give every account its index, depth first, own accounts before those of the units below.

        So each unit covers one contiguous range, and a set of accounts is a list of ranges.
        """
        self.accounts = []
        entered: list[OrganizationalUnit] = []
        for unit in self.root.walk():
            start = len(self.accounts)
            for position, account in enumerate(unit.accounts, start):
                account.index = position
            self.accounts.extend(unit.accounts)
            unit.account_range = (start, len(self.accounts))
            entered.append(unit)
        self.uncounted = [account.index for account in self.accounts if account.stub or account.stand_in]
        # Parents come before their children, so going backwards each child's end is known.
        for unit in reversed(entered):
            if unit.organizational_units:
                unit.account_range = (unit.account_range[0], unit.organizational_units[-1].account_range[1])

    def count(self, ranges: Iterable[tuple[int, int]]) -> int:
        """How many accounts are in ranges that do not overlap. Stubs and stand-ins don't count."""
        left, uncounted = 0, self.uncounted
        for start, stop in ranges:
            left += stop - start
            if uncounted:
                left -= bisect_left(uncounted, stop) - bisect_left(uncounted, start)
        return left

    def unresolved_ranges(self, kind: PolicyType) -> list[tuple[int, int]]:
        """The accounts of which it is not known what they get of a type: an attachment leads to no file."""
        return [*self.unresolved.get(kind.enum, ()), *self.unresolved.get("", ())]

    def place_of(self, target: Target, member: str = "") -> Place:
        """Where a unit or an account has its entry, or a member of that."""
        pointer = f"{target.pointer}/{member}" if member else target.pointer
        return Place(target.document or self.document, pointer)

    def path_to(self, account: Account) -> list[Target]:
        """The root, the units on the way and the account itself."""
        path: list[Target] = []
        unit: OrganizationalUnit | None = self.root
        while unit is not None:
            path.append(unit)
            inside = (u for u in unit.organizational_units if u.account_range[0] <= account.index < u.account_range[1])
            unit = next(inside, None)
        return [*path, account]

    def title(self, account: Account) -> str:
        """An account as people know it: by its name, with the id where others have that name too."""
        if self._names is None:
            self._names = Counter(account.name for account in self.accounts)
        if not (account.name and account.id):
            return account.name or account.id
        return f"{account.name} ({account.id})" if self._names[account.name] > 1 else account.name

    def title_of_id(self, identity: str) -> str:
        """The title of the account with this id; the id itself where the tree has no such account."""
        return next(map(self.title, self.accounts_of_id(identity)), identity)

    def accounts_of_id(self, identity: str) -> list[Account]:
        """The accounts with this id: one, or none, unless the files say otherwise."""
        if self._by_id is None:
            self._by_id = {}
            for account in self.accounts:
                self._by_id.setdefault(account.id, []).append(account)
        return self._by_id.get(identity, []) if identity else []

    def find_accounts(self, name: str) -> list[Account]:
        """The accounts with this id, or else with this name."""
        return self.accounts_of_id(name) or [account for account in self.accounts if account.name == name]
