"""Hostile numbers and texts in every field and header of a client's request: an answer or a refusal, and a message that
the log takes for each request that was accepted.

The cut has a fixed seed; the whole run takes each value in each field of each route.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest

from libs.runtime.messaging.codec import encode
from libs.testing.hostile import NO_NUMBERS, NUMBERS, TEXTS, Json, cases_of, drawn
from libs.testing.records import SIGNER
from tests.integration.gateway.test_mutation import answer_to, fault_of
from tests.support.gateway import KEY, GatewayHarness
from tests.support.threaded_gateway import besieged

AT_ONCE = 16
PATIENCE_S = 5.0
CALL: Json = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
FUNCTION: Json = {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True}
SAID: Json = [
    {"role": "system", "content": "Be brief.", "name": "n"},
    {"role": "assistant", "content": "Hm.", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "4"},
    {"role": "user", "content": [{"type": "text", "text": "Why?"}]},
]
SAMPLING: dict[str, Json] = {
    "temperature": 0.5,
    "top_p": 0.5,
    "stream": False,
    "model": "moe-orchestrator",
    "user": "u",
}
BODIES: dict[str, Json] = {
    "/v1/chat/completions": SAMPLING
    | {
        "messages": SAID,
        "max_tokens": 5,
        "max_completion_tokens": 5,
        "n": 1,
        "seed": 1,
        "stop": ["x"],
        "presence_penalty": 0.1,
        "frequency_penalty": 0.1,
        "logit_bias": {"5": 1},
        "metadata": {"session_id": "s"},
        "safety_identifier": "p",
        "stream_options": {"include_usage": True},
        "reasoning_effort": "low",
        "tools": [{"type": "function", "function": FUNCTION}],
        "tool_choice": "auto",
    },
    "/v1/messages": {
        "model": "moe-orchestrator",
        "max_tokens": 5,
        "temperature": 0.5,
        "top_k": 5,
        "system": "Be brief.",
        "metadata": {"user_id": "u"},
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Why?"}]}],
        "stop_sequences": ["x"],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
    },
    "/v1/responses": {
        "model": "moe-orchestrator",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Why?"}]}],
        "instructions": "Be brief.",
        "max_output_tokens": 50,
        "metadata": {"a": "b"},
        "previous_response_id": "resp_1",
        "prompt_cache_key": "k",
        "temperature": 0.5,
        "user": "u",
    },
    "/v1/completions": SAMPLING | {"prompt": "Why?", "max_tokens": 5, "suffix": "", "best_of": 1, "echo": False},
    "/api/chat": {
        "model": "moe-orchestrator",
        "stream": False,
        "messages": [{"role": "user", "content": "Why?"}],
        "keep_alive": 5,
        "options": {"num_predict": 5, "temperature": 0.5, "seed": 1, "num_ctx": 2048, "stop": ["x"]},
    },
    "/api/generate": {"model": "moe-orchestrator", "prompt": "Why?", "stream": False, "options": {"num_predict": 5}},
    "/v1/messages/count_tokens": {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "Why?"}]},
    "/v1/responses/input_tokens": {"model": "moe-orchestrator", "input": "Why?"},
    "/v1/embeddings": {"model": "some-embedder@local", "input": ["Why?"], "dimensions": 5, "user": "u"},
    "/v1/feedback": {
        "response_id": "chatcmpl-0193a7c8-6d40-8003-9c1e-5f2a7b3d4e60",
        "rating": 4,
        "correction": "No.",
    },
    "/v1/memory/ingest": {"session_summary": "We met.", "key_decisions": ["Ship"], "confidence": 0.5, "domain": "x"},
}
HEADERS = (
    "x-session-id",
    "x-conversation-id",
    "x-openwebui-chat-id",
    "x-openwebui-user-id",
    "x-openwebui-user-email",
    "x-claude-code-session-id",
    "x-stainless-session-id",
    "x-request-id",
    "traceparent",
    "last-event-id",
    "idempotency-key",
    "content-encoding",
    "accept",
)
VALUES = (*NUMBERS, *NO_NUMBERS, *TEXTS, "\x7f", "\xff\xfe", "\u00e4\u00f6", "%00", "%ud800", " ")
PLAIN = b'{"model":"moe-orchestrator","messages":[{"role":"user","content":"Why?"}]}'


@pytest.fixture
def gateway() -> Iterator[GatewayHarness]:
    with besieged() as opened:
        yield opened


def post(path: str, body: bytes, *lines: bytes) -> bytes:
    own = (b"authorization: Bearer " + KEY.encode(), b"content-type: application/json", b"host: x", *lines)
    head = b"\r\n".join((b"POST %b HTTP/1.1" % path.encode(), *own, b"content-length: %d" % len(body)))
    return head + b"\r\n\r\n" + body


def requests() -> list[bytes]:
    """Each hostile value in each field of each route, and in each header that is read."""
    fields = [post(path, case.body) for path, body in BODIES.items() for case in cases_of(body, foreign=True)]
    values = [value.encode("latin-1", "ignore") for value in VALUES if len(value) < 8000]
    return fields + [
        post("/v1/chat/completions", PLAIN, name.encode() + b": " + each) for name in HEADERS for each in values
    ]


async def asked(gateway: GatewayHarness, chosen: list[bytes]) -> Counter[str]:
    """Send all; return how often each status was answered. The first fault fails."""
    statuses, turns = Counter[str](), asyncio.Semaphore(AT_ONCE)

    async def one(request: bytes) -> None:
        async with turns:
            answer = await answer_to(gateway, request, PATIENCE_S)
        assert not fault_of(answer), (fault_of(answer), request[:3000], answer.data[:2000])
        statuses[answer.data[9:12].decode()] += 1

    async with asyncio.TaskGroup() as group:
        for request in chosen:
            group.create_task(one(request))
    return statuses


def check(gateway: GatewayHarness, count: int) -> None:
    chosen = drawn(requests(), count, seed=13)
    statuses = asyncio.run(asked(gateway, chosen))
    assert sum(statuses.values()) == len(chosen)
    assert min(statuses["200"], statuses["400"]) > len(chosen) / 20
    for message in gateway.fleet.published:
        encode(message, SIGNER)


def test_some_hundred_hostile_fields(gateway: GatewayHarness) -> None:
    check(gateway, 500)


@pytest.mark.slow
def test_every_hostile_field(gateway: GatewayHarness) -> None:
    check(gateway, 100_000)
