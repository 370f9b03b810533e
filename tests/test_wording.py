"""Numbers, lists and hints in sentences."""

from __future__ import annotations

import pytest

from policylint.wording import capital, counted, hinted, listed, plural, some_of


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 accounts"), (1, "1 account"), (2, "2 accounts"), (50_000, "50,000 accounts")]
)
def test_a_noun_goes_with_its_number(number: int, words: str) -> None:
    assert counted(number, "account") == words


def test_a_word_may_have_a_plural_of_its_own() -> None:
    assert [plural(number, "is", "are") for number in (0, 1, 2)] == ["are", "is", "are"]
    assert counted(2, "entry", "entries") == "2 entries"


def test_a_list_ends_with_and() -> None:
    assert [listed(["a", "b", "c"][:number]) for number in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_of_a_long_list_the_rest_is_counted() -> None:
    assert some_of(["a", "b", "c"], 3) == "a, b, c"
    assert some_of(["a", "b", "c"], 2) == "a, b and 1 more"
    assert some_of(["a", "b"], 2, " and ") == "a and b"
    assert some_of(["x"] * 2_000, 1) == "x and 1,999 more"
    assert some_of([], 3) == ""


def test_a_sentence_about_an_unknown_name_gets_a_hint_where_there_is_one() -> None:
    assert hinted("No rule is named 'nane'.", "nane", ["name"]) == "No rule is named 'nane'. Did you mean 'name'?"
    assert hinted("No rule is named 'x'.", "x", ["name"]) == "No rule is named 'x'."
    assert hinted("No rule is named 'x'.", "x", ["name"], "Known are name.") == "No rule is named 'x'. Known are name."


def test_a_sentence_begins_with_a_capital_and_the_rest_stays() -> None:
    assert [capital(text) for text in ("", "a", "backup policies of AWS")] == ["", "A", "Backup policies of AWS"]
