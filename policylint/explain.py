"""Where a value of an effective policy comes from, told as a story along the path from the root to the account."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import and_
from typing import NamedTuple

from policylint.attempts import Attempt, attempts, main_rejection, reason
from policylint.defaults import defaults_of, shown_at
from policylint.fragments import Fragment, Value, fragment_of
from policylint.merge import EMPTY, ContainerLocks, Event, Level, Merger, State
from policylint.operators import ALL, APPEND, ASSIGN, OPERATOR_NAMES
from policylint.organization import Account, Organization, OrganizationalUnit, Policy, Target
from policylint.places import locate, split_pointer
from policylint.policy_types.shape import Container, PolicyType, Setting
from policylint.reading import FIXED, NOT_KNOWN

Path = tuple[str, ...]  # names in lower case, from the top of the document

VERBS = {"@@assign": "assigns", "@@append": "appends", "@@remove": "removes"}


class Step(NamedTuple):
    """One target on the way, its attached policies of the type, and what its merge did."""

    target: Target
    level: Level | None


class NothingThere(LookupError):
    """No policy on the way mentions the pointer; `nearest` are names that exist beside it."""

    def __init__(self, nearest: list[str]) -> None:
        super().__init__("no policy on the way to the account mentions it")
        self.nearest = nearest


def explain(
    organization: Organization,
    account: Account,
    policy_type: PolicyType,
    pointer: str,
    *,
    container_locks: ContainerLocks = "entries",
) -> Iterator[str]:
    """The lines of the story for a JSON pointer into the effective policy (`/plans/daily/regions`).

    The same merge as everywhere else runs over the one path, with the applied operators recorded too.
    Raises NothingThere when no policy on the way mentions the pointer.
    """
    merger = Merger(container_locks, verbose=True)
    steps = list(_steps(organization, account, policy_type, merger))
    final = steps[-1].level.after if steps[-1].level else _last_state(steps)
    asked = tuple(name.lower() for name in split_pointer(pointer))
    filled_in = _filled_in(final, asked, policy_type)
    path = next((path for path in _readings(asked) if _mentioned(steps, path)), None)
    if filled_in:
        path = asked if isinstance(policy_type.shape_at(asked), Container) else asked[:-1]
    if path is None and any(_attempts_of(steps, asked)):
        path = asked
    if path is None:
        raise NothingThere(_names_beside(steps, asked[:-1]))
    yield f"{pointer} in the {policy_type.title} of {_account_title(account)}"
    yield from filled_in or _result(final, path)
    yield from _not_known(steps)
    yield ""
    for number, step in enumerate(steps, 1):
        yield f"{number}. {step.target.path}"
        yield from (f"   {line}" for line in _told(step, path, merger))
    yield ""
    yield from _who_could_change(final, path, steps, merger.subtree)


def _steps(organization: Organization, account: Account, policy_type: PolicyType, merger: Merger) -> Iterator[Step]:
    state = EMPTY
    for target in path_to(organization, account):
        policies = tuple(policy for policy in target.policies if policy.type is policy_type)
        if not policies:
            yield Step(target, None)
            continue
        level = merger.level(state, policies)
        state = level.after
        yield Step(target, level)


def path_to(organization: Organization, account: Account) -> list[Target]:
    """The root, the units on the way and the account itself."""
    path: list[Target] = []
    unit: OrganizationalUnit | None = organization.root
    while unit is not None:
        path.append(unit)
        inside = (u for u in unit.organizational_units if u.account_range[0] <= account.index < u.account_range[1])
        unit = next(inside, None)
    return [*path, account]


def _last_state(steps: list[Step]) -> State:
    return next((step.level.after for step in reversed(steps) if step.level), EMPTY)


def _account_title(account: Account) -> str:
    return f"account {account.name} ({account.id})" if account.name and account.id else account.name or account.id


def _readings(asked: Path) -> Iterator[Path]:
    """What a pointer may mean: as it is, then with a slash inside of a name, which somebody forgot to write as ~1."""
    yield asked
    for start in range(len(asked)):
        for stop in range(len(asked), start + 1, -1):
            yield (*asked[:start], "/".join(asked[start:stop]), *asked[stop:])


def _path_of(fragment: Fragment) -> Path:
    return (*_path_of(fragment.parent), fragment.folded) if fragment.parent else ()


def _within(path: Path, wanted: Path) -> bool:
    return path[: len(wanted)] == wanted


def _fragments(steps: list[Step], path: Path) -> Iterator[Fragment]:
    levels = (step.level for step in steps if step.level)
    roots = (fragment_of(policy) for level in levels for policy in level.policies)
    return (found for root in roots if root for found in root.walk() if _within(_path_of(found), path))


def _mentioned(steps: list[Step], path: Path) -> bool:
    return next(_fragments(steps, path), None) is not None


def _attempts_of(steps: list[Step], path: Path) -> Iterator[Attempt]:
    for step in steps:
        for policy in step.level.policies if step.level else ():
            yield from attempts(policy, path)


def _not_known(steps: list[Step]) -> Iterator[str]:
    """Which documents AWS rejects, so that what is told is not what it serves."""
    policies = dict.fromkeys(policy for step in steps if step.level for policy in step.level.policies)
    named = [f"{one.name} ({locate(fault.place)})" for one in policies if (fault := main_rejection(one))]
    if named:
        yield f"  That is {FIXED}: AWS rejects {', '.join(named)}. {NOT_KNOWN}"


def _names_beside(steps: list[Step], parent: Path) -> list[str]:
    paths = map(_path_of, _fragments(steps, parent))
    return sorted({path[len(parent)] for path in paths if len(path) > len(parent)})


def _filled_in(final: State, asked: Path, policy_type: PolicyType) -> list[str]:
    """What AWS fills in or keeps where no policy sets anything; empty for everything else."""
    if not asked:
        return []
    state, shape = shown_at(final, policy_type.outermost, asked), policy_type.shape_at(asked)
    if isinstance(shape, Container):
        if state is None:
            return []
        if shape.keeps_empty:
            return [f"  holds {', '.join(state.children)}"] if state.children else []
        filled = ", ".join(defaults_of(shape, asked[-1]))
        return (
            [] if state.rendered else [f"  holds {filled or 'nothing'}, which AWS {'fills in' if filled else 'keeps'}"]
        )
    above = shown_at(final, policy_type.outermost, asked[:-1])
    if not isinstance(shape, Setting) or state is not None or above is None:
        return []
    value = defaults_of(policy_type.shape_at(asked[:-1]), asked[-2]).get(asked[-1])
    return [] if value is None else [f"  is {_shown(value)}, which AWS fills in where no policy sets it"]


def _told(step: Step, path: Path, merger: Merger) -> Iterator[str]:
    if step.level is None:
        yield "no policy of this type is attached here"
        return
    events: dict[int, list[Event]] = {}
    for event in step.level.events:
        events.setdefault(id(event.fragment), []).append(event)
    for policy in step.level.policies:
        told = [*_policy_told(policy, path, merger, events), *_rejected(policy, path)]
        yield from told or [f"{policy.name}: says nothing about it"]


def _rejected(policy: Policy, path: Path) -> Iterator[str]:
    """What a rejected document tries to set; and that it is rejected, where it says something that takes part."""
    told = False
    for one in attempts(policy, path):
        told = True
        detail = f"{'/'.join(one.path[len(path) :])}: " if len(one.path) > len(path) else ""
        yield f"{policy.name}: {detail}tries to set {one.value}; rejected, because {one.reason} ({locate(one.place)})"
    root = fragment_of(policy)
    fault = main_rejection(policy, path)
    if fault and not told and root and any(_within(_path_of(one), path) for one in root.walk()):
        yield f"  counts {FIXED}; the document is rejected, because {reason(fault)} ({locate(fault.place)})"


def _policy_told(policy: Policy, path: Path, merger: Merger, events: dict[int, list[Event]]) -> Iterator[str]:
    root = fragment_of(policy)
    if root is None:
        yield f"{policy.name}: can't be read, so it takes no part ({policy.document.path})"
        return
    ignored_entry: Event | None = None
    for fragment in root.walk():
        for event in events.get(id(fragment), ()):
            if event.operator is None and _within(path, _path_of(fragment)):
                ignored_entry = event
        if not _within(_path_of(fragment), path):
            if merger.subtree and fragment.control is not None and _within(path, _path_of(fragment)):
                place = locate(fragment.operator_place(None))
                yield f"{policy.name}: lets lower levels use {_operators(fragment.control)} {_below(fragment)} ({place})"
            continue
        detail = _detail(fragment, path)
        if ignored_entry and fragment.written and _within(_path_of(fragment), _path_of(ignored_entry.fragment)):
            yield f"{policy.name}: tries to add {detail.removesuffix(': ') or 'it'} ({locate(fragment.key_place())})"
            yield f"  ignored: {_lock_reason(ignored_entry, None)}"
            continue
        replaced = next((event for event in events.get(id(fragment), ()) if event.kind == "replaced"), None)
        for event in events.get(id(fragment), ()):
            yield from _event_told(event, policy, detail, replaced)
        if fragment.control is not None:
            place = locate(fragment.operator_place(None))
            yield f"{policy.name}: {detail}lets lower levels use {_operators(fragment.control)} here ({place})"


def _detail(fragment: Fragment, path: Path) -> str:
    below = "/".join(_path_of(fragment)[len(path) :])
    return f"{below}: " if below else ""


def _event_told(event: Event, policy: Policy, detail: str, replaced: Event | None) -> Iterator[str]:
    if event.kind == "replaced":
        return  # the applied event beside it tells of it
    if event.operator is None:
        yield f"{policy.name}: tries to add {detail.removesuffix(': ') or 'it'} ({locate(event.fragment.key_place())})"
        yield f"  ignored: {_lock_reason(event, None)}"
        return
    verb = VERBS[OPERATOR_NAMES[event.operator]]
    place = locate(event.fragment.operator_place(event.operator))
    yield f"{policy.name}: {detail}{verb} {_shown(event.values)} ({place})"
    instead = event.kind == "applied" and event.operator == ASSIGN and replaced
    yield f"  {verdict(event)}{_instead(replaced) if instead and replaced else ''}"


def _instead(replaced: Event) -> str:
    givers = " and ".join(dict.fromkeys(giver.policy.name for giver in replaced.by))
    return f", in place of {_shown(replaced.values)}" + (f" from {givers}" if givers else "")


def verdict(event: Event, *, places: bool = True) -> str:
    """What became of an operator and why, with the places of locks where they are wanted."""
    match event.kind:
        case "applied":
            return "took effect"
        case "locked":
            return f"ignored: {_lock_reason(event, event.operator, places=places)}"
        case "shadowed":
            first = event.by[0]
            return (
                f"ignored: {first.policy.name}, attached before it at the same level, assigns this setting, "
                "and the first assignment counts"
            )
        case "already-there":
            return "no effect: already in the list"
        case _:
            return "no effect: not in the inherited list"


def _lock_reason(event: Event, operator: int | None, *, places: bool = True) -> str:
    locks = ", ".join(
        f"{lock.policy.name} allows {_operators(lock.control or 0)} {_reach(lock, event.fragment, operator)}"
        f"{f' ({locate(lock.operator_place(None))})' if places else ''}"
        for lock in event.by
    )
    return locks or "a level above does not allow it"


def _reach(lock: Fragment, locked: Fragment, operator: int | None) -> str:
    """What of the locked setting or entry a control covers: itself, the container's entries, or all below."""
    if _path_of(lock) == _path_of(locked):
        return "here"
    if operator is None and lock.name and locked.parent and _path_of(lock) == _path_of(locked.parent):
        return f"for new entries of {lock.name}"
    return _below(lock)


