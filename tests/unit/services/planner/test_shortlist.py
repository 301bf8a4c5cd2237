"""The shortlist: the tool that a question needs is in it, and little else."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from libs.contracts.tool_catalogue import OfferedTool, Words, catalogue
from services.planner.shortlist import MAX_OFFERED, Shortlist
from tests.support.planner.corpora import HERE, positives
from tests.support.planner.corpus_negative import NEGATIVES
from tests.support.reference_machine import allowed, taken

LEAST_RECALL = 0.98
LEAST_QUESTIONS = 5
TOOLS = catalogue()
NAMES = frozenset(tool.name for tool in TOOLS)
SHORTLIST = Shortlist(TOOLS)


def asked() -> Iterator[tuple[str, str]]:
    """Yield each question with the tool that it needs."""
    tool = ""
    for line in (Path(__file__).parent / "questions.txt").read_text("utf-8").splitlines():
        if line.startswith("= "):
            tool = line.removeprefix("= ")
        elif line:
            yield line, tool


def fitting(question: str) -> list[str]:
    return [tool.name for tool in SHORTLIST.fitting(question, TOOLS)]


QUESTIONS = tuple((question, tool) for question, tool in asked() if tool in NAMES)


def test_every_tool_is_asked_for_at_least_five_times() -> None:
    counts = {name: sum(tool == name for _, tool in QUESTIONS) for name in NAMES}
    assert {name: count for name, count in counts.items() if count < LEAST_QUESTIONS} == {}


def test_the_tool_that_a_question_needs_is_among_those_that_are_offered() -> None:
    missed = [(tool, question) for question, tool in QUESTIONS if tool not in fitting(question)]
    assert len(missed) <= (1 - LEAST_RECALL) * len(QUESTIONS), missed


def test_what_can_be_recognised_is_found_as_well() -> None:
    cases = [(question, call.tool) for question, call in positives() if call.tool in NAMES]
    missed = [(tool, question) for question, tool in cases if tool not in fitting(question)]
    assert len(missed) <= (1 - LEAST_RECALL) * len(cases), missed


def test_no_more_than_eight_are_offered() -> None:
    texts = [*(question for question, _ in QUESTIONS), *NEGATIVES, " ".join(tool.keywords.en for tool in TOOLS)]
    assert max(len(fitting(text)) for text in texts) == MAX_OFFERED


@pytest.mark.parametrize(
    "question",
    [
        "",
        "hi",
        "Danke schön!",
        "Write a poem about the sea",
        "Wer war Ada Lovelace?",
        "Tell me a joke",
        "Guten Morgen!",
    ],
)
def test_where_nothing_fits_nothing_is_offered(question: str) -> None:
    assert fitting(question) == []


def test_chat_is_mostly_left_without_tools() -> None:
    chat = [line for line in (HERE / "negative" / "chat.txt").read_text("utf-8").splitlines() if line]
    sizes = [len(fitting(question)) for question in chat]
    assert sum(sizes) / len(sizes) < 2


def test_the_same_question_is_offered_the_same_tools_in_the_same_order() -> None:
    again = Shortlist(TOOLS)
    for question, _ in QUESTIONS:
        assert [tool.name for tool in again.fitting(question, TOOLS)] == fitting(question)


def test_only_permitted_tools_are_offered() -> None:
    permitted = tuple(tool for tool in TOOLS if tool.name != "prime_factorize")
    assert "prime_factorize" in fitting("Is 97 a prime number?")
    assert "prime_factorize" not in [tool.name for tool in SHORTLIST.fitting("Is 97 a prime number?", permitted)]


def test_a_handful_needs_no_choice() -> None:
    few = TOOLS[:MAX_OFFERED]
    assert SHORTLIST.fitting("hi", few) == few


def test_a_tool_is_known_by_its_keywords_in_both_languages() -> None:
    tools = tuple(
        OfferedTool(
            name=f"tool_{number}",
            group="core",
            purpose=Words(en="", de=""),
            keywords=Words(en=f"beekeeping{number}", de=f"imkerei{number}"),
            arguments={},
        )
        for number in range(20)
    )
    shortlist = Shortlist(tools)
    for question in ("Which beekeeping7 is best?", "Was kostet imkerei7?", "Was ist Imkerei7förderung?"):
        assert [tool.name for tool in shortlist.fitting(question, tools)] == ["tool_7"]


@pytest.mark.parametrize("text", ["1 ", "1/", "a:", "A-B, ", "Ca(OH", "{:", "`[", "leite ", " ".join(QUESTIONS[0])])
def test_no_text_takes_long(text: str) -> None:
    assert taken(partial(fitting, text * 20_000)) < allowed(0.1)
