"""Everyday words become usual ones, except within quotes."""

import pytest

from services.planner.recogniser.colloquial import in_plain_words


@pytest.mark.parametrize(
    ("spoken", "plain"),
    [
        ("waht is 5 km in miles", "what is 5 km in miles"),
        ("wieviel gibt's denn", "wie viel gibt es"),
        ("rechne mal 5 km in m um", "rechne 5 km in m um"),
        ("5 mal 3", "5 mal 3"),
        ("um 9 Uhr in Berlin", "um 9:00 in Berlin"),
        ("um 9 Uhr 30 in Berlin", "um 9:30 in Berlin"),
        ("2025-03-01T09:30 in Berlin", "2025-03-01 09:30 in Berlin"),
        ("noon in London", "12:00 in London"),
        ("5 ft 11 in in cm", "5 ft + 11 in in cm"),
        ("3 hours 20 minutes in minutes", "3 hours + 20 minutes in minutes"),
        ("what percent of 72 is 18", "18 as a percentage of 72"),
        ("wie viel Prozent von 72 sind 18", "18 as a percentage of 72"),
        ("what is the gcd of 12 and 18", "what is the gcd of 12 and 18"),
    ],
)
def test_everyday_words_become_usual_ones(spoken: str, plain: str) -> None:
    assert in_plain_words(spoken) == plain


@pytest.mark.parametrize("quoted", ['"waht is"', "`waht is`", "„waht is“", "'waht is'", '{"waht": "is"}'])
def test_what_is_quoted_stays(quoted: str) -> None:
    assert in_plain_words(f"md5 of {quoted}") == f"md5 of {quoted}"
