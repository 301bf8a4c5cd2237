"""A model whose window is known is shown as much of a conversation as fits into it."""

from collections.abc import Sequence
from typing import TypeVar

from libs.core.token_counts import CHARS_PER_TOKEN

PROMPT_SHARE = 0.75  # the rest of the window is for the answer
T = TypeVar("T")


def newest_that_fit(turns: Sequence[T], lengths: Sequence[int], window: int, besides: int) -> Sequence[T]:
    """Return the newest turns that find room in a window of tokens beside `besides` characters; all of them for 0.

    `lengths` are theirs in characters.
    """
    if not window:
        return turns
    room, kept = int(window * CHARS_PER_TOKEN * PROMPT_SHARE) - besides, 0
    for length in reversed(lengths):
        room -= length
        if room < 0:
            break
        kept += 1
    return turns[len(turns) - kept :]
