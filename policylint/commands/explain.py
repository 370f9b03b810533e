"""`policylint explain`: where a value of an effective policy comes from."""

from __future__ import annotations

import argparse

from policylint.commands.shared import CLEAN, Trouble, find_account, find_policy_type, read_organization
from policylint.explain import NothingThere, explain
from policylint.report import printable


def run(options: argparse.Namespace) -> int:
    """Tell the story of one value."""
    organization = read_organization(options.path)
    account = find_account(organization, options.account)
    kind = find_policy_type(options.type)
    try:
        for line in explain(organization, account, kind, options.pointer, container_locks=options.container_locks):
            print(printable(line))
    except NothingThere as error:
        beside = f" Known there: {', '.join(error.nearest)}." if error.nearest else ""
        raise Trouble(f"No policy on the way to '{options.account}' mentions {options.pointer}.{beside}") from None
    return CLEAN
