"""The vocabulary in which a policy type is described: containers, settings, what their values may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Literal, NamedTuple

NOTHING: Mapping[str, Node] = MappingProxyType({})
NO_TEXTS: Mapping[str, str] = MappingProxyType({})


class EntryName(Enum):
    """The name of the entry that a setting lies in, in lower case, as the default of the setting."""

    ENTRY_NAME = "its entry's name"


ENTRY_NAME = EntryName.ENTRY_NAME
INTEGER = re.compile(r"[0-9]{1,16}")  # the written form of a whole number that AWS takes


class ServiceLimit(NamedTuple):
    """The largest number that a service takes."""

    most: int
    unit: str  # "days"
    service: str  # "AWS Backup"


# Shapes are compared by identity (eq=False): they are keys of caches, and to hash all their fields takes longer than the
# checks.
@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """What each single value of a setting may be, once it is turned into text (AWS does that first).

    Every condition that is given must hold. `says` completes the sentence "… must be".
    """

    says: str
    one_of: frozenset[str] | None = None  # exactly one of these, case counts
    pattern: str = ""  # a regular expression for the whole text
    minimum: int | None = None  # the value is an integer in the written form AWS takes, at least this
    length: tuple[int, int] | None = None  # smallest and largest number of characters
    scalars: frozenset[str] = frozenset({"string", "number", "boolean", "null"})  # what may be written
    check: str = ""  # the name of a check in setting_values.py for what a pattern can't say: "schedule", …
    listed: str = ""  # a pattern for what AWS's own list is known to hold; it grows, so beyond it is a warning
    known: frozenset[str] = frozenset()  # the names on that list, next to what the pattern takes; case does not count
    service_limit: ServiceLimit | None = None  # above it the service rejects what Organizations takes
    wildcard_limit: int | None = None  # how many "*" one value may hold
    older: Mapping[str, str] = field(
        default_factory=lambda: NO_TEXTS
    )  # forms off AWS's page, and what to write instead


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A leaf of the policy: it carries value operators. Single-valued unless `multi`."""

    values: Values
    multi: bool = False
    empty: frozenset[str] = frozenset({"@@assign", "@@append", "@@remove"})  # operators that may have []
    required: bool = False  # AWS reports KEY_REQUIRED when the merged policy lacks it
    required_in_document: bool = False  # AWS rejects a document that mentions the parent without it
    at_least: int = 0  # ELEMENTS_TOO_FEW below this, after the merge
    # What AWS shows where the container of the setting is, and no policy sets it.
    default: str | tuple[str, ...] | EntryName | None = None


class Rejection(NamedTuple):
    """What is reported for a document that breaks a rule between fields; if a rule has none, single documents are not checked for it."""

    rule: str  # the id of the rule that the finding is of
    message: str  # the sentence; {name} is the entry's name, {value} what the field holds
    at: Literal["setting", "block"] = "setting"  # where: at the setting that the rule starts from, or at the container


class When(NamedTuple):
    """What makes a rule apply: a setting that holds a text, or (without `text`) a field that is there."""

    field: str  # a path such as lifecycle/delete_after_days
    text: str = ""
    noun: str = ""  # what it is called in sentences; else by its name


class SameAsName(NamedTuple):
    """A setting of an entry holds the entry's name. AWS sees to it in documents, so that it holds after the merge too."""

    field: str
    rejection: Rejection
    any_case: bool = False


class Excludes(NamedTuple):
    """A field must not be set. AWS sees to it in documents, and not after the merge."""

    when: When
    field: str
    rejection: Rejection


class Needs(NamedTuple):
    """A field has to be there, or to be a number that is not too large. `../` leads to the container above."""

    when: When
    field: str
    at_most: int | None = None
    noun: str = ""  # what the field is called in sentences; else by its name
    rejection: Rejection | None = None


class Apart(NamedTuple):
    """Two numbers of days have to be apart. `each` names a container whose entries are held to it as well."""

    when: When
    low: str
    high: str
    days: int
    each: str = ""
    rejection: Rejection | None = None


class RarerThan(NamedTuple):
    """A schedule has so many days between its runs. Entries of `each` are held to it as well, by the same schedule."""

    when: When
    schedule: str
    days: int
    each: str = ""
    rejection: Rejection | None = None


FieldRule = SameAsName | Excludes | Needs | Apart | RarerThan


