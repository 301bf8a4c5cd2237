"""Slips inside long keywords are read as the keywords; other words stay."""

import pytest

from services.planner.recogniser.filler import is_filler
from services.planner.recogniser.request_words import CHANGING_WORDS
from services.planner.recogniser.slips import meant_by


@pytest.mark.parametrize(
    ("slip", "word"),
    [("feirtage", "feiertage"), ("convvert", "convert"), ("feburary", "february"), ("prüfzifer", "prüfziffer")],
)
def test_a_letter_left_out_doubled_or_swapped_is_put_right(slip: str, word: str) -> None:
    assert meant_by(slip) == word


@pytest.mark.parametrize("word", ["convert", "covert", "faction", "convent", "numbers", "days", ""])
def test_a_word_stays(word: str) -> None:
    assert meant_by(word) is None


def test_no_word_with_a_meaning_of_its_own_is_taken_for_a_slip() -> None:
    assert [word for word in CHANGING_WORDS if meant_by(word) is not None] == []
    assert not is_filler("feirtage")
