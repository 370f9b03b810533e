"""AI services opt-out policies: what lets a lower level opt in again, and where one has done so."""

from __future__ import annotations

from collections.abc import Iterator

from policylint import Fault, Fragment, Level, Related, State, check, fragment_of
from policylint.operators import APPEND, ASSIGN, CONTROL

from ..culprits import at

Found = Iterator[Fault]
SERVICES, DEFAULT, SETTING = "services", "default", "opt_out_policy"
OUT, IN = "optOut", "optIn"
LOCK = f'"{CONTROL}": ["@@none"]'


@check("opt-out-unlocked")
def opt_out_unlocked(level: Level) -> Found:
    """An AI opt-out that lower levels may turn around."""
    for policy in level.policies:
        root = fragment_of(policy)
        for fragment in root.walk() if root else ():
            parts = fragment.path.split("/")
            if parts[-1] == SETTING and fragment.assign == OUT and fragment.control is None:
                message = f"A policy on a lower level may opt in to '{parts[1]}' again. Add {LOCK} next to the value."
                yield Fault(fragment.key_place(), message)


@check("services-unlocked")
def services_unlocked(level: Level) -> Found:
    """A locked opt-out by default, and no lock that keeps lower levels from adding a section for one service."""
    for policy in level.policies:
        services = _services(policy_root) if (policy_root := fragment_of(policy)) else None
        default = services.children.get(DEFAULT) if services else None
        setting = default.children.get(SETTING) if default else None
        if services is None or setting is None or setting.assign != OUT or setting.control is None:
            continue
        after = level.after.children.get(SERVICES)
        if after is not None and after.allowed & APPEND:
            message = (
                "The lock on 'default' does not cover services with a section of their own, which a policy on a "
                f"lower level may add to opt in. Add {LOCK} to 'services'."
            )
            yield Fault(services.key_place(), message)


@check("service-opts-in")
def service_opts_in(level: Level) -> Found:
    """A service that opts in below a level which opts out by default."""
    above = _setting(level.before, DEFAULT)
    if above is None or above.value != OUT or not above.origins:
        return
    for policy in level.policies:
        root = fragment_of(policy)
        services = _services(root) if root else None
        for name, section in services.children.items() if services else ():
            given, merged = section.children.get(SETTING), _setting(level.after, name)
            if name == DEFAULT or given is None or given.assign != IN or merged is None:
                continue
            if merged.value == IN and merged.origins[-1].fragment is given:
                giver = above.origins[-1].fragment
                place = giver.operator_place(ASSIGN)
                message = (
                    f"'{section.name}' opts in, though {at(giver, place)} opts out by default: a service's own "
                    f"section overrides 'default'. Remove it, or write 'optOut'."
                )
                locks = tuple(
                    Related(lock.operator_place(None), "a lock that does not cover it") for lock in above.controls
                )
                yield Fault(given.operator_place(ASSIGN), message, (Related(place, "opts out by default"), *locks))


def _services(root: Fragment) -> Fragment | None:
    return root.children.get(SERVICES)


def _setting(state: State, service: str) -> State | None:
    """The merged opt-out of a service, or of the default."""
    found: State | None = state
    for name in (SERVICES, service, SETTING):
        found = found.children.get(name) if found else None
    return found
