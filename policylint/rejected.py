"""The documents that AWS rejects, and whom they keep from a known policy.

A document that AWS rejects leaves two states, which are named with the same words everywhere. *With the safe fixes
applied* is what policylint shows and checks. *What AWS serves* is not known: AWS may hold an older version of the document.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from policylint.document import Document
from policylint.findings import Fault, Place, Related
from policylint.organization import Account, Organization, Policy, Target
from policylint.places import Location, locate
from policylint.policy_types.shape import PolicyType
from policylint.reading import rejections
from policylint.wording import counted


class Rejected(NamedTuple):
    """A policy whose document AWS rejects, and the first of the reasons in the order of its text."""

    policy: Policy
    fault: Fault
    others: int  # how many more reasons there are

    @property
    def location(self) -> Location:
        """The file, line and column of the first reason."""
        return locate(self.fault.place)

    @property
    def sentence(self) -> str:
        """The first reason, and how many more there are."""
        more = f" ({counted(self.others, 'more problem')} in this file.)" if self.others else ""
        return f"{self.fault.message}{more}"

    @property
    def is_unread(self) -> bool:
        """Whether the file holds nothing that could be merged: it is broken, or no object."""
        return not isinstance(self.policy.document.value, dict)


def text_faults(document: Document) -> Iterator[tuple[str, Fault]]:
    """What is wrong with the text of a file, with the rules' ids."""
    for problem in document.problems:
        related = tuple(Related(Place(document, "", "value", span), text) for span, text in problem.related)
        yield problem.rule, Fault(Place(document, "", "value", problem.span), problem.message, related)


def rejected(policy: Policy) -> Rejected | None:
    """Why AWS rejects a policy's document; None where it accepts it, as far as known."""
    faults = [fault for _, fault in text_faults(policy.document)]
    if not faults or isinstance(policy.document.value, dict):
        faults += rejections(policy)
    if not faults:
        return None
    first = min(faults, key=lambda fault: locate(fault.place).position)
    return Rejected(policy, first, len(faults) - 1)


class RejectedOnPaths:
    """For each account the rejected documents of one policy type on its path, from the root downwards."""

    def __init__(self, organization: Organization, kind: PolicyType) -> None:
        attached = list(_attached(organization, kind))
        found = {id(policy): rejected(policy) for _, policy in attached}
        self._spans = [(span, one) for span, policy in attached if (one := found[id(policy)])]
        self._starts = sorted({0, *(index for span, _ in self._spans for index in span)})
        self._known: dict[int, tuple[Rejected, ...]] = {}

    def of(self, account: Account) -> tuple[Rejected, ...]:
        """Those on the path of one account; the same for all accounts between two starts of attachments."""
        start = self._starts[bisect_right(self._starts, account.index) - 1]
        if start not in self._known:
            inside = (one for (first, end), one in self._spans if first <= start < end)
            self._known[start] = tuple(dict.fromkeys(inside))
        return self._known[start]

    def among(self, accounts: Iterable[Account] | None = None) -> list[Rejected]:
        """Those on the path of any of the accounts, or of all where none are given, in the order of the tree."""
        if accounts is None:
            return list(dict.fromkeys(one for _, one in self._spans))
        return list(dict.fromkeys(one for account in accounts for one in self.of(account)))


def _attached(organization: Organization, kind: PolicyType) -> Iterator[tuple[tuple[int, int], Policy]]:
    """The policies of a type, each with the accounts that it is for, in the order of the tree."""
    for unit in organization.root.walk():
        targets: list[Target] = [unit, *(account for account in unit.accounts if account.policies)]
        for target in targets:
            yield from ((target.account_range, policy) for policy in target.policies if policy.type is kind)
