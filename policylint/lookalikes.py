"""Names in which letters of another script pass for Latin ones, or of which a part can't be seen.

Source of the scripts: Unicode Technical Standard 39, mixed-script confusables.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from policylint.findings import Fault
from policylint.organization import Organization
from policylint.places import Place
from policylint.printing import INVISIBLE

# Scripts with letters that most fonts draw as Latin ones. Words of Chinese or Arabic next to Latin ones mislead nobody.
ALIKE = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")
LATIN = re.compile("[A-Za-z]")


def look_alike_letters(organization: Organization) -> Iterator[Fault]:
    """The names of units, accounts and policies that may be read as others."""
    for unit in organization.root.walk():
        if message := misread(unit.name):
            yield Fault(organization.place_of(unit, "name"), message, account_ranges=(unit.account_range,))
        for account in unit.accounts:
            if not account.name.isascii() and (message := misread(account.name)):
                yield Fault(organization.place_of(account, "name"), message, account_ranges=(account.account_range,))
    for policy in organization.policies.values():
        if message := misread(policy.name):
            yield Fault(Place(policy.document), message)


def misread(name: str) -> str:
    """Why a name may be taken for another, as a sentence or two; empty where it may not."""
    if name.isascii():
        return ""
    for before, character in pairwise(f" {name}"):
        if unicodedata.category(character) == "Cf" or (
            INVISIBLE.match(character) and not _is_variant(before, character)
        ):
            return f"'{name}' has the invisible {_called(character)}. Remove it."
    for word in re.findall(r"\w+", name):
        other = next((character for character in word if _script(character) in ALIKE), "")
        if other and LATIN.search(word):
            return f"'{name}' has the {_called(other)} among Latin letters, and looks like one of them. Use one script."
    return ""


def _is_variant(before: str, character: str) -> bool:
    """Whether a variation selector does what it is for: it picks the shape of a symbol, of an ideograph or the like."""
    selects = unicodedata.name(character, "").startswith(("VARIATION SELECTOR", "MONGOLIAN FREE VARIATION"))
    return selects and unicodedata.category(before) in ("So", "Lo") and not INVISIBLE.match(before)


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


def _called(character: str) -> str:
    return f"{unicodedata.name(character, 'character').lower()} (U+{ord(character):04X})"
