"""Effective policies as `policylint effective` prints them, and what it says next to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policylint.commands.rejections import say_rejected
from policylint.commands.shared import BROKEN, CLEAN, FOUND, print_all, say, show_json
from policylint.effective import EffectivePolicy
from policylint.organization import Account
from policylint.policy_types.shape import PolicyType
from policylint.printing import json_text, yaml_text
from policylint.project import Project
from policylint.rejected import Rejected, RejectedOnPaths
from policylint.validity import validation_errors

# ---- one account ---------------------------------------------------------------------------------------------


def print_one(project: Project, kind: PolicyType, account: Account, form: str, *, require_valid: bool) -> int:
    """Print the effective policy of one account, as JSON or as YAML, and give the exit code."""
    policy = project.effective(account, kind)
    rejected = project.rejected(account, kind)
    errors = _errors(policy, rejected)
    say_rejected(rejected)
    if errors:
        say(_withheld(policy, len(errors), known=not rejected))
    content = policy.content()
    if form == "json":
        show_json(content)
    else:
        print_all([yaml_text(content)])
    return _exit_code(rejected, all_served=_served(policy, rejected) is True, required=require_valid)


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


def _exit_code(rejected: Sequence[Rejected], *, all_served: bool, required: bool) -> int:
    if any(one.is_unread for one in rejected):
        return BROKEN
    return FOUND if required and not all_served else CLEAN


# ---- a line for each account and type ------------------------------------------------------------------------


def print_lines(project: Project, kinds: list[PolicyType], only: Account | None, *, require_valid: bool) -> int:
    """Print a line for each account and type, and give the exit code."""
    told: list[Rejected] = []
    counts = {True: 0, False: 0, None: 0}
    for kind in kinds:
        paths = project.rejected_on_paths(kind)
        told += paths.among([only] if only else None)
        policies = [project.effective(only, kind)] if only else project.effective_policies(kind)
        print_all(_lines(policies, only, paths, counts))
    say_rejected(told)
    if counts[False]:
        say(
            f"AWS withholds {counts[False]:,} of these policies ('served' is false), and serves the account's last "
            f"valid "
            "policy instead, or none."
        )
    return _exit_code(told, all_served=bool(kinds) and not counts[False] and not counts[None], required=require_valid)


def _lines(
    policies: Sequence[EffectivePolicy], only: Account | None, paths: RejectedOnPaths, counts: dict[bool | None, int]
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