def _below(lock: Fragment) -> str:
    return f"below {lock.name}" if lock.name else "in the whole document"


def _result(final: State, path: Path) -> Iterator[str]:
    node = _at(final, path)
    if node is None or not node.rendered:
        yield "  is not in the effective policy."
    elif node.value is not None:
        yield f"  is {_shown(node.value)}"
        for value, origin in zip(_as_list(node.value), node.origins, strict=False):
            place = locate(origin.fragment.operator_place(origin.operator, value))
            yield f"  {_shown(value)} set by {origin.fragment.policy.name} ({place})"
    else:
        yield f"  holds {', '.join(name for name, child in node.children.items() if child.rendered)}"


def _as_list(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


def _at(state: State, path: Path) -> State | None:
    return list(_way(state, path))[-1]


def _way(state: State, path: Path) -> Iterator[State | None]:
    """The nodes from the top of the policy to a path; None where the path leads into nothing."""
    node: State | None = state
    yield node
    for name in path:
        node = node.children.get(name) if node else None
        yield node


def _who_could_change(final: State, path: Path, steps: list[Step], subtree: bool) -> Iterator[str]:
    *containers, node = _way(final, path)
    if node is None:
        yield "Who could still change it: any policy on the way that adds it and is allowed to."
        return
    covering = [container for container in containers if container is not None] if subtree else []
    above = reduce(and_, (container.allowed for container in covering), ALL)
    inside = list(_locked_inside(node, node.allowed & above, subtree))
    if node.allowed & above != ALL:
        locks = _locks([*covering, node])
        yield f"Who could still change it: below the lock, {_may(node, above, subtree)}. Locked by {locks}."
    elif inside:
        yield "Who could still change it: any policy attached on the way, but for what is locked inside."
    else:
        yield "Who could still change it: any policy attached on the way; no level locks it."
        return
    yield from inside
    yield f"A policy at the level of the lock, or above it up to {steps[0].target.path}, is not bound by it."


def _locked_inside(node: State, above: int, subtree: bool, name: str = "") -> Iterator[str]:
    """A line for each node below whose own control narrows what is allowed; `above` is what the reading hands down."""
    for below, child in node.children.items():
        detail = f"{name}/{below}" if name else below
        inherited = above if subtree else ALL
        if child.allowed & inherited != inherited:
            yield f"  {detail}: below the lock, {_may(child, inherited, subtree)}. Locked by {_locks([child])}."
        yield from _locked_inside(child, child.allowed & inherited, subtree, detail)


def _may(node: State, above: int, subtree: bool) -> str:
    """What policies below a lock may do. A container's lock is about its entries, unless it covers all below."""
    allowed = node.allowed & above
    if subtree or not node.children:
        return f"policies may use {_operators(allowed)}{' here and in all that is inside' if node.children else ''}"
    adding = "entries, and" if allowed & APPEND else "no entries, but"
    return f"policies may add {adding} may change those that are there"


def _locks(nodes: list[State]) -> str:
    controls = (lock for node in nodes for lock in node.controls if lock.control != ALL)
    return ", ".join(dict.fromkeys(f"{lock.policy.name} ({locate(lock.operator_place(None))})" for lock in controls))


def _operators(bits: int) -> str:
    if bits == ALL:
        return "every operator"
    names = [name for bit, name in OPERATOR_NAMES.items() if bits & bit]
    return " and ".join(names) if names else "no operator"


def _shown(value: Value | None) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(value) + "]"
    return f"'{value}'" if value is not None else "nothing"
