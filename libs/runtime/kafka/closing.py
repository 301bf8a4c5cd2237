"""Bounded closing of Kafka clients, whether the broker answers or not."""

import asyncio
from collections.abc import Coroutine


async def ends_well(stop: Coroutine[object, object, None], timeout_s: float) -> bool:
    """Run a client's own `stop` or `close` for at most `timeout_s`; return whether it ended in time, without an error
    and uncancelled.

    A client closes its sockets at once and then waits for its connections to end, over TLS also for the broker's
    closing message. It cancels its own fetches and treats their exceptions as its own end. An interrupted stop has
    cancelled the futures that the next one waits for. Neither may cancel the caller, hence the task.
    """
    task = asyncio.get_running_loop().create_task(stop, name="close a client of Kafka")
    _, late = await asyncio.wait({task}, timeout=timeout_s)
    task.cancel()
    await asyncio.wait({task})
    return not task.cancelled() and task.exception() is None and not late
