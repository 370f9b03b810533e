"""Finds the story of a value: runs the merge over the one path, and notes what each policy did there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import and_

from policylint.attempts import attempts, main_rejection, reason
from policylint.defaults import defaults_of, shown_at
from policylint.effective import effective_policy
from policylint.errors import NothingThere
from policylint.fragments import Fragment, Value, fragment_of
from policylint.inheritance import Inheritance
from policylint.merge import EMPTY, ContainerLocks, Event, Level, Merger, State
from policylint.operators import ALL, ASSIGN, CONTROL, OPERATOR_NAMES, REMOVE
from policylint.organization import Account, Organization, Policy, Target
from policylint.places import Place, split_pointer
from policylint.policy_types.shape import Container, Node, PolicyType, Setting
from policylint.story import Allowed, Cause, Effective, Path, Reach, Step, Story, StoryEvent
from policylint.validity import ValidationError, validation_errors


def story_of(
    organization: Organization,
    account: Account,
    policy_type: PolicyType,
    pointer: str,
    *,
    container_locks: ContainerLocks = "entries",
) -> Story:
    """The story of a JSON pointer into the effective policy of an account (`/plans/daily/regions`).

    The same merge as everywhere else runs over the one path, with the applied operators recorded too.
    Raises NothingThere when no policy on the way mentions the pointer.
    """
    merger = Merger(container_locks, verbose=True)
    way = list(_way_to(organization, account, policy_type, merger))
    levels = [level for _, level in way if level]
    final = levels[-1].after if levels else EMPTY
    policies = list(dict.fromkeys(policy for level in levels for policy in level.policies))
    asked = tuple(name.lower() for name in split_pointer(pointer))
    filled_in = _filled_in(final, asked, policy_type)
    path = _understood(asked, policies, policy_type, filled_in)
    if path is None:
        raise NothingThere(account.name or account.id, pointer, _known_there(asked[:-1], policies))
    allowed, inside = _who_may(final, path, merger.subtree)
    return Story(
        pointer,
        path,
        policy_type,
        account,
        filled_in or _effective(final, path),
        tuple(Cause(one, fault.place) for one in policies if (fault := main_rejection(one))),
        tuple(one for one in policies if fragment_of(one) is None),
        tuple(Step(target, tuple(_told(level, path, merger.subtree)) if level else ()) for target, level in way),
        container_locks,
        allowed,
        inside,
        tuple(_errors(organization, account, policy_type, merger, final)),
    )


def _way_to(
    organization: Organization, account: Account, policy_type: PolicyType, merger: Merger
) -> Iterator[tuple[Target, Level | None]]:
    """The targets on the way, each with its merge; None where no policy of the type is attached."""
    state = EMPTY
    for target in organization.path_to(account):
        policies = tuple(policy for policy in target.policies if policy.type is policy_type)
        level = merger.level(state, policies) if policies else None
        state = level.after if level else state
        yield target, level


def _errors(
    organization: Organization, account: Account, policy_type: PolicyType, merger: Merger, final: State
) -> list[ValidationError]:
    inheritance = Inheritance(organization, policy_type, merger)
    inheritance.give(final, [account.account_range])
    return validation_errors(effective_policy(inheritance, account))


# ---- what was asked for ----------------------------------------------------------------------------------------


def _understood(
    asked: Path, policies: list[Policy], policy_type: PolicyType, filled_in: Effective | None
) -> Path | None:
    """The path that a pointer means; None where no policy mentions it."""
    if filled_in:
        return asked if isinstance(policy_type.shape_at(asked), Container) else asked[:-1]
    for path in _readings(asked):
        if next(_fragments(policies, path), None):
            return path
    if any(attempt for policy in policies for attempt in attempts(policy, asked)):
        return asked
    return None


def _known_there(parent: Path, policies: list[Policy]) -> list[str]:
    """The names that policies mention in a container."""
    return sorted({one.names[len(parent)] for one in _fragments(policies, parent) if len(one.names) > len(parent)})


def _readings(asked: Path) -> Iterator[Path]:
    """What a pointer may mean: as it is, then with a slash inside of a name, which somebody forgot to write as ~1."""
    yield asked
    for start in range(len(asked)):
        for stop in range(len(asked), start + 1, -1):
            yield (*asked[:start], "/".join(asked[start:stop]), *asked[stop:])


def _fragments(policies: Iterable[Policy], path: Path) -> Iterator[Fragment]:
    """What policies say at a path and below it."""
    roots = (fragment_of(policy) for policy in policies)
    return (found for root in roots if root for found in root.walk() if _within(found.names, path))


def _within(path: Path, wanted: Path) -> bool:
    return path[: len(wanted)] == wanted


# ---- what is effective -----------------------------------------------------------------------------------------


def _filled_in(final: State, asked: Path, policy_type: PolicyType) -> Effective | None:
    """What AWS fills in or keeps where no policy sets anything; None for everything else."""
    if not asked:
        return None
    state, shape = shown_at(final, policy_type.outermost, asked), policy_type.shape_at(asked)
    if isinstance(shape, Container):
        if state is not None and shape.keeps_empty:
            return Effective(holds=tuple(state.children)) if state.children else None
        kept = state is not None and not state.rendered
        return Effective(holds=tuple(defaults_of(shape, asked[-1])), by_aws=True) if kept else None
    above = shown_at(final, policy_type.outermost, asked[:-1])
    if not isinstance(shape, Setting) or state is not None or above is None:
        return None
    value = _default(policy_type.shape_at(asked[:-1]), asked)
    return None if value is None else Effective(value, by_aws=True)


def _default(above: Node | None, path: Path) -> Value | None:
    return defaults_of(above, path[-2]).get(path[-1])


def _effective(final: State, path: Path) -> Effective:
    node = list(_nodes(final, path))[-1]
    if node is None or not node.rendered:
        return Effective()
    if node.value is None:
        return Effective(holds=tuple(name for name, child in node.children.items() if child.rendered))
    givers = (
        (value, _cause(one.fragment, one.fragment.operator_place(one.operator, value)))
        for value, one in zip(texts(node.value), node.origins, strict=False)
    )
    return Effective(node.value, givers=tuple(givers))


def _nodes(state: State, path: Path) -> Iterator[State | None]:
    """The nodes from the top of the policy to a path; None where the path leads into nothing."""
    node: State | None = state
    yield node
    for name in path:
        node = node.children.get(name) if node else None
        yield node


# ---- what each policy did --------------------------------------------------------------------------------------


def _told(level: Level, path: Path, subtree: bool) -> Iterator[tuple[Policy, tuple[StoryEvent, ...]]]:
    events: dict[int, list[Event]] = {}
    for event in level.events:
        events.setdefault(id(event.fragment), []).append(event)
    for policy in level.policies:
        yield policy, (*_policy_told(policy, path, subtree, events), *_rejected(policy, path))


def _policy_told(policy: Policy, path: Path, subtree: bool, events: dict[int, list[Event]]) -> Iterator[StoryEvent]:
    root = fragment_of(policy)
    if root is None:
        yield StoryEvent("unread", policy)
        return
    locked: Event | None = None  # a new entry on the way that is not taken, and with it all that is in it
    for fragment in root.walk():
        own = events.get(id(fragment), [])
        locked = next((one for one in own if one.operator is None and _within(path, fragment.names)), locked)
        if not _within(fragment.names, path):
            if subtree and fragment.control is not None and _within(path, fragment.names):
                yield _control(fragment, "below")
        elif locked and fragment.written and _within(fragment.names, locked.fragment.names):
            yield _not_taken(fragment, locked)
        else:
            yield from _fragment_told(fragment, own)


def _fragment_told(fragment: Fragment, events: list[Event]) -> Iterator[StoryEvent]:
    replaced = next((event for event in events if event.kind == "replaced"), None)
    for event in events:
        if event.kind != "replaced":  # the applied event next to it describes it
            instead = replaced if event.kind == "applied" and event.operator == ASSIGN else None
            yield _event_told(event, instead)
    if fragment.control is not None:
        yield _control(fragment, "here")


def _event_told(event: Event, replaced: Event | None = None) -> StoryEvent:
    """What became of an operator, or of a new entry that is not taken."""
    fragment, operator = event.fragment, event.operator
    if operator is None:
        return _not_taken(fragment, event)
    by: Iterable[Cause] = ()
    if event.kind == "locked":
        by = (_lock(one, fragment, "below") for one in event.by)
    elif event.kind != "replaced":
        by = (_cause(one, one.operator_place(operator)) for one in event.by)
    lost = event if event.kind == "replaced" else replaced
    return StoryEvent(
        "applied" if event.kind == "replaced" else event.kind,
        fragment.policy,
        fragment.names,
        fragment.operator_place(operator),
        OPERATOR_NAMES[operator],
        fragment.assign if event.kind == "replaced" else event.values,
        tuple(by),
        lost.values if lost else None,
        tuple(_cause(one, one.operator_place(ASSIGN)) for one in lost.by) if lost else (),
    )


def _not_taken(fragment: Fragment, event: Event) -> StoryEvent:
    """That something is not taken, because it is a new entry, or inside of one, which a lock keeps out."""
    locks = tuple(_lock(one, event.fragment, "entries") for one in event.by)
    return StoryEvent("locked", fragment.policy, fragment.names, fragment.key_place(), by=locks)


def _control(fragment: Fragment, reach: Reach) -> StoryEvent:
    place = fragment.operator_place(None)
    lock = _cause(fragment, place)._replace(operators=fragment.control, reach=reach)
    return StoryEvent("control", fragment.policy, fragment.names, place, CONTROL, by=(lock,))


def _lock(lock: Fragment, locked: Fragment, around: Reach) -> Cause:
    """A lock, and how it comes to cover what is locked: itself, as one of its entries, or as something below it."""
    reach: Reach = "below"
    if lock.names == locked.names:
        reach = "here"
    elif around == "entries" and lock.name and lock.names == locked.names[:-1]:
        reach = "entries"
    return _cause(lock, lock.operator_place(None))._replace(operators=lock.control or 0, reach=reach)


def _cause(fragment: Fragment, place: Place) -> Cause:
    return Cause(fragment.policy, place, fragment.name)


def _rejected(policy: Policy, path: Path) -> Iterator[StoryEvent]:
    """What a rejected document tries to set; and that it is rejected, where it says something that takes part."""
    tried = list(attempts(policy, path))
    for one in tried:
        yield StoryEvent("attempt", policy, one.path, one.place, values=one.value, reason=one.reason)
    fault = main_rejection(policy, path)
    if fault and not tried and next(_fragments([policy], path), None):
        yield StoryEvent("fixed", policy, path, fault.place, reason=reason(fault))


def overruled(level: Level) -> Iterator[StoryEvent]:
    """All that had no effect at a level, or has none any longer because of it, as far as the merge recorded it."""
    locked: set[int] = set()
    for event in level.events:
        if event.kind == "locked" and event.operator == REMOVE:
            locked.add(id(event.fragment))
        if event.kind != "applied":
            yield _event_told(event)
    for policy in level.policies:
        root = fragment_of(policy)
        for fragment in root.walk() if root else ():
            if fragment.remove and id(fragment) not in locked:
                yield from _removals(level, fragment)


def _removals(level: Level, fragment: Fragment) -> Iterator[StoryEvent]:
    """What a policy took out of an inherited list: the merge's events only have removals without effect."""
    before, after = (list(_nodes(state, fragment.names))[-1] or EMPTY for state in (level.before, level.after))
    left = texts(after.value)
    for value, giver in zip(texts(before.value), before.origins, strict=False):
        if value in (fragment.remove or ()) and value not in left:
            given = _cause(giver.fragment, giver.fragment.operator_place(giver.operator, value))
            place, name = fragment.operator_place(REMOVE, value), OPERATOR_NAMES[REMOVE]
            yield StoryEvent(
                "applied", fragment.policy, fragment.names, place, name, (value,), lost=(value,), givers=(given,)
            )


