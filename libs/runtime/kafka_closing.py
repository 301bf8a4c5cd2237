"""Closing clients of Kafka whose broker does not answer."""

import asyncio
from collections.abc import Coroutine

HANG_UP_S = 1.0


async def hang_up(close: Coroutine[object, object, None]) -> None:
    """Run a client's own `close`, for `HANG_UP_S` at most, and ignore what it raises.

    It closes its sockets at once and then waits for its connections to end, over TLS for the broker's last word too.
    A stop that was cut short has cancelled the futures that it waits for: it would end as cancelled, and so would its
    caller.
    """
    closing = asyncio.get_running_loop().create_task(close, name="hang up")
    await asyncio.wait({closing}, timeout=HANG_UP_S)
    closing.cancel()
    await asyncio.wait({closing})
    if not closing.cancelled():
        closing.exception()
