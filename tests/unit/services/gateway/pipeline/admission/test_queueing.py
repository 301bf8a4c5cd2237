"""Waiting for a permit in virtual time: positions that a client gets, and when."""

import asyncio

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from libs.testing.fake_clock import run_jumping
from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.domain.streaming.reply import ReplyHead
from services.gateway.pipeline.admission import WRITE_S, QueueProgress, wait_for_permit
from tests.unit.services.gateway.admission.test_queued_requests import now, queue_for, request_of, start

INTERVAL_S = 15.0


async def stays() -> Message:
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


class Client:
    """Notes when it was sent what."""

    def __init__(self, *, reads: bool = True) -> None:
        self.sent: list[tuple[float, bytes]] = []
        self._reads = reads

    async def send(self, message: Message) -> None:
        if not self._reads:
            await asyncio.Event().wait()
        self.sent.append((now(), message.get("body", b"")))

    @property
    def progress(self) -> QueueProgress:
        return QueueProgress(CHAT, ReplyHead("resp_1", "m", 0), self.send, INTERVAL_S)


def test_a_stream_is_never_silent_for_longer_than_the_interval_while_it_waits() -> None:
    async def scenario() -> list[float]:
        queue, client = queue_for(1), Client()
        began = start(queue)
        waiting = asyncio.get_running_loop().create_task(
            wait_for_permit(queue, queue.join(request_of()), stays, client.progress)
        )
        await asyncio.sleep(100.0)
        queue.release("a", began, now())
        assert await waiting == 100.0
        return [at for at, _ in client.sent]

    times = run_jumping(scenario())
    assert max(later - earlier for earlier, later in zip(times, [*times[1:], 100.0], strict=True)) <= INTERVAL_S + 1


def test_a_position_is_sent_when_it_changes_and_at_most_once_a_second() -> None:
    async def scenario() -> list[tuple[float, bytes]]:
        queue, client = queue_for(1), Client()
        began = start(queue)
        before = [queue.join(request_of()) for _ in range(20)]
        waiting = asyncio.get_running_loop().create_task(
            wait_for_permit(queue, queue.join(request_of()), stays, client.progress)
        )
        for waiter in before:
            await asyncio.sleep(0.25)
            queue.release("a", began, now())
            assert waiter.granted_at is not None
            began = waiter.granted_at
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return client.sent[1:]

    sent = run_jumping(scenario())
    assert sent[0][1] == b": queue position 21\n\n"
    assert [at for at, _ in sent] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert sorted(sent, key=lambda each: -int(each[1].split()[-1])) == sent


def test_a_client_that_does_not_read_its_position_loses_its_place() -> None:
    async def scenario() -> tuple[float, int]:
        queue = queue_for(1)
        start(queue)
        with pytest.raises(ClientDisconnect):
            await wait_for_permit(queue, queue.join(request_of()), stays, Client(reads=False).progress)
        return now(), len(queue)

    assert run_jumping(scenario()) == (WRITE_S, 0)
