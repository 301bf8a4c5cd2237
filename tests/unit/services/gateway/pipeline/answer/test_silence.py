"""No client of a stream is sent nothing for longer than the interval, in any dialect, on either path."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import cast

import pytest
from starlette.types import Message

from libs.adapters.models.openai_chat.exchange import Exchange
from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.core.ids import new_response_id
from libs.core.tasks import TaskSet
from libs.ports.deltas import Delta
from libs.testing.fake_clock import TEST_TIME_S, run_jumping
from libs.testing.records import request
from services.gateway.dialects.by_path import DIALECTS
from services.gateway.dialects.dialect import Dialect
from services.gateway.direct.request import DirectRequest
from services.gateway.direct.streaming import DirectStream
from services.gateway.direct.watchdog import CallTimeouts, CallWatchdog
from services.gateway.domain.request_limits import RequestLimits
from services.gateway.domain.routing.call_options import PLAIN
from services.gateway.pipeline.answer import AcceptedRequest, StreamReply, head_of
from services.gateway.replies.pending_replies import PendingReply
from tests.support.direct_requests import case

INTERVAL_S = 15.0
LASTS_S = 600.0
SLACK_S = 1.0
# Between two words: often, at the interval itself, just before and after it, and for ever.
PAUSES_S = (0.001, 0.5, 7.0, 14.0, 14.9, 14.999, 15.0, 15.001, 15.1, 20.0, 29.9, 31.0, 200.0)
MESSAGES = [{"role": "user", "content": "Why?"}]
BODIES: dict[str, dict[str, object]] = {
    "messages": {"max_tokens": 99, "messages": MESSAGES},
    "responses": {"input": "Why?"},
    "completions": {"prompt": "Why?"},
    "ollama-generate": {"prompt": "Why?"},
}


@dataclass
class Client:
    """Receives everything and never disconnects; each piece takes `slow_s`."""

    slow_s: float = 0.0
    sent_at: list[float] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        await asyncio.sleep(self.slow_s)
        if message["type"] == "http.response.start" or message["body"]:
            self.sent_at.append(asyncio.get_running_loop().time())

    async def receive(self) -> Message:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("it never hangs up")

    @property
    def longest_silence_s(self) -> float:
        return max(later - earlier for earlier, later in pairwise((0.0, *self.sent_at)))


def pauses(seed: int) -> list[float]:
    """Pauses that last as long as the stream."""
    draw, found = Random(seed), list[float]()
    while sum(found) < LASTS_S:
        found.append(draw.choice(PAUSES_S))
    return found


async def of_the_fleet(dialect: Dialect, client: Client, seed: int) -> None:
    opened = RequestOpened(question=Question(text="Why?"), model="moe", accepted_at=TEST_TIME_S).opening(request())
    pending = PendingReply(opened.envelope.response_id, "default")
    ticket = AcceptedRequest(pending, dialect, head_of(opened, pending, include_usage=True), opened)

    async def deltas() -> AsyncIterator[Delta]:
        for number, pause_s in enumerate(pauses(seed)):
            await asyncio.sleep(pause_s)
            yield Delta("progress", text=f"Step {number}")
        pending.resolve(AnswerFinished(outcome="answered", text="word").after(opened))
        await asyncio.get_running_loop().create_future()

    reply = StreamReply(ticket, ticket.assembler(), client.send, RequestLimits(keep_alive_s=INTERVAL_S))
    await reply.run(client.receive, deltas())


class Model:
    """A model server's stream: a word after each pause, some of them thoughts or nothing at all."""

    kind = "events"

    def __init__(self, seed: int) -> None:
        self._draw, self._pauses = Random(seed), iter(pauses(seed))

    async def events(self) -> list[bytes]:
        if (pause_s := next(self._pauses, None)) is None:
            return [b'{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}', b"[DONE]"]
        await asyncio.sleep(pause_s)
        said = self._draw.choice(({"content": "word "}, {"reasoning_content": "hm "}, {}))
        return [json.dumps({"choices": [{"index": 0, "delta": said}]}).encode()]

    async def linger(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def leave(self, tasks: TaskSet) -> None: ...

    def release(self) -> None: ...


async def of_one_model(dialect: Dialect, client: Client, seed: int) -> None:
    body = {"model": "judge@scripted", "stream": True} | BODIES.get(dialect.name, {"messages": MESSAGES})
    asked = DirectRequest(dialect.read(body), PLAIN, case(new_response_id(1, TEST_TIME_S)))
    patience = CallTimeouts(call_s=2 * LASTS_S, idle_s=LASTS_S, write_s=LASTS_S, quiet_s=INTERVAL_S)
    errors: list[BaseException] = []
    tasks = TaskSet(errors.append)
    watch = CallWatchdog(patience, client.receive, tasks)
    stream = DirectStream(asked, dialect, watch, client.send)
    with watch:
        await stream.begin(cast("Exchange", Model(seed)), 1 << 20)
    assert await stream.pipe(client.send, tasks) is None
    assert errors == []


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("path", [of_the_fleet, of_one_model])
@pytest.mark.parametrize("slow_s", [0.0, 0.5])
def test_no_silence_lasts_longer_than_the_interval(path: object, dialect: Dialect, slow_s: float) -> None:
    for seed in range(20):
        client = Client(slow_s)
        run_jumping(path(dialect, client, seed))  # type: ignore[operator]  # one of the two
        assert client.sent_at[-1] > LASTS_S - 200, "the stream was not read to its end"
        assert client.longest_silence_s <= INTERVAL_S + SLACK_S, seed
