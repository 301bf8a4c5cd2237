"""Thinking never reaches the answer, wherever the pieces were cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.adapters.models.openai_chat.thinking import ThinkFilter
from libs.core.text import without_thinking


def filtered(*pieces: str) -> str:
    thinking = ThinkFilter()
    return "".join([*(thinking.feed(piece) for piece in pieces), thinking.close()])


CASES = [
    ("<think>secret</think>answer", "answer"),
    ("<think>\nsecret\n</think>\n\nanswer", "answer"),
    ("\n <think>secret</think> answer ", "answer "),
    ("<THINK>secret</Think>answer", "answer"),
    ("<thinking>secret</thinking>answer", "answer"),
    ("[THINK]secret[/THINK]answer", "answer"),
    ("<think>a</think>\n<think>b</think>answer", "answer"),
    ("<think></think>answer", "answer"),
    ("<think>a < b </ think </thin</think>answer", "answer"),
    ("<think>never closed", ""),
    ("<think>cut off </thi", ""),
    ("<thin", "<thin"),
    ("<thinner>is a tag</thinner>", "<thinner>is a tag</thinner>"),
    ("  indented", "  indented"),
    ("a < b and <b>c</b>", "a < b and <b>c</b>"),
    ("The tag <think> opens and </think> closes.", "The tag <think> opens and </think> closes."),
    ("<think>x</think>The tag <think> opens.", "The tag <think> opens."),
    ("", ""),
    ("   ", "   "),
]


@pytest.mark.parametrize(("text", "answer"), CASES)
def test_every_pair_of_cuts_gives_the_same_answer(text: str, answer: str) -> None:
    for first in range(len(text) + 1):
        for second in range(first, len(text) + 1):
            assert filtered(text[:first], text[first:second], text[second:]) == answer


@pytest.mark.parametrize(("text", "answer"), CASES)
def test_character_by_character_gives_the_same_answer(text: str, answer: str) -> None:
    assert filtered(*text) == answer


@given(st.text(alphabet="ab <>/thinkTHINK\n", max_size=40), st.text(alphabet="abcü .\n", max_size=20))
def test_a_leading_block_is_removed_as_the_rule_for_whole_texts_says(secret: str, answer: str) -> None:
    text = f"<think>{secret}</think>{answer}"

    if "<think" not in secret.lower() and "</think" not in secret.lower():
        assert filtered(*text).strip() == without_thinking(text)


@given(st.lists(st.text(alphabet="abc <>\n/"), max_size=10))
def test_text_without_a_block_passes_unchanged(pieces: list[str]) -> None:
    assert filtered(*pieces) == "".join(pieces)


def test_answer_text_is_never_held_back_once_the_answer_has_begun() -> None:
    thinking = ThinkFilter()
    thinking.feed("<think>x</think>Hello")

    assert thinking.feed(" <thi") == " <thi"


def test_long_thinking_is_not_kept() -> None:
    thinking = ThinkFilter()
    thinking.feed("<think>")
    for _ in range(1000):
        thinking.feed("a thought that goes on ")

    assert thinking.feed("</think>ok") == "ok"
