"""The usage of a call, as the server reported it or as an estimate."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from libs.contracts.model_call import Usage
from libs.core.generation_rates import estimated_answer
from libs.core.json_values import is_object
from libs.core.token_counts import counted_tokens, tokens_of
from services.gateway.domain.direct.cache_details import is_plain_usage, public_usage


@dataclass(frozen=True, slots=True)
class Spent:
    """`estimated`: the server reported no usage, and characters / 4 are used instead. `reported` is the server's own
    object."""

    usage: Usage
    estimated: bool = False
    reported: Mapping[str, object] | None = None


def reported_usage(value: object, *, shows_cache: bool = False) -> Spent | None:
    """Parse the usage that a server reported; None when it is missing, malformed or all zero.

    Cache details stay where `shows_cache`.
    """
    if not is_object(value) or (counted := counted_tokens(value)) is None:
        return None
    usage = Usage(prompt_tokens=counted[0], completion_tokens=counted[1])
    if is_plain_usage(value):
        return Spent(usage, reported=value)
    if not _is_writable(value):
        return Spent(usage)
    return Spent(usage, reported=value if shows_cache else public_usage(value))


def estimated(asked_characters: int, answered_characters: int, unseen_tokens: int = 0, most_tokens: int = 0) -> Spent:
    """Estimate the usage, each number rounded up; see estimated_answer."""
    answered = estimated_answer(answered_characters, unseen_tokens, most_tokens)
    return Spent(Usage(prompt_tokens=tokens_of(asked_characters), completion_tokens=answered), estimated=True)


def _is_writable(value: Mapping[str, object]) -> bool:
    """True when a decoded object is nested no deeper than the encoder supports."""
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True
