"""Requests with wrong bytes, over all routes: no error of ours, nothing of our inside, and the next one is served.

The cut has a fixed seed; the whole run is 10,000 requests.
"""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from libs.testing.waiting import waiting
from services.gateway.api.routes import ENDPOINTS
from tests.support.gateway import KEY, GatewayHarness
from tests.support.threaded_gateway import MAY_BE_ABSENT, SECRETS, besieged

AT_ONCE = 16
PATIENCE_S = 0.4
MESSAGES = [{"role": "user", "content": 'Why is "it" so, \u00fcberhaupt? \\ 10% 😀'}]
BODIES: dict[str, object] = {
    "/v1/messages": {"model": "moe-orchestrator", "messages": MESSAGES, "max_tokens": 9, "stream": True},
    "/v1/responses": {"model": "moe-orchestrator", "input": "Why?", "stream": False},
    "/v1/responses/input_tokens": {"model": "moe-orchestrator", "input": "Why?"},
    "/v1/completions": {"model": "moe-orchestrator", "prompt": "Why?", "temperature": 0.5},
    "/v1/embeddings": {"model": "some-embedder@local", "input": ["Why?"]},
    "/api/embed": {"model": "some-embedder@local", "input": ["Why?"]},
    "/api/generate": {"model": "moe-orchestrator", "prompt": "Why?", "stream": False},
    "/api/show": {"model": "moe-orchestrator"},
    "/v1/feedback": {"response_id": "chatcmpl-0193a7c8-6d40-8003-9c1e-5f2a7b3d4e60", "rating": 4, "correction": "No."},
    "/v1/memory/ingest": {"session_summary": "We met.", "key_decisions": ["Ship"], "confidence": 0.5},
}
CHAT = {"model": "moe-orchestrator", "messages": MESSAGES, "stream": False, "max_tokens": 50, "metadata": {"a": [1]}}
PIECES = (b"\x00", b'"', b"{", b"]", b"\\u", b"\xff", b"NaN", b"1e999", b"-", b'"a":')


@pytest.fixture
def gateway() -> Iterator[GatewayHarness]:
    with besieged() as opened:
        yield opened


def request_of(method: str, path: str, random_: random.Random) -> tuple[bytes, bytes]:
    """Head, without its length, and body of a request that is right."""
    path = re.sub(r"\{[^}]*\}", "chatcmpl-0193a7c8-6d40-8003-9c1e-5f2a7b3d4e60", path)
    body = json.dumps(BODIES.get(path, CHAT), ensure_ascii=random_.random() < 0.5).encode() if method == "POST" else b""
    lines = [f"{method} {path} HTTP/1.1", "host: x", f"authorization: Bearer {KEY}", "content-type: application/json"]
    if random_.random() < 0.2:
        lines.append(f"idempotency-key: k-{random_.randrange(9)}")
    return "\r\n".join(lines).encode(), body


def mutated(data: bytes, random_: random.Random) -> bytes:
    """Some bytes changed, put in, taken out, doubled, or the rest cut off."""
    changed = bytearray(data)
    for _ in range(random_.choice((1, 1, 2, 3, 8))):
        at = random_.randrange(len(changed) + 1)
        match random_.randrange(6):
            case 0 if changed:
                changed[min(at, len(changed) - 1)] = random_.randrange(256)
            case 1:
                changed[at:at] = random_.randbytes(random_.randrange(1, 4))
            case 2:
                del changed[at : at + random_.randrange(1, 5)]
            case 3:
                changed[at:at] = changed[at : at + random_.randrange(1, 40)]
            case 4:
                changed[at:at] = random_.choice(PIECES)
            case _ if random_.random() < 0.2:
                del changed[at:]
    return bytes(changed)


def wrong_request(random_: random.Random) -> bytes:
    endpoint = random_.choice(ENDPOINTS)
    head, body = request_of(endpoint.method, endpoint.path, random_)
    if body and random_.random() < 0.8:
        body = mutated(body, random_)
        return head + b"\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    return mutated(head + b"\r\ncontent-length: %d\r\n\r\n" % len(body) + body, random_)


