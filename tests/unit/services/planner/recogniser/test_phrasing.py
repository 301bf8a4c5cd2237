"""Phrasings of which no sentence was tried while the rules were written: recall, wrong calls, and false ones."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache, partial

import pytest

from services.planner.recogniser import recognise
from tests.support.planner.phrasing.families import HELD_OUT, TRAINING, Language, Phrasing, held_out, phrasings
from tests.support.planner.phrasing.report import (
    Outcome,
    false_calls,
    first_look,
    handwritten,
    kept,
    lines,
    other_people,
    outcomes,
    recall,
    tried,
    voices,
)
from tests.support.planner.phrasing.without_tool import prompts_without_tool, tried_without_tool
from tests.support.reference_machine import allowed, taken

LEAST_RECALL = 0.9
LEAST_RECALL_OF_A_TOOL = 0.75
LEAST_RECALL_AT_FIRST_LOOK = 0.92  # as measured; half of these questions are for tools of specialists
LEAST_RECALL_OF_OTHER_PEOPLE = 0.79  # as measured; a tenth are long
LEAST_RECALL_OF_KEPT = 0.99
MOST_FIRE = 0.005
LANGUAGES: tuple[Language, ...] = ("en", "de")


@cache
def unseen() -> tuple[Outcome, ...]:
    return outcomes(held_out())


@cache
def by_hand() -> tuple[Outcome, ...]:
    return outcomes(handwritten())


def missed(found: tuple[Outcome, ...]) -> list[str]:
    return [outcome.phrasing.text for outcome in found if not outcome.is_right]


def test_families_are_held_out_as_a_whole() -> None:
    for language in LANGUAGES:
        assert not set(TRAINING[language]) & set(HELD_OUT[language])


def test_at_least_thirty_tools_are_held_out_in_both_languages() -> None:
    tools = Counter((outcome.phrasing.call.tool, outcome.phrasing.language) for outcome in unseen())
    both = {tool for tool, _ in tools if tools[tool, "en"] and tools[tool, "de"]}
    assert len(both) >= 30


def test_phrasings_of_the_training_families_become_calls() -> None:
    assert recall(outcomes(phrasings(TRAINING))) >= 0.98


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrasings_of_held_out_families_become_calls(language: Language) -> None:
    found = tuple(outcome for outcome in unseen() if outcome.phrasing.language == language)
    assert recall(found) >= LEAST_RECALL, missed(found)


def test_no_family_and_no_tool_is_left_behind() -> None:
    for name in ("family", "tool"):
        groups: dict[str, list[Outcome]] = {}
        for outcome in unseen():
            key = outcome.phrasing.family if name == "family" else outcome.phrasing.call.tool
            groups.setdefault(f"{key} {outcome.phrasing.language}", []).append(outcome)
        low = {key: recall(found) for key, found in groups.items() if recall(found) < LEAST_RECALL_OF_A_TOOL}
        assert low == {}


def test_everyday_questions_written_by_hand_become_calls() -> None:
    assert recall(by_hand()) >= LEAST_RECALL, missed(by_hand())


def test_questions_in_many_voices_become_calls() -> None:
    found = outcomes(voices())
    assert len(found) > 600
    assert recall(found) >= LEAST_RECALL, missed(found)
    assert [(outcome.phrasing.text, outcome.call) for outcome in found if outcome.is_wrong] == []


def test_questions_written_without_sight_of_the_rules_become_calls_or_none() -> None:
    found = outcomes(first_look())
    assert recall(found) >= LEAST_RECALL_AT_FIRST_LOOK
    assert [(outcome.phrasing.text, outcome.call) for outcome in found if outcome.is_wrong] == []


def test_questions_that_shaped_the_rules_stay_calls() -> None:
    assert [outcome.phrasing.text for outcome in outcomes(tried()) if not outcome.is_right] == []


@pytest.mark.parametrize(
    ("questions", "least"), [(other_people, LEAST_RECALL_OF_OTHER_PEOPLE), (kept, LEAST_RECALL_OF_KEPT)]
)
def test_new_questions_and_those_that_shaped_the_rules_become_calls_or_none(
    questions: Callable[[], Iterable[Phrasing]], least: float
) -> None:
    found = outcomes(questions())
    assert recall(found) >= least, missed(found)
    assert [(outcome.phrasing.text, outcome.call) for outcome in found if outcome.is_wrong] == []


def test_prompts_that_shaped_the_rules_stay_without_a_call() -> None:
    assert [prompt for prompt in tried_without_tool() if recognise(prompt) is not None] == []


def test_no_phrasing_becomes_another_call_than_the_one_that_is_meant() -> None:
    wrong = [(outcome.phrasing.text, outcome.call) for outcome in (*unseen(), *by_hand()) if outcome.is_wrong]
    assert wrong == []


def test_prompts_without_a_tool_are_left_to_the_model() -> None:
    prompts = tuple(prompts_without_tool())
    assert len(prompts) >= 3_000
    assert len(false_calls()) <= MOST_FIRE * len(prompts), false_calls()


def test_the_report_names_recall_by_family_tool_and_language() -> None:
    report = "\n".join(lines(missed=False))
    assert "| family | English | German | wrong |" in report
    assert "| gcd_lcm |" in report
    assert "## Prompts without a tool: " in report


@pytest.mark.parametrize(
    "question",
    [
        "sha256 of hello world",
        "Roman numeral for 1994",
        "integrate x^2*sin(x) dx",
        "next run of cron 0 3 * * 1-5 after 2026-03-27 12:00",
        "how many r's are in strawberry?",
        "9:00 in Berlin on 2026-03-29 in Tokyo",
    ],
)
def test_what_users_missed_becomes_a_call(question: str) -> None:
    assert recognise(question) is not None


@pytest.mark.parametrize(
    "question",
    [
        "What is -255 in binary?",
        "What are the prime factors of 5! ?",
        "prime factors of 84/2",
        "gcd of 12 and 18 and 30",
        "Is the gcd of 12 and 18 equal to 6?",
        "How many working days are there between 2024-01-15 and 2024-03-10?",
        "I need the 2nd prime factor of 84",
        "Tell me what not to do with the gcd of 12 and 18",
        "average of 1.5 and 2,5",
        "I need the sum of 100,200 and 300",
        "sha256 of the file",
        "sha256 of setup.exe",
        "how many a are in my class",
        "Berlin to London 2026-03-29 9:00",
        "Ich muss wissen, warum der ggT von 12 und 18 6 ist.",
        "I don't need the gcd of 12 and 18.",
        "I am tired. Do not compute the gcd of 12 and 18.",
        "I want no numbers. What is the gcd of 12 and 18?",
    ],
)
def test_what_only_looks_like_a_call_is_left_to_the_model(question: str) -> None:
    assert recognise(question) is None


@pytest.mark.parametrize(
    "text", ["2. Ableitung von x^3", "I need the 2. Ableitung von x^3", "second derivative of x^3"]
)
def test_a_number_in_front_is_an_ordinal_where_no_request_follows(text: str) -> None:
    calls = recognise(text)
    assert calls is None or calls[0].arguments == {"expression": "x^3", "variable": "x", "order": 2}


@pytest.mark.parametrize(
    "piece",
    [
        "I am here. ",
        "for a small ",
        "please ",
        "thanks. ",
        "1, ",
        "gcd ",
        "x + ",
        "(x",
        "how many r ",
        "* 1 ",
        "a.b",
        "- ",
        "no steps ",
        "5 km ",
        "2024-01-15 ",
        "9:00 in Berlin ",
        "1,1",
        "[[1,",
        "sha256 of a ",
    ],
)
def test_no_repetition_is_slow(piece: str) -> None:
    for length in (290, 1_990, 100_000):
        text = (piece * (length // len(piece) + 1))[:length]
        for around in ("{}", "gcd {}", "what is the mean of {} in km, please", "derivative of {}"):
            assert taken(partial(recognise, around.replace("{}", text))) < allowed(0.01), (piece, length, around)
