"""`policylint effective`: what DescribeEffectivePolicy would say, for one account or for all."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from policylint.commands.shared import (
    BROKEN,
    CLEAN,
    Trouble,
    find_account,
    find_merged_type,
    find_policy_type,
    inherited,
    is_unread,
    print_all,
    read_organization,
    say,
    show_json,
)
from policylint.effective import EffectivePolicy, effective_policies, effective_policy
from policylint.inheritance import ContainerLocks, resolve
from policylint.organization import Account, Organization, Policy
from policylint.policy_types.shape import PolicyType
from policylint.printing import json_text, yaml_text
from policylint.validity import validation_errors


def run(options: argparse.Namespace) -> int:
    """Print effective policies. The exit code tells whether all files that they are merged from could be read."""
    organization = read_organization(options.path)
    account = find_account(organization, options.account) if options.account else None
    kinds = [find_merged_type(options.type)] if options.type else []
    if options.format == "jsonl":
        kinds = [kind for kind in kinds or organization.enabled_policy_types if _is_enabled(organization, kind)]
        print_all(_lines(organization, kinds, account, options.container_locks))
        unread = [policy for policy in organization.policies.values() if is_unread(policy) and policy.type in kinds]
        say(
            *(
                f"{policy.document.path}: holds nothing that could be merged, so what it gives is not in the lines."
                for policy in unread
            )
        )
        return BROKEN if unread else CLEAN
    if account is None:
        raise Trouble("Name an account with --account, or ask for all of them with --format jsonl.")
    kind = kinds[0] if kinds else find_policy_type("backup")
    if not _is_enabled(organization, kind):
        show_json({})
        return CLEAN
    return _print_one(organization, kind, account, options)


def _is_enabled(organization: Organization, kind: PolicyType) -> bool:
    if kind not in organization.enabled_policy_types:
        say(
            f"The policy type '{kind.folder}' is not enabled in this organization, so AWS has no effective {kind.title}."
        )
        return False
    return True


def _print_one(organization: Organization, kind: PolicyType, account: Account, options: argparse.Namespace) -> int:
    policy = effective_policy(resolve(organization, kind, container_locks=options.container_locks), account)
    attached = inherited(organization, kind, account)
    unread = [one for one in attached if is_unread(one)]
    say(
        *(
            f"{one.document.path}: holds nothing that could be merged, so what it gives is left out here."
            for one in unread
        )
    )
    say(
        *(
            f"AWS refuses {one.document.path} as it stands; this is what holds once it is mended."
            for one in _refused([one for one in attached if one not in unread])
        )
    )
    if not unread and (errors := validation_errors(policy)):
        others = f", and {len(errors) - 1} more," if len(errors) > 1 else ""
        say(
            f"AWS withholds this policy, because at {errors[0].path} {errors[0].message}{others} and leaves the account on "
            "its last valid one. This is what is merged."
        )
    content = policy.content()
    if options.format == "json":
        show_json(content)
    else:
        print_all([yaml_text(content)])
    return BROKEN if unread else CLEAN


def _refused(policies: list[Policy]) -> Iterator[Policy]:
    from policylint.admission import inspection
    from policylint.findings import Outcome
    from policylint.plugins import load

    found = {policy: inspection(policy) for policy in policies}
    rules = load().rules if any(found.values()) else {}
    for policy, faults in found.items():
        if any(rules[rule].card.outcome is Outcome.REJECTED for rule in faults if rule in rules):
            yield policy


def _lines(
    organization: Organization, kinds: list[PolicyType], only: Account | None, container_locks: ContainerLocks
) -> Iterator[str]:
    for kind in kinds:
        inheritance = resolve(organization, kind, container_locks=container_locks)
        unread = any(map(is_unread, (policy for policy in organization.policies.values() if policy.type is kind)))
        for policy in [effective_policy(inheritance, only)] if only else effective_policies(inheritance):
            known, unknown = _rest_of_line(policy), _rest_of_line(policy, known=False) if unread else ""
            for account in [only] if only else policy.accounts:
                lacking = unread and any(map(is_unread, inherited(organization, kind, account)))
                rest = unknown if lacking else known
                head = {"id": account.id, "name": account.name, "path": account.path}
                yield f'{{"account": {json_text(head)}, {rest}}}\n'


def _rest_of_line(policy: EffectivePolicy, *, known: bool = True) -> str:
    """What all accounts of an effective policy share. Unknown is whether AWS takes it when a part of it can't be read."""
    errors = [
        {
            "ErrorCode": error.code,
            "ErrorMessage": error.message,
            "PathToError": error.path,
            "ContributingPolicies": [contributing.name for contributing in error.policies],
        }
        for error in (validation_errors(policy) if known else ())
    ]
    line = {
        "policy_type": policy.type.enum,
        "effective_policy": policy.content(),
        "valid": not errors if known else None,
        "errors": errors,
    }
    return json_text(line)[1:-1]
