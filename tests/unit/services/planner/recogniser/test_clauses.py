"""The clause with the request, and the ones that are dropped."""

import pytest

from services.planner.recogniser.clauses import LONGEST, asking_clauses


@pytest.mark.parametrize(
    ("text", "request_of_it"),
    [
        ("We move next week, so how many feet are 3 meters?", "how many feet are 3 meters?"),
        ("I ran 11 miles, how many km is that?", "how many km is 11 miles?"),
        ("ran 11 miles today how many km is that", "how many km is 11 miles"),
        ("Ich bin 1,85 m groß, wie viel ist das in Fuß?", "wie viel ist 1,85 m in Fuß?"),
        ("my cat is 6.5 kg, what is she in pounds?", "what is 6.5 kg in pounds?"),
    ],
)
def test_a_clause_that_asks_is_found(text: str, request_of_it: str) -> None:
    assert request_of_it in tuple(asking_clauses(text))


@pytest.mark.parametrize(
    "text",
    [
        "Do not compute, what is the gcd of 12 and 18?",
        "If you were a pirate, what is the gcd of 12 and 18?",
        'He said "stop", what is the gcd of 12 and 18?',
        "Explain it, what is the gcd of 12 and 18?",
    ],
)
def test_a_clause_that_changes_the_request_is_never_left_out(text: str) -> None:
    assert tuple(asking_clauses(text)) == (text,)


def test_of_two_values_none_takes_the_place_of_that() -> None:
    assert tuple(asking_clauses("I ran 5 miles and 3 km, how much is that in m?"))[1:] == ()


def test_a_reason_behind_the_request_is_left_out() -> None:
    assert next(asking_clauses("what is 5 km in miles? I am planning a trip")) == "what is 5 km in miles"


def test_a_long_text_has_no_clauses() -> None:
    assert tuple(asking_clauses("a" * (LONGEST + 1))) == ()