# ---- who may still change it -----------------------------------------------------------------------------------


def _who_may(final: State, path: Path, subtree: bool) -> tuple[Allowed | None, tuple[Allowed, ...]]:
    """What lower levels may do at a path, and what of it is narrower inside."""
    *containers, node = _nodes(final, path)
    if node is None:
        return None, ()
    covering = [container for container in containers if container is not None] if subtree else []
    above = reduce(and_, (container.allowed for container in covering), ALL)
    allowed = Allowed(path, node.allowed & above, bool(node.children), _controls([*covering, node]))
    return allowed, tuple(_narrower(node, node.allowed & above, subtree, path))


def _narrower(node: State, above: int, subtree: bool, path: Path) -> Iterator[Allowed]:
    """Each node below whose own control narrows what is allowed; `above` is what the reading of locks hands down."""
    inherited = above if subtree else ALL
    for name, child in node.children.items():
        allowed = child.allowed & inherited
        if allowed != inherited:
            yield Allowed((*path, name), allowed, bool(child.children), _controls([child]))
        yield from _narrower(child, allowed, subtree, (*path, name))


def _controls(nodes: list[State]) -> tuple[Cause, ...]:
    controls = (lock for node in nodes for lock in node.controls if lock.control != ALL)
    return tuple(_cause(lock, lock.operator_place(None))._replace(operators=lock.control or 0) for lock in controls)


def texts(value: Value | None) -> tuple[str, ...]:
    """A value as a list of texts; of none, none."""
    return value if isinstance(value, tuple) else () if value is None else (value,)
