"""An oversized prompt is reported as such, for every server's error format."""

import pytest

from services.gateway.domain.direct.failures import refused_by_server
from services.gateway.domain.direct.overflow import Overflow, overflow_in

MAXIMUM = "This model's maximum context length is {window} tokens. However, "
VLLM = (
    MAXIMUM.format(window=4096) + "you requested {all} tokens ({prompt} in the messages, {answer} in the completion)."
)
OPENAI = MAXIMUM.format(window=8192) + "your messages resulted in 9001 tokens."


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 5012, "n_ctx": 4096, "message": "…"},
            Overflow(5012, 4096),
        ),
        (
            {"code": "context_length_exceeded", "message": OPENAI},
            Overflow(9001, 8192),
        ),
        ({"type": "BadRequestError", "message": VLLM.format(all=6000, prompt=5000, answer=1000)}, Overflow(5000, 4096)),
        (
            {"message": "The input (5000 tokens) is longer than the model's context length (4096 tokens)."},
            Overflow(5000, 4096),
        ),
        ({"message": "request (5012 tokens) exceeds the available context size (4096 tokens)"}, Overflow(5012, 4096)),
        ({"code": "context_length_exceeded", "message": "too much"}, Overflow(None, None)),
        ({"type": "exceed_context_size_error", "n_ctx": True, "message": ""}, Overflow(None, None)),
    ],
)
def test_servers_tell_it_in_their_ways(error: dict[str, object], told: Overflow) -> None:
    assert overflow_in(error) == told


@pytest.mark.parametrize(
    "error",
    [
        {},
        {"code": "invalid_request", "message": "temperature is too high"},
        {"message": "tell me about context"},
        {"code": ["context_length_exceeded"], "type": {}, "message": 4},
        {"type": "BadRequestError", "message": VLLM.format(all=5000, prompt=1000, answer=4000)},
    ],
)
def test_other_errors_and_answers_that_are_too_long_are_no_such_prompt(error: dict[str, object]) -> None:
    assert overflow_in(error) is None


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            {"type": "exceed_context_size_error", "n_prompt_tokens": 5012, "n_ctx": 4096},
            "prompt is too long: 5012 tokens > 4096 maximum",
        ),
        ({"code": "context_length_exceeded"}, "prompt is too long for the model"),
    ],
)
def test_a_client_reads_what_it_knows(error: dict[str, object], message: str) -> None:
    told = refused_by_server(400, error, None, "chatcmpl-1")
    assert (told.status, told.code, told.message, told.param) == (400, "context_length_exceeded", message, "messages")
