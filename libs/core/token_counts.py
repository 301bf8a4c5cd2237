"""How many tokens there are: as a server counted them, or by their characters where nobody has."""

from libs.core.json_values import is_object
from libs.core.outside_numbers import count_in

CHARS_PER_TOKEN = 4


def counted_tokens(usage: object) -> tuple[int, int] | None:
    """Return those of prompt and answer in the usage that a server reported; None when it is malformed or all zero.

    A count that no server can have counted, above 2^40, is malformed too.
    """
    if not is_object(usage):
        return None
    prompt, answer = count_in(usage.get("prompt_tokens")), count_in(usage.get("completion_tokens", 0))
    if prompt is None or answer is None:
        return None
    return (prompt, answer) if prompt + answer else None


def tokens_of(characters: int) -> int:
    """Return about how many tokens so many characters are, rounded up."""
    return -(-characters // CHARS_PER_TOKEN)
