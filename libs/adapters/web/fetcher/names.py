"""Names to addresses, by the machine's resolver.

It blocks a thread for each name, for as long as the name's own servers like: half a minute and more. So it has threads
of its own, and nobody who needs a thread for something else waits for names.
"""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol, TypeAlias

from libs.core.fair_semaphore import FairSemaphore, TooManyWaiters
from libs.core.tenancy import current_tenant
from libs.ports.fetching import FetchError

AT_ONCE = 32
WAITING = 64

Found: TypeAlias = Sequence[tuple[int, int, int, str, tuple[str | int, ...] | tuple[int, bytes]]]


class Resolver(Protocol):
    """Whoever knows the addresses of names."""

    async def resolve(self, name: str, port: int) -> tuple[str, ...]:
        """Return all addresses of a name, best first, none for a name that there is not. Raises OSError, and FetchError
        `busy` when too many names are looked for."""
        ...


class Lookup(Protocol):
    """`socket.getaddrinfo`, for TCP. Blocks."""

    def __call__(self, host: str, port: int, /, family: int = 0, type: int = 0, proto: int = 0) -> Found: ...


class SystemResolver:
    """The machine's resolver, asked once for each connection; tenants share its threads by turns."""

    def __init__(self, lookup: Lookup = socket.getaddrinfo) -> None:
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="names")  # each starts when it is needed
        self._turns = FairSemaphore(AT_ONCE, WAITING, lasting=True)

    async def resolve(self, name: str, port: int) -> tuple[str, ...]:
        """See the port."""
        try:
            found = await asyncio.wrap_future(await self._looking(name, port))
        except socket.gaierror as error:
            if error.errno in {socket.EAI_NONAME, socket.EAI_NODATA}:
                return ()
            raise
        return tuple(str(address[0]) for *_, address in found)

    async def _looking(self, name: str, port: int) -> "Future[Found]":
        """Begin to look. The place is taken until the thread has ended, whether anybody still waits for it or not."""
        tenant, loop = current_tenant(), asyncio.get_running_loop()
        try:
            await self._turns.acquire(tenant)
        except TooManyWaiters as error:
            raise FetchError("busy", f"names that are looked for: the limit is {AT_ONCE + WAITING}") from error
        looking = self._threads.submit(self._lookup, name, port, 0, socket.SOCK_STREAM, socket.IPPROTO_TCP)

        def ended(_: "Future[Found]") -> None:
            with suppress(RuntimeError):  # the loop has ended before
                loop.call_soon_threadsafe(self._turns.release, tenant)

        looking.add_done_callback(ended)
        return looking
