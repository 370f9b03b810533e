"""The story of one value of an effective policy as data: what each policy on the way did to it, and why.

Whatever shows it (`explain`, the page, an editor) has the same story; tracing.py finds it, and the words are in explain.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from policylint.fragments import Value
from policylint.merge import ContainerLocks
from policylint.operators import OPERATOR_NAMES
from policylint.organization import Account, Policy, Target
from policylint.places import Place, locate
from policylint.policy_types.shape import PolicyType
from policylint.validity import ValidationError

Path = tuple[str, ...]  # names in lower case, from the top of the document
Reach = Literal["here", "entries", "below"]  # what a lock covers: the node itself, its new entries, or all below it
StoryKind = Literal[
    "applied", "locked", "shadowed", "already-there", "not-inherited", "control", "attempt", "fixed", "unread"
]


class Cause(NamedTuple):
    """A policy that is the reason for something, and where it says so.

    `name` is that of the node where it says so, as it is spelled there. Of a lock `operators` are those that it leaves to
    lower levels, as bits, and `reach` is what it covers.
    """

    policy: Policy
    place: Place
    name: str = ""
    operators: int | None = None
    reach: Reach = "here"

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        plain: dict[str, Any] = {"policy": self.policy.name, "location": str(locate(self.place))}
        if self.operators is not None:
            plain |= {"allows": operator_names(self.operators), "reach": self.reach}
        return plain


@dataclass(frozen=True)
class StoryEvent:
    """Something that one policy did at a node, or tried to do.

    `operator` is as AWS spells it; "" for a whole new entry. `by` are the reasons of what had no effect. `lost` are the
    values that an assignment or a removal took the place of, and `givers` the policies that had given them.
    """

    kind: StoryKind
    policy: Policy
    path: Path = ()
    place: Place | None = None
    operator: str = ""
    values: Value | None = None
    by: tuple[Cause, ...] = ()
    lost: Value | None = None
    givers: tuple[Cause, ...] = ()
    reason: str = ""  # of a rejection, in words

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "kind": self.kind,
            "policy": self.policy.name,
            "path": list(self.path),
            "location": str(locate(self.place)) if self.place else None,
            "operator": self.operator,
            "values": plain_value(self.values),
            "by": [one.to_dict() for one in self.by],
            "lost": plain_value(self.lost),
            "givers": [one.to_dict() for one in self.givers],
            "reason": self.reason,
        }


class Step(NamedTuple):
    """One target on the way, and for each policy of the type that is attached there what it did; nothing is said by some."""

    target: Target
    policies: tuple[tuple[Policy, tuple[StoryEvent, ...]], ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        told = [
            {"policy": policy.name, "events": [one.to_dict() for one in events]} for policy, events in self.policies
        ]
        return {"target": self.target.path, "policies": told}


@dataclass(frozen=True)
class Effective:
    """What is effective at the path: a value, or the names that a container holds; neither where there is nothing."""

    value: Value | None = None
    holds: tuple[str, ...] | None = None
    givers: tuple[tuple[str, Cause], ...] = ()  # of each value the policy that set it
    by_aws: bool = False  # AWS fills it in, or keeps it, where no policy sets it

    @property
    def is_there(self) -> bool:
        """Whether the effective policy has anything there."""
        return self.value is not None or self.holds is not None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "is_there": self.is_there,
            "value": plain_value(self.value),
            "holds": None if self.holds is None else list(self.holds),
            "set_by": [{"value": value, **cause.to_dict()} for value, cause in self.givers],
            "by_aws": self.by_aws,
        }


class Allowed(NamedTuple):
    """What policies below the locks may do at a node."""

    path: Path
    operators: int  # as bits
    is_container: bool
    locks: tuple[Cause, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "path": list(self.path),
            "operators": operator_names(self.operators),
            "locks": [one.to_dict() for one in self.locks],
        }


@dataclass(frozen=True)
class Story:
    """Where one value of an account's effective policy comes from, and who may still change it."""

    pointer: str  # as it was asked for
    path: Path  # as it was understood
    policy_type: PolicyType
    account: Account
    effective: Effective
    rejected: tuple[Cause, ...]  # the documents on the way that AWS rejects: what it serves is not known
    unread: tuple[Policy, ...]  # those that can't be read, so that they are no part of the story
    steps: tuple[Step, ...]
    container_locks: ContainerLocks
    allowed: Allowed | None  # None: no policy has made the node yet
    inside: tuple[Allowed, ...]  # what is narrower below it
    errors: tuple[ValidationError, ...]  # AWS's errors of the whole policy, for which it would be withheld

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "pointer": self.pointer,
            "path": list(self.path),
            "policy_type": self.policy_type.enum,
            "account": {"id": self.account.id, "name": self.account.name, "path": self.account.path},
            "effective": self.effective.to_dict(),
            "rejected": [one.to_dict() for one in self.rejected],
            "unread": [policy.name for policy in self.unread],
            "steps": [step.to_dict() for step in self.steps],
            "container_locks": self.container_locks,
            "allowed": self.allowed.to_dict() if self.allowed else None,
            "inside": [one.to_dict() for one in self.inside],
            "errors": [
                {"ErrorCode": error.code, "ErrorMessage": error.message, "PathToError": error.path}
                for error in self.errors
            ],
        }


# ---- values ----------------------------------------------------------------------------------------------------


def plain_value(value: Value | None) -> Any:
    """A value as plain data."""
    return list(value) if isinstance(value, tuple) else value


def operator_names(bits: int) -> list[str]:
    """The operators that bits represent, as AWS spells them."""
    return [name for bit, name in OPERATOR_NAMES.items() if bits & bit]
