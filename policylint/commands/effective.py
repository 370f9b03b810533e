"""`policylint effective`: what DescribeEffectivePolicy would say, for one account or for all."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from policylint.commands.shared import CLEAN, Trouble, find_account, find_policy_type, read_organization, say
from policylint.effective import EffectivePolicy, effective_policies, effective_policy
from policylint.inheritance import ContainerLocks, resolve
from policylint.organization import Organization
from policylint.validity import validation_errors


def run(options: argparse.Namespace) -> int:
    """Print effective policies."""
    organization = read_organization(options.path)
    if options.format == "jsonl":
        for line in _lines(organization, options.container_locks):
            sys.stdout.write(line)
        return CLEAN
    if not options.account:
        raise Trouble("Name an account with --account, or ask for all of them with --format jsonl.")
    account = find_account(organization, options.account)
    inheritance = resolve(organization, find_policy_type(options.type), container_locks=options.container_locks)
    policy = effective_policy(inheritance, account)
    if errors := validation_errors(policy):
        others = f", and {len(errors) - 1} more," if len(errors) > 1 else ""
        say(
            f"AWS withholds this policy, because at {errors[0].path} {errors[0].message}{others} and leaves the account on "
            "its last valid one. This is what is merged."
        )
    content = policy.content()
    if options.format == "json":
        print(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        from ruamel.yaml import YAML

        yaml = YAML(typ="safe")
        yaml.default_flow_style = False
        yaml.dump(content, sys.stdout)
    return CLEAN


def _lines(organization: Organization, container_locks: ContainerLocks) -> Iterator[str]:
    for kind in organization.enabled_policy_types:
        inheritance = resolve(organization, kind, container_locks=container_locks)
        for policy in effective_policies(inheritance):
            rest = _rest_of_line(policy)
            for account in policy.accounts:
                head = {"id": account.id, "name": account.name, "path": account.path}
                yield f'{{"account": {json.dumps(head, ensure_ascii=False)}, {rest}}}\n'


def _rest_of_line(policy: EffectivePolicy) -> str:
    errors = [
        {
            "ErrorCode": error.code,
            "ErrorMessage": error.message,
            "PathToError": error.path,
            "ContributingPolicies": [contributing.name for contributing in error.policies],
        }
        for error in validation_errors(policy)
    ]
    line = {
        "policy_type": policy.type.enum,
        "effective_policy": policy.content(),
        "valid": not errors,
        "errors": errors,
    }
    return json.dumps(line, ensure_ascii=False)[1:-1]
