"""What a call took, as the server counted it or as it is estimated."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.contracts.model_call import Usage
from services.gateway.domain.direct.json_values import is_object

CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Spent:
    """`estimated`: the server did not say, and characters / 4 stand in. `told` is the server's own object, whole."""

    usage: Usage
    estimated: bool = False
    told: Mapping[str, object] | None = None


def told_usage(value: object) -> Spent | None:
    """Return what a server reported; None when that is missing, malformed or all zero."""
    if not is_object(value):
        return None
    prompt, completion = value.get("prompt_tokens"), value.get("completion_tokens", 0)
    if not isinstance(prompt, int) or not isinstance(completion, int) or min(prompt, completion) < 0:
        return None
    if prompt + completion == 0:
        return None
    return Spent(Usage(prompt_tokens=prompt, completion_tokens=completion), told=value)


def estimated(asked_characters: int, answered_characters: int) -> Spent:
    """Return the estimate, each number rounded up."""
    prompt, completion = (-(-count // CHARACTERS_PER_TOKEN) for count in (asked_characters, answered_characters))
    return Spent(Usage(prompt_tokens=prompt, completion_tokens=completion), estimated=True)
