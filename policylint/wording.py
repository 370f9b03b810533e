"""Words and numbers in sentences: counts with their nouns, lists, and the known name that somebody meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

FEW = 25  # names that it takes no time to compare with, as those of fields and operators
MOST_COMPARISONS = 15_000  # with longer lists in one run: who has misspelt thousands of names gets hints for the first
_left = MOST_COMPARISONS


# ---- numbers and lists -------------------------------------------------------------------------------------


def plural(number: int, one: str, many: str = "") -> str:
    """The form of a word that goes with a number: account or accounts, is or are."""
    return one if number == 1 else many or one + "s"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 account, 2 accounts, 50,000 accounts."""
    return f"{number:,} {plural(number, one, many)}"


def listed(texts: Sequence[str]) -> str:
    """The texts as a list in a sentence: a, b and c."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def some_of(texts: Sequence[str], most: int, between: str = ", ") -> str:
    """The first texts, and how many there are besides: a, b and 3 more."""
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return between.join(texts[:most]) + more


def capital(text: str) -> str:
    """The text as a sentence begins; the rest of it stays as it is."""
    return text[:1].upper() + text[1:]


# ---- names that are nearly known ---------------------------------------------------------------------------


def start() -> None:
    """Begin a run, which gets all its hints again."""
    global _left
    _left = MOST_COMPARISONS


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """The known name that is most like the given one; empty where none is. `likeness` is from 0 to 1, the same."""
    from difflib import get_close_matches  # slow to load, and few runs need it

    names = known if isinstance(known, Collection) else list(known)
    if not _may_compare(len(names)):
        return ""
    return next(iter(get_close_matches(name, sorted(names), 1, likeness)), "")


def nearest_part(name: str, known: Collection[str], mark: str, likeness: float = 0.6) -> str:
    """The same for names of two parts: where the first part of the name is known, only the second is compared.

    Two names are not alike because they share what is before the `mark`: a folder, a service.
    """
    if not _may_compare(len(known)):
        return ""
    first, _, second = name.partition(mark)
    beside = {one.partition(mark)[2]: one for one in known if one.partition(mark)[0] == first}
    if not beside:
        return nearest(name, known, likeness)
    return beside.get(nearest(second, beside, likeness), "")


def _may_compare(number: int) -> bool:
    global _left
    if number <= FEW:
        return True
    _left -= number
    return _left >= 0


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint at the nearest known name, or the other hint where none is near."""
    near = nearest(name, known)
    return f"Did you mean '{near}'?" if near else otherwise


def hinted(sentence: str, name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A sentence about an unknown name, with the hint behind it where there is one."""
    return f"{sentence} {did_you_mean(name, known, otherwise)}".rstrip()
