"""What child policies may change, what of it AWS drops, and what locks leave open."""

from __future__ import annotations

from collections.abc import Iterator

from policylint import (
    ContainerLocks,
    Event,
    Fault,
    Fragment,
    Inheritance,
    Level,
    Policy,
    Related,
    State,
    check,
    fragment_of,
)
from policylint.operators import ALL, ASSIGN, OPERATOR_NAMES

from ..culprits import at, locks

Found = Iterator[Fault]


def _events(level: Level, *kinds: str) -> Iterator[Event]:
    return (event for event in level.events if event.kind in kinds)


def _named(event: Event) -> str:
    operator = OPERATOR_NAMES[event.operator or ASSIGN]
    return f"'{operator}' of '{event.fragment.name}'"


def _texts(event: Event) -> str:
    values = event.values if isinstance(event.values, tuple) else (event.values or "",)
    return ", ".join(f"'{value}'" for value in values)


@check("locked-operator")
def locked_operator(level: Level) -> Found:
    """An operator, or a new entry, that a control above forbids."""
    for event in _events(level, "locked"):
        fragment = event.fragment
        new = event.operator is None
        place = fragment.key_place() if new else fragment.operator_place(event.operator)
        related = tuple(Related(lock.operator_place(None), f"locked by '{lock.policy.name}'") for lock in event.by)
        yield Fault(place, f"{_ignored(event)} Remove it, or change the lock.", related)


def _ignored(event: Event) -> str:
    """What AWS ignores, and how sure that is: see docs/aws-behaviour.md, "Locks on containers: two readings"."""
    fragment = event.fragment
    if event.operator is None:
        return f"AWS ignores the new entry '{fragment.name}', as far as known: locked by {locks(event.by)}."
    if event.by and all(lock.path != fragment.path for lock in event.by):
        names = " and ".join(f"'{lock.name}'" if lock.name else "the document" for lock in event.by)
        return (
            f"AWS ignores {_named(event)} if the lock on {names} covers everything below (--container-locks "
            f"subtree): locked by {locks(event.by)}."
        )
    return f"AWS ignores {_named(event)}: locked by {locks(event.by)}."


@check("peers-assign-differently")
def peers_assign_differently(level: Level) -> Found:
    """Two policies of one level that assign different values; the first counts."""
    for event in _events(level, "shadowed"):
        first = event.by[0]
        if first.assign != event.fragment.assign:
            message = (
                f"{_named(event)} has no effect: {at(first, first.operator_place(ASSIGN))}, attached before it at "
                f"the same "
                "level, assigns another value, and the first one takes effect. Assign it in one policy only."
            )
            related = (Related(first.operator_place(ASSIGN), "the assignment that takes effect"),)
            yield Fault(event.fragment.operator_place(ASSIGN), message, related)


@check("peers-assign-the-same")
def peers_assign_the_same(level: Level) -> Found:
    """Two policies of one level that assign one value: harmless until one of them changes."""
    for event in _events(level, "shadowed"):
        first = event.by[0]
        if first.assign == event.fragment.assign:
            message = (
                f"{_named(event)} repeats what {at(first, first.operator_place(ASSIGN))} assigns at the same "
                f"level. Keep "
                "one of the two."
            )
            related = (Related(first.operator_place(ASSIGN), "assigned here first"),)
            yield Fault(event.fragment.operator_place(ASSIGN), message, related)


@check("operator-without-effect")
def operator_without_effect(level: Level) -> Found:
    """A value removed that is not inherited, or appended that is there."""
    for event in _events(level, "not-inherited", "already-there"):
        why = "not in the inherited list" if event.kind == "not-inherited" else "already in the list"
        message = f"{_named(event)} has no effect for {_texts(event)}: {why}. Remove it."
        yield Fault(event.fragment.operator_place(event.operator), message)


@check("inherited-list-replaced")
def inherited_list_replaced(level: Level) -> Found:
    """An assignment that drops values of an inherited list."""
    for event in _events(level, "replaced"):
        kept = event.fragment.assign
        if isinstance(event.values, tuple) and isinstance(kept, tuple):
            lost = [value for value in event.values if value not in kept]
            if lost:
                names = ", ".join(f"'{value}'" for value in lost)
                giver = f" from {at(event.by[0], event.by[0].operator_place(ASSIGN))}" if event.by else ""
                message = f"{_named(event)} drops {names}, which it inherits{giver}. To add to the list use '@@append'."
                related = tuple(Related(giver.operator_place(ASSIGN), "given here") for giver in event.by[:1])
                yield Fault(event.fragment.operator_place(ASSIGN), message, related)


