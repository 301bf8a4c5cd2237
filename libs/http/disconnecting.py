"""Work that ends when its client disconnects."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

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


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":  # noqa: ASYNC110 - the server tells it by this alone
        await asyncio.sleep(0)  # a server that repeats itself must not keep the loop
