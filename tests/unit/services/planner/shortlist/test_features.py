"""Patterns of a question: a pattern that its cues rule out would not have matched."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.planner.shortlist import features


def matched(pattern: re.Pattern[str], words: str) -> None:
    """Check texts that the pattern matches."""

    @settings(deadline=None, max_examples=100)
    @given(st.from_regex(pattern))
    def check(text: str) -> None:
        assert words in features.features_of(text)

    check()


def test_no_text_that_a_pattern_matches_is_ruled_out() -> None:
    for pattern, words, _ in features._FEATURES:
        matched(pattern, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Which hosts has 10.0.0.0/8?", ["cidr subnet network", "calculate"]),
        ("Is it a Monday?", ["weekday"]),
        ("Convert ٣ km", ["unit convert"]),  # a digit in another script
        ("DUAL of nine", ["binary hex base"]),
        ("Who wrote Faust?", []),
    ],
)
def test_what_a_question_holds_names_words_of_the_index(text: str, words: list[str]) -> None:
    assert list(features.features_of(text)) == words
