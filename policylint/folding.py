"""Sets of accounts as ranges of indexes, and folding them into the units that a person knows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from policylint.findings import AffectedAccounts
from policylint.organization import Organization, OrganizationalUnit

Range = tuple[int, int]


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The ranges sorted, with those that touch made one."""
    result: list[Range] = []
    for start, stop in sorted(set(ranges)):
        if start >= stop:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((start, stop))
    return result


def fold(ranges: Iterable[Range], organization: Organization) -> AffectedAccounts:
    """The accounts in these ranges as the largest units that lie wholly inside, and the rest by id or name."""
    left = merged(ranges)
    units: list[str] = []
    rest: list[int] = []
    for unit, inside in largest_units(left, organization.root):
        if inside == [unit.account_range]:
            units.append(unit.path)
        else:
            rest.extend(index for first, last in inside for index in range(first, last))
    accounts = [organization.accounts[index] for index in rest]
    ids = tuple(account.id or account.name for account in accounts if not account.stand_in)
    return AffectedAccounts(
        organization.count(left), tuple(units), ids, tuple(left), tuple(map(organization.title, accounts))
    )


def largest_units(ranges: list[Range], root: OrganizationalUnit) -> Iterator[tuple[OrganizationalUnit, list[Range]]]:
    """The largest units that lie wholly inside merged ranges, and those that have single accounts there.

    With each come the accounts that it represents: all those below it, or some that are its own.
    """
    waiting = [root] if ranges else []
    while waiting:
        unit = waiting.pop()
        start, stop = unit.account_range
        inside = overlap(ranges, start, stop) if start < stop else []
        if inside == [(start, stop)]:
            yield unit, inside
        elif inside:
            if own := overlap(inside, start, start + len(unit.accounts)):
                yield unit, own
            waiting.extend(reversed(_touched(unit.organizational_units, inside)))


def _touched(units: list[OrganizationalUnit], ranges: list[Range]) -> list[OrganizationalUnit]:
    """The units of one level that have accounts in merged ranges, found without a look at each of the others."""
    found: list[OrganizationalUnit] = []
    after = 0
    for low, high in ranges:
        first = after = bisect_right(units, low, after, key=lambda unit: unit.account_range[1])
        while after < len(units) and units[after].account_range[0] < high:
            after += 1
        found += units[first:after]
    return found


def overlap(ranges: list[Range], start: int, stop: int) -> list[Range]:
    """The part of merged ranges that lies between two indexes."""
    first = max(bisect_right(ranges, start, key=lambda r: r[0]) - 1, 0)
    found: list[Range] = []
    for low, high in ranges[first:]:
        if low >= stop:
            break
        if high > start:
            found.append((max(low, start), min(high, stop)))
    return found


def intersection(ranges: Iterable[Range], others: list[Range]) -> list[Range]:
    """The accounts that are in both; `others` are merged ranges."""
    return [part for start, stop in merged(ranges) for part in overlap(others, start, stop)]


def without(ranges: Iterable[Range], others: list[Range]) -> list[Range]:
    """The accounts of `ranges` that are not in `others`, which are merged ranges."""
    left: list[Range] = []
    for start, stop in merged(ranges):
        for low, high in overlap(others, start, stop):
            left.append((start, low))
            start = high
        left.append((start, stop))
    return [(start, stop) for start, stop in left if start < stop]
