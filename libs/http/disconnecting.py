"""Disconnects of clients: work that ends with its client, and views of a client for work that continues without it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Send

SEND_TIMEOUT_S = 5.0  # a client that blocks a write for this long gets no further messages

T = TypeVar("T")


async def until_disconnected(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Cancel `work` and raise ClientDisconnect when the client disconnects first.

    Read the body before: the next message of `receive` must be the disconnect.
    """
    running = asyncio.get_running_loop().create_task(work)
    leaving = asyncio.get_running_loop().create_task(_disconnected(receive))
    try:
        await asyncio.wait((running, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise ClientDisconnect
        return running.result()
    finally:
        running.cancel()
        leaving.cancel()
        await asyncio.gather(running, leaving, return_exceptions=True)


async def never_disconnect() -> Message:
    """Block until cancelled: hide the disconnect of the client."""
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


class BestEffortSend:
    """Sends until one write exceeds SEND_TIMEOUT_S, then discards: a stalled client delays no answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._left = False

    async def __call__(self, message: Message) -> None:
        if self._left:
            return
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._send(message)
        except TimeoutError:
            self._left = True


async def discard(_message: Message) -> None:
    """A `Send` that drops every message: the client fetches the answer later."""


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":  # noqa: ASYNC110 - the server tells it by this alone
        await asyncio.sleep(0)  # a server that repeats itself must not keep the loop
