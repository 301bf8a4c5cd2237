"""Rules about text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.core.text import capped, looks_german, shortened, without_thinking


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("<think>hm</think>42", "42"),
        ("a <THINK>x\ny</THINK> b <think>z</think>", "a  b"),
        ("42 <think>never closed", "42"),
        ("no tags", "no tags"),
        ("<think></think>", ""),
    ],
)
def test_thinking_is_removed(text: str, rest: str) -> None:
    assert without_thinking(text) == rest


@given(st.text(max_size=300), st.integers(1, 120))
def test_a_capped_text_is_never_longer_than_its_limit_and_begins_like_the_whole(text: str, limit: int) -> None:
    cut = capped(text, limit)
    assert len(cut) <= limit
    assert cut == text if len(text) <= limit else (cut.endswith("…") and text.startswith(cut[:-1]))


def test_a_capped_text_ends_with_a_word_where_one_ends_close_by() -> None:
    assert capped("alpha beta gamma delta", 18) == "alpha beta gamma…"


def test_a_capped_text_without_spaces_is_cut_where_it_must() -> None:
    assert capped("x" * 50, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    "text",
    [
        "Wie viele Tage sind es von heute bis Ostern?",
        "Was ist die Broadcast-Adresse von 172.20.128.0/19?",
        "Erkläre mir bitte Kafka",
        "Ich habe Fieber und Husten, was soll ich tun?",
    ],
)
def test_german_is_recognised(text: str) -> None:
    assert looks_german(text)


@pytest.mark.parametrize(
    "text",
    [
        "What is the broadcast address of 172.20.128.0/19?",
        "Explain the Schrödinger equation",
        "",
        "12 + 30",
        "SELECT 1",
    ],
)
def test_other_text_is_not_taken_for_german(text: str) -> None:
    assert not looks_german(text)


@given(st.text(max_size=400), st.integers(0, 300))
def test_a_shortened_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert len(short) <= limit or (limit == 0 and short == "")
    assert len(text) > limit or short == text
