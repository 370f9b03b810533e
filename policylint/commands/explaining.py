"""`policylint explain`: where a value of an effective policy comes from."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from policylint.commands.shared import (
    BROKEN,
    CLEAN,
    Trouble,
    say,
    show_line,
)
from policylint.explain import sentences
from policylint.naming import find_account, find_merged_type
from policylint.plugins import load
from policylint.policy_types import DEFAULT_TYPE, Registry
from policylint.rejected import RejectedOnPaths, rejected
from policylint.story import NothingThere, Story, story_of
from policylint.subjects import read_organization


def run(options: argparse.Namespace) -> int:
    """Print the story of one value. The exit code says whether all files on the way could be read, as that of `effective`."""
    host = load()  # a plugin may bring a policy type
    say(*host.failures)
    organization = read_organization(options.path, host, options.reader)
    say(*organization.notes)
    account = find_account(organization, options.account)
    kind = find_merged_type(options.type or _type_of(options.pointer, host.types), host.types)
    try:
        story = story_of(organization, account, kind, options.pointer, container_locks=options.container_locks)
    except NothingThere as error:
        beside = f" Known there: {', '.join(error.nearest)}." if error.nearest else ""
        raise Trouble(f"No policy on the way to '{options.account}' mentions {options.pointer}.{beside}") from None
    for line in (*sentences(story), *_withheld(story)):
        show_line(line)
    unread = [one for one in RejectedOnPaths(organization, kind).of(account) if one.is_unread]
    say(*(f"{one.location.short}: AWS rejects '{one.policy.name}': {one.sentence}" for one in unread))
    return BROKEN if unread else CLEAN


def _type_of(pointer: str, types: Registry) -> str:
    """The policy type whose top key the pointer starts with; the default one where none has it."""
    top = pointer.strip("/").partition("/")[0].lower()
    kind = types.by_top_key(top)
    return kind.folder if kind else DEFAULT_TYPE


def _withheld(story: Story) -> Iterator[str]:
    """That AWS withholds the whole policy, and why."""
    if story.unread:
        yield ""
        yield "Policies that can't be read are not included."
    elif story.errors:
        yield ""
        yield (
            "AWS would still withhold the policy:"
            if any(rejected(policy) for step in story.steps for policy, _ in step.policies)
            else "But AWS withholds this policy, and serves the account's last valid one, or none:"
        )
        yield from (f"  at {error.path} {error.message}" for error in story.errors)
