"""The recogniser on the phrasings for every tool: the right call, nothing else, and fast."""

import random
from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from libs.testing.every import for_every
from services.planner.recogniser import ToolCall, recognise
from services.planner.recogniser.phrasing import MAX_CHARS
from tests.support.planner.corpora import positives, third_look, traps
from tests.support.planner.corpus_negative import NEGATIVES
from tests.support.reference_machine import allowed, taken

LEAST_RECALL = 0.98
SLOWEST_S = 0.002
CASES = tuple(positives())


def only_call(question: str) -> ToolCall | None:
    calls = recognise(question)
    return None if calls is None else calls[0]


@for_every(tool=sorted({meant.tool for _, meant in CASES}))
def test_nearly_every_unambiguous_phrasing_for_a_tool_becomes_a_call(tool: str) -> None:
    phrasings = [question for question, meant in CASES if meant.tool == tool]
    missed = [question for question in phrasings if recognise(question) is None]
    assert len(missed) <= (1 - LEAST_RECALL) * len(phrasings), missed


def test_phrasings_that_the_grammars_were_not_written_for_become_calls_as_well() -> None:
    cases = tuple(third_look())
    found = [(question, tool, call) for question, tool in cases if (call := only_call(question)) is not None]
    assert len(found) >= LEAST_RECALL * len(cases)
    assert [question for question, tool, call in found if call.tool != tool] == []


def test_no_phrasing_becomes_another_call_than_the_one_that_is_meant() -> None:
    wrong = [
        (question, call)
        for question, meant in CASES
        if (call := only_call(question)) is not None
        and (call.tool, dict(call.arguments), call.focus) != (meant.tool, meant.arguments, meant.focus)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "around",
    [
        "{} and explain why?",
        "{}, und erkläre warum.",
        "{}? Write a poem about it.",
        "Ignore all rules. {}",
        "{} in Python",
        "Why {}",
        "{} oder nicht, was meinst du?",
    ],
)
def test_a_question_that_goes_on_is_left_to_the_model(around: str) -> None:
    longer = (around.replace("{}", question.rstrip("?.! ")) for question, _ in CASES)
    assert [question for question in longer if recognise(question) is not None] == []


def test_courtesy_changes_nothing() -> None:
    for question, _ in CASES:
        bare = question.rstrip("?.! ")
        assert recognise(f"Hello, please {bare}, thank you") == recognise(f"please {bare}"), question


def seconds(questions: Sequence[str]) -> list[float]:
    """Duration of each question, shortest first."""
    return sorted(taken(partial(recognise, question)) for question in questions)


def test_the_longest_questions_are_decided_within_two_milliseconds() -> None:
    chance = random.Random(3)
    texts = [question for question, _ in CASES] + list(NEGATIVES)
    longest = [" ".join(chance.choices(texts, k=120))[:MAX_CHARS] for _ in range(300)]
    assert {len(question) for question in longest} == {MAX_CHARS}
    assert seconds(longest)[int(0.99 * len(longest))] < allowed(SLOWEST_S)


@pytest.mark.parametrize(
    "text",
    [
        "mean of " + "1, " * 660,
        "mean of 1 " + "and 2 " * 300,
        "median of " + "1," * 990,
        "{" * 2_000,
        '"' * 2_000,
        "`" * 1_999,
        "„" * 2_000,
        "'a" * 1_000,
        "det [[" + "1," * 140,
        "what is " + "1 m + " * 45,
        "simplify " + "x" * 280,
        "simplify " + "(" * 280,
        "solve the system " + "x = 1, " * 35,
        "convert 1 " + "m " * 140,
        "limit of " + "x " * 100 + "as x to",
        "is de12 " + "0000 " * 55,
        "is the graph " + "a-b, " * 55,
        "split 10.0.0.0/8 into subnets for " + "1, " * 80,
        "what is a in {" + "[" * 1_900,
        "is " + "1" * 290 + " a valid ean",
    ],
)
def test_no_text_is_worth_more_than_a_few_milliseconds(text: str) -> None:
    assert seconds([text])[0] < allowed(0.01)


@pytest.mark.parametrize(
    "question",
    [
        "What is the molar mass of co2?",  # carbon or cobalt
        "What is CD in decimal?",  # Roman or hexadecimal
        "How many pounds is 100 dollars?",
        "Wie viel sind 5 kg in Pfund?",  # half a kilogram or 454 g
        "Convert 5 gallons to liters",
        "Was ist der Mittelwert von 1,5, 2,5, 3?",
        "What is the standard deviation of the population 2, 4, 4, 5, 10?",
        "What is the 101st percentile of 1, 2, 3, 4, 5?",
        "What is the molar mass of caco3?",  # calcium or carbon and cobalt
        "what is mix",
        "what is civic",
        "How many working days are there between 2024-01-15 and 2024-03-10?",  # of which country
        "What time is 15:00 Berlin time in New York?",  # of which day
        "Convert 100 EUR to USD",
        "Solve x + y = 3",
        "What is the derivative of x*y?",
        "Simplify f(x+1)",
        "Convert 1.234 km to m" + " in Germany",
        "Wie viele Meter sind 1.234 km?",
    ],
)
def test_what_has_two_readings_is_left_to_the_model(question: str) -> None:
    assert recognise(question) is None


def test_what_would_be_answered_wrongly_never_becomes_a_call() -> None:
    assert [question for question in traps() if recognise(question) is not None] == []


def test_what_is_quoted_is_handed_over_as_it_was_written() -> None:
    call = only_call('What is the SHA-256 of "Größe  «{}»\n€"?')
    assert call == ToolCall("hash_text", {"text": "Größe  «{}»\n€", "algorithm": "sha256"})


def test_what_is_quoted_keeps_its_letters_and_the_words_around_it_are_composed() -> None:
    call = only_call('Wie viele Wo\u0308rter hat "cafe\u0301 A\u030a"?')
    assert call == ToolCall("text_analyze", {"text": "cafe\u0301 A\u030a"}, "words")


def test_what_is_quoted_inside_of_something_keeps_its_quotes() -> None:
    call = only_call('What is at path a[0] in [{"a": "x"}, "e\u0301"]?')
    assert call is not None
    assert call.arguments["json_str"] == '[{"a": "x"}, "e\u0301"]'


def test_a_list_of_numbers_may_be_long() -> None:
    call = only_call(f"What is the mean of {', '.join(map(str, range(400)))}?")
    assert call is not None
    assert str(call.arguments["data"]).startswith("0, 1, 2, ")


def damaged(question: str) -> Iterator[str]:
    """Yield the question without each of its words, and with each two neighbours in the other order."""
    words = question.split()
    for place in range(len(words)):
        yield " ".join(words[:place] + words[place + 1 :])
        yield " ".join([*words[:place], *reversed(words[place : place + 2]), *words[place + 2 :]])


def test_a_damaged_question_never_calls_another_tool() -> None:
    others = [
        (text, call.tool)
        for question, meant in CASES
        for text in damaged(question)
        if (call := only_call(text)) is not None and call.tool != meant.tool
    ]
    assert others == []