@dataclass(frozen=True, slots=True, eq=False)
class Container:
    """An inner node: named fields, or entries with names of the user's choosing, or both."""

    fields: Mapping[str, Node] = field(default_factory=lambda: NOTHING)  # by lower-case name
    entry: Node | None = None  # what an entry looks like
    entry_names: Values | None = None  # what an entry may be called
    entry_noun: str = "entry"  # "plan", "rule", …: for messages
    required: bool = False  # as for a setting
    required_in_document: bool = False
    one_required_in_document: tuple[str, ...] = ()  # a document that mentions it needs one of these fields
    at_most: int | None = None  # ELEMENTS_TOO_MANY above this, after the merge
    keeps_empty: bool = False  # entries without values, which AWS leaves out elsewhere, are there all the same
    rules: tuple[FieldRule, ...] = ()  # the conditions between its fields; the paths in them start here
    open: bool = False  # not described in full yet: unknown fields below are left alone


Node = Setting | Container


def member(shape: Node | None, name: str) -> Node | None:
    """The shape of what has this name, in lower case, in a node of a shape; None where nothing is known of it."""
    return shape.fields.get(name, shape.entry) if isinstance(shape, Container) else None


class MostUses(NamedTuple):
    """How many entries may have one value in a setting that they all have, after the merge: ELEMENTS_TOO_MANY above it."""

    field: str
    at_most: int
    value_noun: str  # "resource type": what a value of the setting is
    entries: str  # "tags": what the entries are
    names: str  # "tag keys": what the names of the entries are
    relation: str  # "are required on": what the entries are to the value


class Timeline(NamedTuple):
    """Where an entry of the top container says what it makes at which times, for a page that draws it. Paths all."""

    runs: str  # the container whose entries run, below an entry of the top container
    places: str  # where they run, below an entry of the top container too
    schedule: str  # the others are below what runs
    stores: tuple[str, ...]  # the settings that name where it is kept
    continuous: str  # the setting that is true where every moment can be had
    keep: str  # after how many days it is deleted
    cold: str  # after how many days it is moved to cheaper storage
    copies: str  # the container of copies, which have a `keep` and a `cold` of their own
    copy_store: str  # the setting of a copy that names where it is kept


@dataclass(frozen=True, slots=True, eq=False)
class PolicyType:
    """One of AWS's policy types. Of those that are not `checked`, only names and attachments are looked at."""

    enum: str  # AWS's name, e.g. BACKUP_POLICY
    folder: str  # short name, e.g. "backup"
    title: str  # "backup policy"
    top_key: str  # "plans"
    content: Container  # what is below the top key
    size_limit: int | None  # characters of one document; None where AWS documents none
    attach_limit: int  # policies attached to one target
    organization_limit: int | None  # stored policies in one organization
    source: str  # AWS's page
    misnamed_fields: Mapping[str, str] = field(
        default_factory=dict
    )  # wrong name seen in the wild, or older -> right one
    documented_controls: frozenset[str] = (
        frozenset()
    )  # members of child controls, where AWS documents fewer than it takes
    checked: bool = True  # its documents merge into one effective policy, and are checked
    other_names: tuple[str, ...] = ()  # what people call it besides `enum`, `folder` and `title`
    aws_managed: frozenset[str] = frozenset()  # policies of this type that AWS provides, which need no file
    merged_size_limit: int | None = None  # bytes of the effective policy in JSON: ELEMENTS_TOO_MANY above it
    most_uses: tuple[MostUses, ...] = ()
    timeline: Timeline | None = None  # where its entries make something at times
    outermost: Container = field(init=False)  # what a document looks like: the top key, and `content` below it

    def __post_init__(self) -> None:
        object.__setattr__(self, "outermost", Container({self.top_key: self.content} if self.top_key else NOTHING))

    @property
    def plural(self) -> str:
        """The title for several of them: "backup policies"."""
        return self.title.removesuffix("policy") + "policies"

    def shape_at(self, path: tuple[str, ...]) -> Node | None:
        """The shape of what is at a path of names in lower case, from the top key downwards."""
        shape: Node | None = self.outermost
        for name in path:
            shape = member(shape, name)
        return shape

    def is_named(self, name: str) -> bool:
        """Whether a name means this type: as AWS or policylint spells it, singular or plural, in any case."""
        return stem(name) in self.stems

    @property
    def stems(self) -> set[str]:
        """What all spellings of its names come down to; see `stem`."""
        return {stem(known) for known in (self.enum, self.folder, self.title, *self.other_names)}


def letters(name: str) -> str:
    """What two spellings of one name have in common: no case, no dashes and underlines."""
    return re.sub(r"[\W_]", "", name).lower()


def stem(name: str) -> str:
    """What `tag`, `TAG_POLICY` and `tag-policies` have in common."""
    text = letters(name)
    return text.removesuffix("policies").removesuffix("policy") or text
