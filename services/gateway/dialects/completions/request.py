"""Parsing of completion requests."""

from collections.abc import Mapping
from dataclasses import replace

from services.gateway.dialects.bodies import StrictBody, present
from services.gateway.dialects.naming import parse_request
from services.gateway.domain.body.chat import StreamOptions
from services.gateway.domain.body.json import checked
from services.gateway.domain.errors import invalid
from services.gateway.domain.question.fleet_question import InferenceRequest

_NOT_HONOURED: tuple[tuple[str, tuple[object, ...], str], ...] = (
    ("suffix", (None, ""), "models of a chat write nothing in between"),
    ("echo", (None, False), "the prompt is no part of the answer"),
    ("n", (None, 1), "one answer a request is all there is"),
    ("best_of", (None, 1), "one answer a request is all there is"),
    ("logprobs", (None, 0), "an answer of a chat has no token probabilities in this shape"),
)
NAMES: Mapping[str, str] = {"messages": "prompt"}
_PASSED = (
    "model",
    "stream",
    "temperature",
    "max_tokens",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "stop",
    "user",
    "seed",
)


class CompletionsBody(StrictBody):
    """What has another meaning than in a chat; the other fields are checked as a chat's."""

    model: str
    prompt: object = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    suffix: str | None = None
    echo: bool | None = None
    n: int | None = None
    best_of: int | None = None
    logprobs: int | None = None


def read_completions(body: dict[str, object]) -> InferenceRequest:
    """Parse a body: its prompt is a question. Raises RequestRefused (400) with the name of the field."""
    read = checked(CompletionsBody, body)
    for field, neutral, reason in _NOT_HONOURED:
        if getattr(read, field) not in neutral:
            raise invalid(f"`{field}` is not supported: {reason}.", param=field, code="unsupported_parameter")
    if read.stream_options is not None and not read.stream:
        raise invalid("`stream_options` is only allowed when `stream` is true.", param="stream_options")
    messages = [{"role": "user", "content": _prompt(read.prompt)}]
    request = parse_request(present({**{field: body.get(field) for field in _PASSED}, "messages": messages}), NAMES)
    return replace(request, include_usage=read.stream_options is not None and bool(read.stream_options.include_usage))


def _prompt(prompt: object) -> str:
    texts = prompt if isinstance(prompt, list) else [prompt]
    if len(texts) == 1 and isinstance(texts[0], str):
        return texts[0]
    raise invalid("The prompt must be one string; several prompts and tokens are not read.", param="prompt")
