"""What readers hand over: plain entries with keys, no tree yet.

A key says which thing is meant: `at:org/tree.yaml#/root`, `address:infra:aws_organizations_policy.daily`. An id is a key
by itself, `source_keys.ROOT` is that of the root. `joining.py` makes one organization of several sources.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from policylint.document import Document
from policylint.findings import Fault
from policylint.organization import WHOLE
from policylint.places import Place
from policylint.policy_types.shape import PolicyType

# In which order the sources of one PATH count: what people write, then what a tool plans, recorded, and what is live.
KINDS = ("written", "plan", "state", "export")
Kind = Literal["written", "plan", "state", "export"]


@dataclass(eq=False, slots=True)
class UnitEntry:
    """A unit, or the root, which has the key ROOT. A `parent` of None is not known."""

    keys: tuple[str, ...]
    name: str
    parent: str | None  # a key
    place: Place
    id: str = ""


@dataclass(eq=False, slots=True)
class AccountEntry:
    """An account. A `parent` of None is not known: then it is in no tree. Without `keys` it is known by its id."""

    name: str
    id: str
    parent: str | None  # the key of a unit
    place: Place
    keys: tuple[str, ...] = ()
    status: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class PolicyEntry:
    """A policy. `place` is where another file than the document names it."""

    keys: tuple[str, ...]
    name: str
    type: PolicyType
    document: Document
    place: Place | None = None
    id: str = ""


@dataclass(eq=False, slots=True)
class Attachment:
    """A policy at a target, both by key; without a policy it is one that the reader could not find, and said so."""

    policy: str
    target: str
    place: Place
    after: tuple[str, ...] = ()  # the policies that are attached there before it, as far as that is stated
    type: str = ""  # AWS's name of the policy's type, where the policy is not known and the type is


@dataclass(eq=False, slots=True)
class Source:
    """What one reader read. `complete` says of what it holds everything: tree, policies, attachments, types."""

    name: str  # what was read, for messages: "infra/: Terraform"
    document: Document  # the file that says most of the tree
    units: list[UnitEntry] = field(default_factory=list)
    accounts: list[AccountEntry] = field(default_factory=list)
    policies: list[PolicyEntry] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)  # with the ids of rules
    notes: list[str] = field(default_factory=list)
    complete: frozenset[str] = WHOLE
    enabled_types: tuple[PolicyType, ...] = ()  # those that the source calls enabled, if `complete` has "types"
    management_account: str = ""
    management_place: Place | None = None
    organization_ids: frozenset[str] = frozenset()  # o-… and r-… that it names
    misnamed: frozenset[str] = frozenset()  # keys of policies that are probably meant where an unknown one is attached
    documents: tuple[Document, ...] = ()  # other files that say something of the tree
    kind: Kind = "written"
