"""A route to a model server: to its own port, or through a gateway or proxy."""

import asyncio
import time
from dataclasses import dataclass

from libs.testing.processes import ServerProcess
from tests.support.process_cpu import cpu_s
from tests.support.raw_client import RawClient, Told, connected, request_of

IDLE_SHARE = 0.15  # of a core
LOOK_S, LOOKS = 0.5, 40
WITHIN_S = 600.0  # ends a hang; not a limit of the test


@dataclass(frozen=True)
class Way:
    """The measured process, its key, and the model name that it expects."""

    process: ServerProcess
    key: str
    suffix: str = ""

    def request(self, model: str, *, stream: bool = False) -> bytes:
        """Request for a model of `tests.support.fast_model`."""
        return request_of(f"{model}{self.suffix}", self.key, stream=stream)

    def cpu_s(self) -> float:
        """CPU that the process has used, in seconds."""
        return cpu_s(self.process)

    async def quiet(self) -> None:
        """Wait until the work that earlier requests left is done: the process uses no more than its idle share.

        Where a core is so slow that it always uses more, return after a while.
        """
        for _ in range(LOOKS):
            before = self.cpu_s()
            await asyncio.sleep(LOOK_S)
            if (self.cpu_s() - before) / LOOK_S <= IDLE_SHARE:
                return


async def latencies_ms(client: RawClient, request: bytes, count: int) -> list[float]:
    """Latencies of sequential requests, in milliseconds."""
    took = []
    for _ in range(count):
        began = time.perf_counter()
        told = await client.ask(request)
        took.append((time.perf_counter() - began) * 1000)
        assert told.status == 200, told.data[:800]
    return took


async def asked_at_once(port: int, request: bytes, connections: int, each: int) -> list[Told]:
    """Responses to `each` requests on every connection."""
    clients = await asyncio.gather(*(connected(port) for _ in range(connections)))

    async def ask(client: RawClient) -> list[Told]:
        return [await client.ask(request) for _ in range(each)]

    async with asyncio.timeout(WITHIN_S):
        told = await asyncio.gather(*map(ask, clients))
    for client in clients:
        client.close()
    return [one for several in told for one in several]
