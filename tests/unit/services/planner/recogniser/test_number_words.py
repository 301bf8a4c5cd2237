"""Number words become digits; words that only look like one stay."""

import pytest

from services.planner.recogniser.number_words import with_digits


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("five miles", "5 miles"),
        ("two and a half cups", "2.5 cups"),
        ("half a mile", "0.5 mile"),
        ("three quarters", "3/4"),
        ("one hundred and twenty-five", "125"),
        ("two thousand twenty-six", "2026"),
        ("gcd of twelve and eighteen", "gcd of 12 and 18"),
        ("zwölf", "12"),
        ("einundzwanzig", "21"),
        ("zweihundertfünfzig kg", "250 kg"),
        ("anderthalb stunden", "1.5 stunden"),
        ("eins komma fünf", "1.5"),
    ],
)
def test_number_words_become_digits(spoken: str, written: str) -> None:
    assert with_digits(spoken) == written


@pytest.mark.parametrize("text", ["no one", "eine frage", "second derivative of x", "a dozen eggs", "12 km"])
def test_other_words_stay(text: str) -> None:
    assert with_digits(text) == text