@dataclass(frozen=True)
class Answer:
    """Received bytes, and whether the server closed the connection."""

    data: bytes
    closed: bool = False


async def answer_to(gateway: GatewayHarness, request: bytes, patience_s: float = PATIENCE_S) -> Answer:
    """Read until no more bytes arrive. Reading never fails."""
    host, port = gateway.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    answer, closed = b"", False
    try:
        writer.write(request)
        async with waiting(60):
            while not complete(answer):
                try:
                    async with waiting(patience_s):
                        piece = await reader.read(65536)
                except TimeoutError:
                    break  # it waits for bytes that were cut off, or for nothing more
                if not piece:
                    closed = True
                    break
                answer += piece
    except ConnectionError:
        closed = True  # while we were still sending
    finally:
        writer.close()
    return Answer(answer, closed)


def complete(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    if (length := re.search(rb"content-length: (\d+)", head)) is not None:
        return len(body) >= int(length[1])
    return body.endswith(b"0\r\n\r\n")


def fault_of(answer: Answer) -> str:
    """Fault of a response, empty for none. A missing response is right if the server waits for the rest."""
    if answer.closed and b"\r\n\r\n" not in answer.data:
        return "closed without a response"
    return fault_in(answer.data) if answer.data else ""


def fault_in(answer: bytes) -> str:
    status = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    if status is None:
        return "no HTTP"
    if status[1] >= b"500" and not any(code.encode() in answer for code in MAY_BE_ABSENT):
        return f"status {status[1].decode()}"
    told = answer.decode(errors="replace")
    return next((f"tells {secret}" for secret in (*SECRETS, KEY) if secret in told), "")


async def siege(gateway: GatewayHarness, requests: int, seed: int) -> Counter[str]:
    """Send so many; return how often each status was answered. The first fault fails."""
    random_, statuses, turns = random.Random(seed), Counter[str](), asyncio.Semaphore(AT_ONCE)

    async def one(request: bytes) -> None:
        async with turns:
            answer = await answer_to(gateway, request)
        assert not fault_of(answer), (fault_of(answer), request, answer.data[:2000])
        statuses[answer.data[9:12].decode() or "waits"] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(requests):
            group.create_task(one(wrong_request(random_)))
    head, _ = request_of("GET", "/v1/models", random_)
    assert b" 200 " in (await answer_to(gateway, head + b"\r\n\r\n", patience_s=60)).data[:20]
    return statuses


async def _besieged(gateway: GatewayHarness, requests: int, seed: int) -> None:
    statuses = await siege(gateway, requests, seed)
    print(dict(statuses))  # noqa: T201 - to be seen
    assert sum(statuses.values()) == requests
    assert statuses["200"]
    assert statuses["400"] > requests / 5


def test_some_hundred_wrong_requests(gateway: GatewayHarness) -> None:
    asyncio.run(_besieged(gateway, 700, seed=11))


@pytest.mark.siege
@pytest.mark.slow
def test_ten_thousand_wrong_requests(gateway: GatewayHarness) -> None:
    asyncio.run(_besieged(gateway, 10_000, seed=1))


def test_the_judge_sees_faults() -> None:
    assert fault_in(b'HTTP/1.1 500 x\r\n\r\n{"error"') == "status 500"
    assert fault_in(b"HTTP/1.1 200 x\r\n\r\nTraceback (most recent call last)") == "tells Traceback"
    assert fault_in(b"HTTP/1.1 400 x\r\n\r\nfile /work/libs/core") == "tells /libs/"
    assert fault_in(b"garbage") == "no HTTP"
    assert fault_in(b"HTTP/1.1 503 x\r\n\r\noverloaded") == "status 503"
    assert fault_in(b"HTTP/1.1 503 x\r\n\r\ngraph_unavailable") == ""
    assert fault_of(Answer(b"", closed=True)) == fault_of(Answer(b"HTTP/1.1 2", closed=True)) != ""
    assert fault_of(Answer(b"")) == fault_of(Answer(b"HTTP/1.1 200 OK\r\n\r\n", closed=True)) == ""
