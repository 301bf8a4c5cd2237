"""Context overflows, parsed from the errors of model servers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from libs.core.json_values import text_in
from libs.core.outside_numbers import count_in

_CODES = frozenset({"context_length_exceeded", "exceed_context_size_error"})
_SENTENCE = re.compile(r"(?:maximum|model's|available) context (?:length|size)")
_WINDOW = re.compile(r"context (?:length|size)(?: of| is)? ?\(?(\d{1,9})")
_TOKENS = (
    re.compile(r"(\d{1,9}) in the messages"),  # the requested total may exceed the window by the answer's share alone
    re.compile(r"(?:requested|resulted in|request has|request \(|input \() ?(\d{1,9})"),
)


@dataclass(frozen=True, slots=True)
class Overflow:
    """`tokens` of a prompt for a model with a context window of `window` tokens; None for missing figures."""

    tokens: int | None
    window: int | None


def overflow_in(error: Mapping[str, object]) -> Overflow | None:
    """Parse an error object; None when the error is no context overflow.

    llama.cpp has a type of its own and the figures as fields (`exceed_context_size_error`, `n_prompt_tokens`, `n_ctx`).
    OpenAI has a code, `context_length_exceeded`; vLLM, SGLang and others have a sentence, of which only numbers are
    used.
    """
    message = text_in(error.get("message"))
    if not ({text_in(error.get("code")), text_in(error.get("type"))} & _CODES or _SENTENCE.search(message)):
        return None
    overflow = Overflow(_count(error, "n_prompt_tokens"), _count(error, "n_ctx"))
    if overflow.window is None:
        overflow = Overflow(_first(message, *_TOKENS), _first(message, _WINDOW))
    fits = overflow.tokens is not None and overflow.window is not None and overflow.tokens <= overflow.window
    return None if fits else overflow


def _count(error: Mapping[str, object], name: str) -> int | None:
    return count_in(error.get(name)) or None


def _first(message: str, *patterns: re.Pattern[str]) -> int | None:
    found = next((match for pattern in patterns if (match := pattern.search(message))), None)
    return int(found[1]) if found is not None else None
