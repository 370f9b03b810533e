"""`policylint explain`: where a value of an effective policy comes from."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from policylint.arguments import add_container_locks, add_reader
from policylint.commands.shared import BROKEN, CLEAN, say, show_line
from policylint.entry_points import Page

if TYPE_CHECKING:
    from policylint.policy_types import Registry
    from policylint.story import Story

PAGE = Page(
    "show where a value of an effective policy comes from",
    "Shows, level by level from the root to the account, which policy set the value, which ones were ignored and why, and who could still change it.",
    (("policylint explain org/ /plans/daily/regions --account payments", "where do its Regions come from?"),),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder with an organization")
    parser.add_argument("pointer", metavar="POINTER", help="such as /plans/daily/regions")
    parser.add_argument("--account", required=True, metavar="ID_OR_NAME", help="the account to explain")
    parser.add_argument("--type", metavar="TYPE", help="policy type (default: the one that POINTER starts in)")
    add_reader(parser)
    add_container_locks(parser)


def run(options: argparse.Namespace) -> int:
    """Print the story of one value. The exit code says whether all files on the way could be read, as that of `effective`."""
    from policylint.asked import Opening
    from policylint.errors import NothingThere
    from policylint.explain import sentences
    from policylint.plugins import load
    from policylint.project import open_organization

    host = load()  # a plugin may bring a policy type
    say(*host.failures)
    opening = Opening(reader=options.reader or "", container_locks=options.container_locks)
    project = open_organization(options.path, opening, host)
    say(*project.notices)
    account = project.account(options.account)
    kind = project.policy_type(options.type or _type_of(options.pointer, host.types))
    try:
        story = project.explain(account, kind, options.pointer)
    except NothingThere as error:
        raise NothingThere(options.account, options.pointer, error.known) from None
    for line in (*sentences(story), *_withheld(story)):
        show_line(line)
    unread = [one for one in project.rejected(account, kind) if one.is_unread]
    say(*(f"{one.location.short}: AWS rejects '{one.policy.name}': {one.sentence}" for one in unread))
    return BROKEN if unread else CLEAN


def _type_of(pointer: str, types: Registry) -> str:
    """The policy type whose top key the pointer starts with; the default one where none has it."""
    from policylint.policy_types import DEFAULT_TYPE

    top = pointer.strip("/").partition("/")[0].lower()
    kind = types.by_top_key(top)
    return kind.folder if kind else DEFAULT_TYPE


def _withheld(story: Story) -> Iterator[str]:
    """That AWS withholds the whole policy, and why."""
    if story.unread:
        yield ""
        yield "Policies that can't be read are not included."
    elif story.errors:
        from policylint.rejected import rejected

        yield ""
        yield (
            "AWS would still withhold the policy:"
            if any(rejected(policy) for step in story.steps for policy, _ in step.policies)
            else "But AWS withholds this policy, and serves the account's last valid one, or none:"
        )
        yield from (f"  at {error.path} {error.message}" for error in story.errors)
