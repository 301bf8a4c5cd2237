"""Clauses that only tell something, and clauses that restrict a request."""

import pytest

from services.planner.recogniser import recognise
from services.planner.recogniser.restrictions import is_restricted
from services.planner.recogniser.telling import telling_clauses, without_telling


def told(text: str) -> list[str]:
    return [text[clause.start : clause.end].strip(" ,") for clause in telling_clauses(text)]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Unser Flug geht am 8. August 2026, ist das ein Samstag?", ["Unser Flug geht am 8. August 2026"]),
        (
            "We keep the books for a shop. What is 12 times 12? My boss is ill.",
            ["We keep the books for a shop.", "My boss is ill."],
        ),
        ("For my thesis I need the gcd of 12 and 18.", ["For my thesis"]),
        ("The bus left. I need the lcm of 12 and 18. What is it?", ["The bus left.", "What is it?"]),
    ],
)
def test_statements_beside_a_request_only_tell_something(text: str, clauses: list[str]) -> None:
    assert told(text) == clauses


@pytest.mark.parametrize(
    "text",
    [
        "If the bus is late, what is the gcd of 12 and 18?",
        "Your answer should rhyme, what is the gcd of 12 and 18?",
        "Write it down for me, what is the gcd of 12 and 18?",
        "Convert 5 km to miles, the nautical ones please",
        "How many words are in this text: I came home. My dog was ill.",
        "I came home. My dog was ill and we were very sad about it.",
    ],
)
def test_conditions_wishes_and_texts_do_not(text: str) -> None:
    assert told(text) == []


def test_a_clause_that_tells_no_value_is_left_out() -> None:
    text = "We keep the books for a shop. What is 12 times 12? My boss is ill."
    assert without_telling(text) == "What is 12 times 12?"
    assert without_telling("We have 12 books for the shop. What is 12 times 12?").startswith("We have 12 books")


def test_a_clause_with_a_value_may_have_any_words() -> None:
    calls = recognise("A librarian with a cold mumbled 9783161484100 into the phone. Is that ISBN valid?")
    assert calls is not None
    assert calls[0].arguments == {"isbn": "9783161484100"}


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("The dice are loaded. What is the probability of 2 sixes?", "exact_probability"),
        ("The first value is wrong. What is the mean of 3, 4 and 5?", "statistics_calc"),
        ("We meet on 3 May 2026, two days later than planned. What weekday is that?", "day_of_week"),
        ("The shirt costs 40 euros. Is that cheap?", "calculate"),
        ("I have version 1.2.0. Should I take 1.3.0?", "semver_compare"),
    ],
)
def test_a_rule_a_part_a_shift_and_advice_restrict_a_request(text: str, tool: str) -> None:
    assert is_restricted(text, tool)


def test_an_event_does_not_restrict_a_request() -> None:
    assert not is_restricted("The line was terrible. What is the mean of 3, 4 and 5?", "statistics_calc")
