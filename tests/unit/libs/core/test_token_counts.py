"""Tokens as servers count them, and as they are guessed."""

import pytest

from libs.core.token_counts import counted_tokens, tokens_of


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4}, (3, 4)),
        ({"prompt_tokens": 3}, (3, 0)),
        ({"prompt_tokens": 0, "completion_tokens": 0}, None),
        ({"prompt_tokens": 9, "completion_tokens": -1}, None),
        ({"prompt_tokens": "3", "completion_tokens": 4}, None),
        ({"completion_tokens": 4}, None),
        ([3, 4], None),
        (None, None),
    ],
)
def test_a_count_is_whole_or_none(usage: object, counted: tuple[int, int] | None) -> None:
    assert counted_tokens(usage) == counted


@pytest.mark.parametrize(("characters", "tokens"), [(0, 0), (1, 1), (4, 1), (5, 2)])
def test_a_part_of_a_token_is_one(characters: int, tokens: int) -> None:
    assert tokens_of(characters) == tokens
