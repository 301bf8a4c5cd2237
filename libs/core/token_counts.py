"""Token counts: reported by a server, or estimated from characters."""

from libs.core.json_values import is_object
from libs.core.outside_numbers import count_in

CHARS_PER_TOKEN = 4


def counted_tokens(usage: object) -> tuple[int, int] | None:
    """Prompt and answer tokens in a server's usage; None if it is malformed or all zero.

    A count above 2^40, which no server can have counted, is malformed too.
    """
    if not is_object(usage):
        return None
    prompt, answer = count_in(usage.get("prompt_tokens")), count_in(usage.get("completion_tokens", 0))
    if prompt is None or answer is None:
        return None
    return (prompt, answer) if prompt + answer else None


def tokens_of(characters: int) -> int:
    """Estimated tokens, rounded up."""
    return -(-characters // CHARS_PER_TOKEN)
