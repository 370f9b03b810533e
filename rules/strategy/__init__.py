"""The second of AWS's two strategies: every backup policy is complete and valid by itself."""

from __future__ import annotations

from collections.abc import Iterator

from policylint import (
    Account,
    Fault,
    Organization,
    OrganizationalUnit,
    Policy,
    ValidationError,
    check,
    effective_policies,
    resolve,
    validation_errors,
)


@check("policy-incomplete-alone")
def policy_incomplete_alone(policy: Policy) -> Iterator[Fault]:
    """What AWS would report for a policy if it were the only one."""
    account = Account("alone", "", "/root/accounts/0", "Root/alone")
    root = OrganizationalUnit("Root", "", "/root", "Root", (policy,), [account])
    alone = Organization(root, {policy.name: policy}, (policy.type,), policy.document)
    alone.number_accounts()
    errors: dict[str, list[ValidationError]] = {}  # by path: a place has one finding, which names all
    for effective in effective_policies(resolve(alone, policy.type)):
        for error in validation_errors(effective):
            errors.setdefault(error.path, []).append(error)
    for path, same in errors.items():
        reasons = [error.reason or f"'{error.field}' is missing" for error in same]
        message = (
            f"By itself this policy is not valid: at '{path}' {'; '.join(reasons)}. This project requires each "
            f"backup policy to be complete and valid alone."
        )
        first = same[0]
        yield Fault(first.view.place() if first.reason else first.view.missing(first.field), message)
