"""`policylint effective`: what DescribeEffectivePolicy would say, for one account or for all."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from policylint.commands.rejections import say_rejected
from policylint.commands.shared import (
    BROKEN,
    CLEAN,
    FOUND,
    Trouble,
    print_all,
    say,
    show_json,
)
from policylint.effective import EffectivePolicy, effective_policies, effective_policy
from policylint.inheritance import resolve
from policylint.naming import find_account, find_merged_type, inherited
from policylint.organization import Account, Organization
from policylint.plugins import load
from policylint.policy_types import DEFAULT_TYPE
from policylint.policy_types.shape import PolicyType
from policylint.printing import json_text, yaml_text
from policylint.rejected import Rejected, RejectedOnPaths
from policylint.subjects import read_organization
from policylint.validity import validation_errors
from policylint.wording import listed


def run(options: argparse.Namespace) -> int:
    """Print effective policies. The exit code says whether all files that they are merged from could be read."""
    host = load()  # a plugin may bring a policy type
    say(*host.failures)
    organization = read_organization(options.path, host, options.reader)
    say(*organization.notes)
    account = find_account(organization, options.account) if options.account else None
    named = find_merged_type(options.type, host.types) if options.type else None
    if options.format == "jsonl":
        enabled = [kind for kind in organization.enabled_policy_types if kind.checked]
        kinds = [kind for kind in ([named] if named else enabled) if _is_enabled(organization, kind)]
        return _print_lines(organization, kinds, account, options)
    if account is None:
        raise Trouble("Name an account with --account, or print all of them with --format jsonl.")
    kind = named or _meant(organization, account)
    if not _is_enabled(organization, kind):
        show_json({})
        return FOUND if options.require_valid else CLEAN
    return _print_one(organization, kind, account, options)


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


# ---- one account ---------------------------------------------------------------------------------------------


def _print_one(organization: Organization, kind: PolicyType, account: Account, options: argparse.Namespace) -> int:
    policy = effective_policy(resolve(organization, kind, container_locks=options.container_locks), account)
    rejected = RejectedOnPaths(organization, kind).of(account)
    errors = _errors(policy, rejected)
    say_rejected(rejected)
    if errors:
        say(_withheld(policy, len(errors), known=not rejected))
    content = policy.content()
    if options.format == "json":
        show_json(content)
    else:
        print_all([yaml_text(content)])
    return _exit_code(rejected, options, all_served=_served(policy, rejected) is True)


def _withheld(policy: EffectivePolicy, count: int, *, known: bool) -> str:
    """That AWS does not serve what is shown."""
    first = validation_errors(policy)[0]
    more = f" (and {count - 1} more)" if count > 1 else ""
    reason = f"because at '{first.path}' {first.message}{more}"
    if not known:
        return f"AWS would still withhold this {policy.type.title}, {reason}."
    return (
        f"This {policy.type.title} is NOT in effect: AWS withholds it, {reason}. "
        "AWS serves the account's last valid policy instead, or none. What is shown is the merged document."
    )


def _errors(policy: EffectivePolicy, rejected: Sequence[Rejected]) -> list[dict[str, object]]:
    """AWS's validation errors; none where a file could not be read, so that what it gives is not known."""
    if any(one.is_unread for one in rejected):
        return []
    return [
        {
            "ErrorCode": error.code,
            "ErrorMessage": error.message,
            "PathToError": error.path,
            "ContributingPolicies": [contributing.name for contributing in error.policies],
        }
        for error in validation_errors(policy)
    ]


def _served(policy: EffectivePolicy, rejected: Sequence[Rejected]) -> bool | None:
    """Whether AWS serves what is shown: true, false where it withholds it, None where that is not known."""
    return None if rejected else not validation_errors(policy)


def _exit_code(rejected: Sequence[Rejected], options: argparse.Namespace, *, all_served: bool) -> int:
    if any(one.is_unread for one in rejected):
        return BROKEN
    return FOUND if options.require_valid and not all_served else CLEAN


# ---- a line for each account and type ------------------------------------------------------------------------


def _print_lines(
    organization: Organization, kinds: list[PolicyType], only: Account | None, options: argparse.Namespace
) -> int:
    told: list[Rejected] = []
    counts = {True: 0, False: 0, None: 0}
    for kind in kinds:
        paths = RejectedOnPaths(organization, kind)
        told += paths.among([only] if only else None)
        inheritance = resolve(organization, kind, container_locks=options.container_locks)
        policies = [effective_policy(inheritance, only)] if only else effective_policies(inheritance)
        print_all(_lines(policies, only, paths, counts))
    say_rejected(told)
    if counts[False]:
        say(
            f"AWS withholds {counts[False]:,} of these policies ('served' is false), and serves the account's last "
            f"valid "
            "policy instead, or none."
        )
    return _exit_code(told, options, all_served=bool(kinds) and not counts[False] and not counts[None])


def _lines(
    policies: list[EffectivePolicy], only: Account | None, paths: RejectedOnPaths, counts: dict[bool | None, int]
) -> Iterator[str]:
    for policy in policies:
        rests: dict[tuple[Rejected, ...], str] = {}
        for account in [only] if only else policy.accounts:
            rejected = paths.of(account)
            if rejected not in rests:
                rests[rejected] = _rest_of_line(policy, rejected)
            counts[_served(policy, rejected)] += 1
            head = {"id": account.id, "name": account.name, "path": account.path}
            yield f'{{"account": {json_text(head)}, {rests[rejected]}}}\n'


def _rest_of_line(policy: EffectivePolicy, rejected: Sequence[Rejected]) -> str:
    """What all accounts of an effective policy with the same rejected documents share."""
    errors = _errors(policy, rejected)
    line = {
        "policy_type": policy.type.enum,
        "effective_policy": policy.content(),
        "valid": None if any(one.is_unread for one in rejected) else not errors,
        "errors": errors,
        "rejected": [
            {"policy": one.policy.name, "path": one.location.path, "line": one.location.line, "message": one.sentence}
            for one in rejected
        ],
        "served": _served(policy, rejected),
    }
    return json_text(line)[1:-1]
