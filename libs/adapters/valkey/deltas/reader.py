"""Delta reader: one subscription for a gateway instance, dispatched to the responses that are followed."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

from libs.adapters.valkey.client import STORE_UNAVAILABLE
from libs.adapters.valkey.deltas.connection import Line
from libs.adapters.valkey.deltas.follower import Follower
from libs.adapters.valkey.deltas.replay import StreamReplay
from libs.adapters.valkey.deltas.wire import channel, stream_key, unpack
from libs.core.resource import Resource
from libs.core.tasks import TaskSet
from libs.ports.deltas import Delta

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0
CONNECT_TIMEOUT_S = 2.0
CATCH_UP_TIMEOUT_S = 5.0
CATCH_UP_BATCH = 16
PING_EVERY_S = 10.0

log = logging.getLogger(__name__)


class ValkeyDeltaReader(Resource):
    """Subscribes to the deltas of every response of one reply partition while it is entered.

    Reconnects by itself, and then reads missed entries from the streams.
    """

    name = "valkey"
    required = False

    def __init__(self, url: str, reply_partition: int) -> None:
        self._url = url
        self._channel = channel(reply_partition)
        self._line = Line(url)
        self._past = Line(url)  # a subscribed connection cannot read streams
        self._followers: dict[str, Follower] = {}
        self._tasks = TaskSet(_report)
        self._pause_s = FIRST_PAUSE_S
        self._received_at = 0.0
        self._listening = asyncio.Event()

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(self._past.close)
        stack.push_async_callback(self._line.close)
        stack.push_async_callback(self._tasks.cancel)
        self._tasks.start(self._run(), name="delta-reader")

    async def __call__(self) -> str | None:
        return None if self._listening.is_set() else "not_connected"

    async def listening(self) -> None:
        """Wait until the subscription is active."""
        await self._listening.wait()

    @asynccontextmanager
    async def follow(self, response_id: str) -> AsyncIterator[AsyncIterator[Delta]]:
        """Entering costs no round trip."""
        follower = self._followers[response_id] = Follower()
        try:
            yield follower
        finally:
            del self._followers[response_id]

    @asynccontextmanager
    async def replay(self, response_id: str) -> AsyncIterator[AsyncIterator[Delta]]:
        replay = StreamReplay(self._url, response_id)
        try:
            async with aclosing(replay.entries()) as entries:
                yield entries
        finally:
            await replay.close()

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except* STORE_UNAVAILABLE as lost:
                if self._listening.is_set():
                    log.warning("the delta store is away, answers come in one piece: %s", lost.exceptions[0])
            self._listening.clear()
            await self._line.close()
            await self._past.close()
            await asyncio.sleep(self._pause_s * random.uniform(0.5, 1.0))
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)

    async def _listen(self) -> None:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await self._line.open()
            await self._line.call([("SUBSCRIBE", self._channel)])
        # Messages published meanwhile wait in the socket, so no entry is lost between the streams and the channel.
        await self._catch_up()
        self._pause_s, self._received_at = FIRST_PAUSE_S, _now()
        self._listening.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_alive())
            await self._receive()

    async def _receive(self) -> None:
        while True:
            reply = await self._line.reply()
            self._received_at = _now()
            match reply:
                case [b"message", _, bytes(data)]:
                    self._dispatch(data)

    async def _keep_alive(self) -> None:
        """Detects a connection that died silently: a live one answers pings."""
        while _now() - self._received_at < 2.5 * PING_EVERY_S:
            await self._line.send([("PING",)])
            await asyncio.sleep(PING_EVERY_S)
        raise ConnectionResetError("no answer to a ping")

    async def _catch_up(self) -> None:
        missed = list(self._followers)
        async with asyncio.timeout(CATCH_UP_TIMEOUT_S):
            for start in range(0, len(missed), CATCH_UP_BATCH):
                await self._past.open()
                ids = missed[start : start + CATCH_UP_BATCH]
                for reply in await self._past.call_on_streams([("XRANGE", stream_key(each), "-", "+") for each in ids]):
                    self._dispatch_stream(reply)
        await self._past.close()

    def _dispatch_stream(self, reply: object) -> None:
        for row in reply if isinstance(reply, list) else []:
            match row:
                case [_, [_, bytes(data)]]:
                    self._dispatch(data)

    def _dispatch(self, data: bytes) -> None:
        entry = unpack(data)
        if entry is not None and (follower := self._followers.get(entry.response_id)) is not None:
            follower.offer(entry)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _report(error: BaseException) -> None:
    log.error("the delta reader has stopped", exc_info=error)
