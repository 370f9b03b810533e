"""What of a finding is beyond what was accepted: accounts that it affects now too, and a value that got worse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from policylint.baseline import Record, value_at
from policylint.findings import Place
from policylint.folding import Range, fold, intersection, merged, without
from policylint.organization import Organization
from policylint.policy_types.shape import INTEGER
from policylint.rules import Rule
from policylint.wording import counted, some_of

SHOWN = 3


class Split(NamedTuple):
    """The accounts for which a finding stays accepted, those for which it is reported, and why that is."""

    accepted: list[Range] | None  # None: nobody, also where it affects no account
    reported: list[Range] | None  # None: nobody
    note: str = ""


class Growth:
    """Holds findings of one organization (None: of files on their own) against what was recorded of them."""

    def __init__(self, organization: Organization | None) -> None:
        self.organization = organization
        self.units: dict[str, Range] = {}
        self.accounts: dict[str, Range] = {}
        if organization:
            self.units = {unit.path: unit.account_range for unit in organization.root.walk()}
            # Where an account is named as another's id, the id is meant.
            self.accounts = {account.name: account.account_range for account in organization.accounts}
            self.accounts.update({account.id: account.account_range for account in organization.accounts if account.id})

    def split(self, record: Record, rule: Rule, place: Place, ranges: list[Range]) -> Split:
        """What of a finding stays accepted."""
        if not record.is_whole:
            return Split(ranges, None)
        value = value_at(place)
        if is_worse(rule, record.value, value):
            was, now = (f"'{text}'" if text is not None else "no value" for text in (record.value, value))
            return Split(None, ranges, f"Suppressed with {was}; now {now}.")
        if self.organization is None:
            return Split(ranges, None)
        known = self.ranges_of(record.organizational_units, record.ids)
        more = without(ranges, known)
        if not more:
            return Split(ranges, None)
        return Split(intersection(ranges, known) or None, more, self._more(known, more))

    def ranges_of(self, organizational_units: Iterable[str], ids: Iterable[str]) -> list[Range]:
        """The accounts of units by their paths, and single ones by id or name; those that are gone are left out."""
        units = (self.units[path] for path in organizational_units if path in self.units)
        accounts = (self.accounts[name] for name in ids if name in self.accounts)
        return merged([*units, *accounts])

    def _more(self, known: list[Range], more: list[Range]) -> str:
        assert self.organization is not None
        accounts = fold(more, self.organization)
        shown = some_of([*accounts.organizational_units, *accounts.ids], SHOWN)
        before = counted(sum(stop - start for start, stop in known), "account")
        return f"Suppressed for {before}; now also affects {accounts.count:,}: {shown}."


def is_worse(rule: Rule, before: str | None, now: str | None) -> bool:
    """Whether a value is worse than the one that was accepted; where the rule doesn't say which is, any other is."""
    if before == now:
        return False
    direction = rule.card.worse
    if direction and before is not None and now is not None and INTEGER.fullmatch(before) and INTEGER.fullmatch(now):
        return int(now) < int(before) if direction == "lower" else int(now) > int(before)
    return True
