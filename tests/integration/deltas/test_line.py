"""The bare connection: its waits and their limits."""

from libs.adapters.valkey.deltas.connection import Line
from tests.support.valkey_process import Store


async def test_a_subscription_may_be_silent_for_as_long_as_nobody_asks(store: Store) -> None:
    line = Line(store.url)
    await line.open()
    try:
        assert line._connected().socket_timeout is None
    finally:
        await line.close()
