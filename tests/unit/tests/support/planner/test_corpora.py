"""The corpora are as large and as varied as promised."""

from collections import Counter

from tests.support.planner.corpora import positives
from tests.support.planner.corpus_negative import HANDWRITTEN, NEGATIVES

GERMAN = (
    "ü",
    "ä",
    "ö",
    "ß",
    "ist ",
    "sind ",
    "welche",
    "wie ",
    "was ",
    "berechne",
    "prüfe",
    " von ",
    " um",
    "nenne",
    "wende",
    "vereinfache",
)


def test_at_least_five_hundred_phrasings_are_fixed_and_none_twice() -> None:
    questions = [question for question, _ in positives()]
    assert len(questions) == len(set(questions)) >= 500


def test_every_tool_is_asked_for_in_both_languages() -> None:
    asked = Counter((call.tool, any(mark in text.lower() for mark in GERMAN)) for text, call in positives())
    tools = {call.tool for _, call in positives()}
    assert [tool for tool in sorted(tools) if not (asked[tool, True] and asked[tool, False])] == []
    assert len(tools) >= 50


def test_at_least_two_thousand_prompts_fit_no_tool_and_many_are_handwritten() -> None:
    assert len(set(NEGATIVES)) >= 2_000
    assert len(set(HANDWRITTEN)) >= 300


def test_no_prompt_is_in_both_corpora() -> None:
    assert not {question for question, _ in positives()} & set(NEGATIVES)
