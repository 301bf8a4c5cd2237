"""Texts without quotes behind the name of an operation; words about the operation are no text."""

import pytest

from services.planner.recogniser.intents.terse import named_text
from services.planner.recogniser.phrasing import unwrap_question


def text_of(question: str) -> str | None:
    asked = unwrap_question(question)
    assert asked is not None
    named = named_text(asked)
    return None if named is None else named.literals[0].text


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("md5 hello", "hello"),
        ("sha256 Hallo Welt", "Hallo Welt"),
        ("crc32: foobar", "foobar"),
        ("base64 encode user:pass", "user:pass"),
        ("encode good morning in base64", "good morning"),
        ("kodiere foo bar als base64", "foo bar"),
        ("word count: to be or not to be", "to be or not to be"),
    ],
)
def test_the_words_behind_the_name_are_the_text(question: str, text: str) -> None:
    assert text_of(question) == text


@pytest.mark.parametrize(
    "question",
    [
        "md5 collision",
        "md5 my password",
        "sha256 vs sha1",
        "base64 encode the file",
        "md5 of setup",
        "word count: a novel",
    ],
)
def test_topics_and_names_are_no_text(question: str) -> None:
    assert text_of(question) is None
