"""`policylint explain`: where a value of an effective policy comes from."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from policylint.commands.shared import (
    CLEAN,
    Trouble,
    find_account,
    find_merged_type,
    inherited,
    is_unread,
    read_organization,
    show,
)
from policylint.effective import effective_policy
from policylint.explain import NothingThere, explain
from policylint.inheritance import ContainerLocks, resolve
from policylint.organization import Account, Organization
from policylint.policy_types import by_top_key
from policylint.policy_types.shape import PolicyType
from policylint.validity import validation_errors


def run(options: argparse.Namespace) -> int:
    """Tell the story of one value."""
    organization = read_organization(options.path)
    account = find_account(organization, options.account)
    kind = find_merged_type(options.type or _type_of(options.pointer))
    try:
        for line in explain(organization, account, kind, options.pointer, container_locks=options.container_locks):
            show(line)
        for line in _withheld(organization, account, kind, options.container_locks):
            show(line)
    except NothingThere as error:
        beside = f" Known there: {', '.join(error.nearest)}." if error.nearest else ""
        raise Trouble(f"No policy on the way to '{options.account}' mentions {options.pointer}.{beside}") from None
    return CLEAN


def _type_of(pointer: str) -> str:
    """The policy type whose top key the pointer starts with; that of backup policies where none has it."""
    top = pointer.strip("/").partition("/")[0].lower()
    kind = by_top_key(top)
    return kind.folder if kind else "backup"


def _withheld(
    organization: Organization, account: Account, kind: PolicyType, container_locks: ContainerLocks
) -> Iterator[str]:
    if any(is_unread(policy) for policy in inherited(organization, kind, account)):
        yield ""
        yield "What is in the policies that can't be read is not part of this."
        return
    policy = effective_policy(resolve(organization, kind, container_locks=container_locks), account)
    errors = validation_errors(policy)
    if errors:
        yield ""
        yield "But AWS withholds this policy, and the account stays on its last valid one:"
        yield from (f"  at {error.path} {error.message}" for error in errors)
