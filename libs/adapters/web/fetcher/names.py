"""Resolves names by the machine's resolver."""

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
    async def resolve(self, name: str, port: int) -> tuple[str, ...]:
        """All addresses of a name, best first; none for a name that does not exist.

        Raises OSError, and FetchError `busy` when too many look-ups run.
        """
        ...


class Lookup(Protocol):
    """`socket.getaddrinfo`, for TCP. Blocks."""

    def __call__(self, host: str, port: int, /, family: int = 0, type: int = 0, proto: int = 0) -> Found: ...


class SystemResolver:
    """The machine's resolver: one look-up per connection; tenants share its threads fairly.

    A look-up blocks a thread for as long as the name's own servers take: half a minute and more. So it has threads of
    its own, and other users of threads never wait for names.
    """

    def __init__(self, lookup: Lookup = socket.getaddrinfo) -> None:
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="names")  # each starts on demand
        self._turns = FairSemaphore(AT_ONCE, WAITING, lasting=True)

    async def resolve(self, name: str, port: int) -> tuple[str, ...]:
        try:
            found = await asyncio.wrap_future(await self._looking(name, port))
        except socket.gaierror as error:
            if error.errno in {socket.EAI_NONAME, socket.EAI_NODATA}:
                return ()
            raise
        return tuple(str(address[0]) for *_, address in found)

    async def _looking(self, name: str, port: int) -> "Future[Found]":
        """Start a look-up. Its permit is held until the thread ends, also after the caller has stopped waiting."""
        tenant, loop = current_tenant(), asyncio.get_running_loop()
        try:
            await self._turns.acquire(tenant)
        except TooManyWaiters as error:
            raise FetchError("busy", f"names that are looked for: the limit is {AT_ONCE + WAITING}") from error
        looking = self._threads.submit(self._lookup, name, port, 0, socket.SOCK_STREAM, socket.IPPROTO_TCP)

        def ended(_: "Future[Found]") -> None:
            with suppress(RuntimeError):  # the loop has already ended
                loop.call_soon_threadsafe(self._turns.release, tenant)

        looking.add_done_callback(ended)
        return looking
