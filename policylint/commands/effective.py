"""`policylint effective`: what DescribeEffectivePolicy would say, for one account or for all."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from policylint.arguments import add_container_locks, add_reader
from policylint.commands.shared import CLEAN, FOUND, Trouble, say, show_json
from policylint.entry_points import STOPPED, Page
from policylint.wording import listed

if TYPE_CHECKING:
    from policylint.organization import Account, Organization
    from policylint.policy_types.shape import PolicyType

PAGE = Page(
    "print effective policies",
    "Prints what AWS would return from DescribeEffectivePolicy: for one account, or a line for each account and "
    "policy type, with the errors of AWS's own validation. Where AWS rejects a document on the path, it shows the "
    "merge "
    "with the safe fixes applied, as it is after check --fix, and names the document.",
    (
        ("policylint effective org/ --account payments", "one account's backup policy"),
        ("policylint effective org/ --account 222222222222 --type tag --format yaml", "its tag policy, as YAML"),
        ("policylint effective org/ --format jsonl", "every account and type"),
        ("policylint effective org/ --format jsonl --require-valid", "fail unless AWS serves each of them"),
    ),
    f"0 done; 1 with --require-valid: AWS does not serve what is shown, or it is not known; 2 wrong usage or "
    f"unreadable "
    f"input; {STOPPED}",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder with an organization")
    parser.add_argument("--account", metavar="ID_OR_NAME", help="one account; without it use --format jsonl")
    parser.add_argument(
        "--type",
        metavar="TYPE",
        help="policy type (default: backup, or the only one that is enabled; with jsonl every type that is enabled)",
    )
    parser.add_argument("--format", choices=("json", "yaml", "jsonl"), default="json", help="default: json")
    parser.add_argument(
        "--require-valid",
        action="store_true",
        help="exit with 1 unless AWS serves each requested policy: none is withheld, no document rejected",
    )
    add_reader(parser)
    add_container_locks(parser)


def run(options: argparse.Namespace) -> int:
    """Print effective policies. The exit code says whether all files that they are merged from could be read."""
    from policylint.asked import Opening
    from policylint.commands.effective_lines import print_lines, print_one
    from policylint.plugins import load
    from policylint.project import open_organization

    host = load()  # a plugin may bring a policy type
    say(*host.failures)
    opening = Opening(reader=options.reader or "", container_locks=options.container_locks)
    project = open_organization(options.path, opening, host)
    say(*project.notices)
    organization = project.organization
    account = project.account(options.account) if options.account else None
    named = project.policy_type(options.type) if options.type else None
    if options.format == "jsonl":
        enabled = [kind for kind in organization.enabled_policy_types if kind.checked]
        kinds = [kind for kind in ([named] if named else enabled) if _is_enabled(organization, kind)]
        return print_lines(project, kinds, account, require_valid=options.require_valid)
    if account is None:
        raise Trouble("Name an account with --account, or print all of them with --format jsonl.")
    kind = named or _meant(organization, account)
    if not _is_enabled(organization, kind):
        show_json({})
        return FOUND if options.require_valid else CLEAN
    return print_one(project, kind, account, options.format, require_valid=options.require_valid)


def _is_enabled(organization: Organization, kind: PolicyType) -> bool:
    if kind not in organization.enabled_policy_types:
        say(
            f"The policy type '{kind.folder}' is not enabled in this organization, so AWS has no effective "
            f"{kind.title}."
        )
        return False
    return True


def _meant(organization: Organization, account: Account) -> PolicyType:
    """The type that is asked for where none is named: backup, or the only one; else the user has to say."""
    from policylint.naming import inherited
    from policylint.policy_types import DEFAULT_TYPE

    enabled = {kind.enum: kind for kind in organization.enabled_policy_types if kind.checked}
    if not enabled:
        raise Trouble("No policy type that merges is enabled in this organization, so there is no effective policy.")
    if len(enabled) == 1:
        return next(iter(enabled.values()))
    used = [kind for kind in enabled.values() if inherited(organization, kind, account)]
    default = enabled.get(DEFAULT_TYPE)
    if default and (default in used or not used):
        return default
    names = listed([f"'{kind.folder}'" for kind in (used if default else enabled.values())])
    if default:
        name = account.name or account.id
        raise Trouble(f"'{name}' has no {default.title}, but policies of other types. Name one with --type: {names}.")
    raise Trouble(f"Several policy types are enabled. Name one with --type: {names}.")
