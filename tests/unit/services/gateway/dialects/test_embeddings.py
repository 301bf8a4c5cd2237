"""Texts to be embedded, counted."""

import pytest

from services.gateway.dialects.embeddings import measured, tokens_in
from services.gateway.domain.question.estimate import LONG, text_tokens

TEXT = "word and more, " * (LONG // 15)


def test_several_texts_have_the_tokens_of_all() -> None:
    one, other = "How are you?", "Fine, thanks."
    assert tokens_in(measured((one, other))) == text_tokens(one) + text_tokens(other)


def test_parts_of_many_long_texts_speak_for_all() -> None:
    assert len(TEXT) <= LONG
    assert tokens_in(measured((TEXT,) * 20)) == pytest.approx(20 * text_tokens(TEXT), rel=0.05)


def test_what_lies_between_those_parts_is_not_looked_at() -> None:
    texts = (TEXT, "\u5c71" * len(TEXT), *(TEXT,) * 78)
    assert tokens_in(measured(texts)) == tokens_in(measured((TEXT,) * 80))
