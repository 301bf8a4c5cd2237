"""How many tokens there are: as a server counted them, or by their characters where nobody has."""

from libs.core.json_values import is_object

CHARS_PER_TOKEN = 4


def counted_tokens(usage: object) -> tuple[int, int] | None:
    """Return those of prompt and answer in the usage that a server told; None when it is malformed or all zero."""
    if not is_object(usage):
        return None
    prompt, answer = usage.get("prompt_tokens"), usage.get("completion_tokens", 0)
    if not isinstance(prompt, int) or not isinstance(answer, int) or min(prompt, answer) < 0:
        return None
    return (prompt, answer) if prompt + answer else None


def tokens_of(characters: int) -> int:
    """Return about how many tokens so many characters are, rounded up."""
    return -(-characters // CHARS_PER_TOKEN)
