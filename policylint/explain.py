"""The sentences of a story: where a value of an effective policy comes from, along the path from the root to the account."""

from __future__ import annotations

from collections.abc import Iterator

from policylint.merge import ContainerLocks
from policylint.operators import ALL, APPEND
from policylint.organization import Account, Organization, Policy
from policylint.places import locate
from policylint.policy_types.shape import PolicyType
from policylint.reading import FIXED, NOT_KNOWN
from policylint.story import Allowed, Cause, Effective, Path, Story, StoryEvent, operator_names
from policylint.tracing import story_of

__all__ = ["explain", "sentences", "verdict"]

VERBS = {"@@assign": "assigns", "@@append": "appends", "@@remove": "removes"}


def explain(
    organization: Organization,
    account: Account,
    policy_type: PolicyType,
    pointer: str,
    *,
    container_locks: ContainerLocks = "entries",
) -> Iterator[str]:
    """The lines of the story for a JSON pointer into the effective policy. Raises NothingThere; see tracing.py."""
    return sentences(story_of(organization, account, policy_type, pointer, container_locks=container_locks))


def sentences(story: Story) -> Iterator[str]:
    """The lines of a story, without AWS's errors."""
    yield f"{story.pointer} in the {story.policy_type.title} of {_account_title(story.account)}"
    yield from _effective(story.effective)
    if story.rejected:
        named = ", ".join(f"{one.policy.name} ({locate(one.place)})" for one in story.rejected)
        yield f"  That is {FIXED}: AWS rejects {named}. {NOT_KNOWN}"
    yield ""
    for number, step in enumerate(story.steps, 1):
        yield f"{number}. {step.target.path}"
        if not step.policies:
            yield "   no policy of this type is attached here"
        for policy, events in step.policies:
            yield from (f"   {line}" for line in _policy(policy, events, story.path))
    yield ""
    yield from _who_could_change(story)


def _account_title(account: Account) -> str:
    return f"account {account.name} ({account.id})" if account.name and account.id else account.name or account.id


def _effective(found: Effective) -> Iterator[str]:
    if not found.is_there:
        yield "  is not in the effective policy."
    elif found.value is not None:
        yield f"  is {_shown(found.value)}{', which AWS fills in where no policy sets it' if found.by_aws else ''}"
        for value, cause in found.givers:
            yield f"  {_shown(value)} set by {cause.policy.name} ({locate(cause.place)})"
    else:
        names = ", ".join(found.holds or ())
        by_aws = f", which AWS {'fills in' if names else 'keeps'}" if found.by_aws else ""
        yield f"  holds {names or ('nothing' if found.by_aws else '')}{by_aws}"


def _policy(policy: Policy, events: tuple[StoryEvent, ...], path: Path) -> Iterator[str]:
    for event in events:
        yield from _event(event, path)
    if not events:
        yield f"{policy.name}: says nothing about it"


def _event(event: StoryEvent, path: Path) -> Iterator[str]:
    """What one policy did, or tried to do: a line, and another for what became of it."""
    name, below = event.policy.name, "/".join(event.path[len(path) :])
    detail = f"{below}: " if below else ""
    place = f"({locate(event.place)})" if event.place else ""
    match event.kind:
        case "unread":
            yield f"{name}: can't be read, so it takes no part ({event.policy.document.path})"
        case "control":
            (lock,) = event.by
            yield f"{name}: {detail}lets lower levels use {_operators(lock.operators or 0)} {_reach(lock)} {place}"
        case "attempt":
            yield f"{name}: {detail}tries to set {event.values}; rejected, because {event.reason} {place}"
        case "fixed":
            yield f"  counts {FIXED}; the document is rejected, because {event.reason} {place}"
        case "locked" if not event.operator:
            yield f"{name}: tries to add {below or 'it'} {place}"
            yield f"  {verdict(event)}"
        case _:
            yield f"{name}: {detail}{VERBS[event.operator]} {_shown(event.values)} {place}"
            yield f"  {verdict(event)}{_instead(event)}"


def _instead(event: StoryEvent) -> str:
    if event.lost is None:
        return ""
    givers = " and ".join(dict.fromkeys(giver.policy.name for giver in event.givers))
    return f", in place of {_shown(event.lost)}" + (f" from {givers}" if givers else "")


def verdict(event: StoryEvent, *, places: bool = True) -> str:
    """What became of an operator and why, with the places of locks where they are wanted."""
    match event.kind:
        case "applied":
            return "took effect"
        case "locked":
            return f"ignored: {_locks(event, places) or 'a higher level does not allow it'}"
        case "shadowed":
            return (
                f"ignored: {event.by[0].policy.name}, attached before it at the same level, assigns this setting, "
                "and the first assignment counts"
            )
        case "already-there":
            return "no effect: already in the list"
        case _:
            return "no effect: not in the inherited list"


def _locks(event: StoryEvent, places: bool) -> str:
    return ", ".join(
        f"{lock.policy.name} allows {_operators(lock.operators or 0)} {_reach(lock)}"
        f"{f' ({locate(lock.place)})' if places else ''}"
        for lock in event.by
    )


def _reach(lock: Cause) -> str:
    """What of a node a control covers: itself, the container's entries, or all below."""
    if lock.reach == "here":
        return "here"
    if lock.reach == "entries":
        return f"for new entries of {lock.name}"
    return f"below {lock.name}" if lock.name else "in the whole document"


def _who_could_change(story: Story) -> Iterator[str]:
    allowed, subtree = story.allowed, story.container_locks == "subtree"
    if allowed is None:
        yield "Who could still change it: any policy on the way that adds it and is allowed to."
        return
    if allowed.operators != ALL:
        yield f"Who could still change it: below the lock, {_may(allowed, subtree)}. Locked by {_named(allowed)}."
    elif story.inside:
        yield "Who could still change it: any policy attached on the way, but for what is locked inside."
    else:
        yield "Who could still change it: any policy attached on the way; no level locks it."
        return
    for one in story.inside:
        detail = "/".join(one.path[len(allowed.path) :])
        yield f"  {detail}: below the lock, {_may(one, subtree)}. Locked by {_named(one)}."
    yield f"A policy at the level of the lock, or above it up to {story.steps[0].target.path}, is not bound by it."


def _may(allowed: Allowed, subtree: bool) -> str:
    """What policies below a lock may do. A container's lock is about its entries, unless it covers all below."""
    if subtree or not allowed.is_container:
        inside = " here and in all that is inside" if allowed.is_container else ""
        return f"policies may use {_operators(allowed.operators)}{inside}"
    adding = "entries, and" if allowed.operators & APPEND else "no entries, but"
    return f"policies may add {adding} may change those that are there"


def _named(allowed: Allowed) -> str:
    return ", ".join(dict.fromkeys(f"{lock.policy.name} ({locate(lock.place)})" for lock in allowed.locks))


def _operators(bits: int) -> str:
    return "every operator" if bits == ALL else " and ".join(operator_names(bits)) or "no operator"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(value) + "]"
    return f"'{value}'" if value is not None else "nothing"