@check("lock-loosened")
def lock_loosened(level: Level) -> Found:
    """A control that names operators which a higher level has forbidden."""
    for policy in level.policies:
        root = fragment_of(policy)
        for fragment, state in _beside(root, level.before) if root else ():
            if fragment.control is not None and fragment.control & ~state.allowed:
                message = (
                    f"The control on '{fragment.name}' allows more than {locks(state.controls)}, and AWS ignores "
                    f"the rest. A lower level can tighten a lock, but not loosen it."
                )
                related = tuple(Related(c.operator_place(None), f"locked by '{c.policy.name}'") for c in state.controls)
                yield Fault(fragment.operator_place(None), message, related)


def _beside(fragment: Fragment, state: State) -> Iterator[tuple[Fragment, State]]:
    yield fragment, state
    for name, child in fragment.children.items():
        if name in state.children:
            yield from _beside(child, state.children[name])


@check("partial-lock")
def partial_lock(policy: Policy, container_locks: ContainerLocks) -> Found:
    """A lock on a container that leaves the settings inside open, where it is not read as covering all below."""
    root = fragment_of(policy) if container_locks == "entries" else None
    told: set[str] = set()  # the settings that a container further out has reported
    for fragment in root.walk() if root and root.has_controls else ():
        if fragment.control is None or fragment.control == ALL or not fragment.children:
            continue
        inside = [f for f in fragment.walk() if f is not fragment and f.written and _wider(f, fragment.control)]
        open_settings = [f for f in inside if f.written.keys() - {None} and f.pointer not in told]
        told.update(f.pointer for f in open_settings)
        if open_settings:
            names = ", ".join(f"'{'/'.join(f.path.split('/')[-2:])}'" for f in open_settings[:3])
            more = f" and {len(open_settings) - 3} more" if len(open_settings) > 3 else ""
            whole = f"'{fragment.name}'" if fragment.name else "the document"
            message = (
                f"The lock on {whole} may leave {names}{more} open: a setting obeys its own control. Repeat the "
                f"control at each setting."
            )
            related = tuple(Related(f.key_place(), "has no such control") for f in open_settings[:5])
            yield Fault(fragment.operator_place(None), message, related)


def _wider(fragment: Fragment, control: int) -> bool:
    return bool((ALL if fragment.control is None else fragment.control) & ~control)


@check("unlocked-baseline")
def unlocked_baseline(level: Level) -> Found:
    """A complete policy for many accounts that anybody below may change."""
    if not any(target.path == "Root" for target in level.targets):
        return
    for policy in level.policies:
        root = fragment_of(policy)
        if root and root.children and root.has_values and not root.has_controls:
            message = (
                f"'{policy.name}' locks nothing, so any policy on a lower level may change all of it. Lock what "
                f"must not vary."
            )
            yield Fault(next(iter(root.children.values())).key_place(), message)


@check("overridden-everywhere")
def overridden_everywhere(inheritance: Inheritance) -> Found:
    """Values of a policy that no account gets, because other policies assign on every path."""
    live = _live(inheritance)
    told = {id(event.fragment) for level in inheritance.levels for event in level.events if event.kind != "replaced"}
    reached = (level for level in inheritance.levels if any(start < stop for start, stop in level.account_ranges))
    for policy in dict.fromkeys(policy for level in reached for policy in level.policies):
        root = fragment_of(policy)
        given = (
            [fragment for fragment in root.walk() if fragment.assign or fragment.append or fragment.remove]
            if root
            else []
        )
        dead = [fragment for fragment in given if not fragment.remove and id(fragment) not in live]
        untold = [fragment for fragment in dead if id(fragment) not in told]
        if root and untold and len(dead) == len(given) and not root.has_controls:
            message = f"'{policy.name}' has no effect on any account: other policies override all of it. Detach it."
            yield Fault(next(iter(root.children.values())).key_place(), message)
            continue
        for fragment in untold:
            message = f"No account gets this '{fragment.name}': policies on every path below override it."
            yield Fault(fragment.key_place(), message)


def _live(inheritance: Inheritance) -> set[int]:
    """The fragments (by identity) that gave a value which some account's effective policy still holds."""
    waiting = [resolution.state for resolution in inheritance.resolutions.values()]
    seen: set[int] = set()
    live: set[int] = set()
    while waiting:
        state = waiting.pop()
        if id(state) in seen:
            continue  # states are shared between accounts
        seen.add(id(state))
        for origin in state.origins:
            live.add(id(origin.fragment))
        waiting.extend(state.children.values())
    return live
