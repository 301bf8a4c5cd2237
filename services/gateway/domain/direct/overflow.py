"""A prompt that is too long for its model, as servers tell it.

llama.cpp has a type of its own and the figures as fields (`exceed_context_size_error`, `n_prompt_tokens`, `n_ctx`).
OpenAI has a code, `context_length_exceeded`; vLLM, SGLang and others have a sentence, of which only numbers are taken.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from libs.core.json_values import text_in
from libs.core.outside_numbers import count_in

_CODES = frozenset({"context_length_exceeded", "exceed_context_size_error"})
_SENTENCE = re.compile(r"(?:maximum|model's|available) context (?:length|size)")
_WINDOW = re.compile(r"context (?:length|size)(?: of| is)? ?\(?(\d{1,9})")
_TOKENS = (
    re.compile(r"(\d{1,9}) in the messages"),  # what is asked for in all may be too much by the answer's share alone
    re.compile(r"(?:requested|resulted in|request has|request \(|input \() ?(\d{1,9})"),
)


@dataclass(frozen=True, slots=True)
class Overflow:
    """`tokens` of a prompt for which the model has room for `window`; None for what the server did not say."""

    tokens: int | None
    window: int | None


def overflow_in(error: Mapping[str, object]) -> Overflow | None:
    """Return what a server's error object says of a prompt that is too long; None when it says something else."""
    message = text_in(error.get("message"))
    if not ({text_in(error.get("code")), text_in(error.get("type"))} & _CODES or _SENTENCE.search(message)):
        return None
    told = Overflow(_count(error, "n_prompt_tokens"), _count(error, "n_ctx"))
    if told.window is None:
        told = Overflow(_first(message, *_TOKENS), _first(message, _WINDOW))
    fits = told.tokens is not None and told.window is not None and told.tokens <= told.window
    return None if fits else told


def _count(error: Mapping[str, object], name: str) -> int | None:
    return count_in(error.get(name)) or None


def _first(message: str, *patterns: re.Pattern[str]) -> int | None:
    found = next((match for pattern in patterns if (match := pattern.search(message))), None)
    return int(found[1]) if found is not None else None
