"""Limits a conversation to the context window of its model."""

from collections.abc import Sequence
from typing import TypeVar

from libs.core.token_counts import CHARS_PER_TOKEN

PROMPT_SHARE = 0.75  # the rest is for the answer
T = TypeVar("T")


def newest_that_fit(turns: Sequence[T], lengths: Sequence[int], window: int, besides: int) -> Sequence[T]:
    """The newest turns that fit into a `window` of tokens beside `besides` characters; all turns if `window` is 0.

    `lengths` are the turns' lengths in characters.
    """
    if not window:
        return turns
    available, fitting = int(window * CHARS_PER_TOKEN * PROMPT_SHARE) - besides, 0
    for length in reversed(lengths):
        available -= length
        if available < 0:
            break
        fitting += 1
    return turns[len(turns) - fitting :]
