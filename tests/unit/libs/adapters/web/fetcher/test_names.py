"""Slow name look-ups delay nothing but name look-ups."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from libs.adapters.web.fetcher import FetchLimits, Reach, WebFetcher, World
from libs.adapters.web.fetcher.names import AT_ONCE, WAITING, Found, SystemResolver
from libs.core.tenancy import tenant_scope
from libs.ports.fetching import Fetched, FetchError, FetchRequest
from libs.testing.waiting import eventually, waiting

OF_ONE_TENANT = 24  # of 32, before another tenant calls

ADDRESS = "93.184.215.14"


class SlowServers:
    """`Lookup`: names that begin with `slow` are found when the gate opens, `none` is none."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun = 0

    def __call__(self, host: str, port: int, /, family: int = 0, type: int = 0, proto: int = 0) -> Found:
        self.begun += 1
        if host.startswith("slow"):
            self.gate.wait(20)
        if host.startswith("none"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, type, proto, "", (ADDRESS, port))]


@pytest.fixture
async def servers() -> AsyncIterator[SlowServers]:
    slow = SlowServers()
    yield slow
    slow.gate.set()


async def flood(resolver: SystemResolver, count: int, tenant: str) -> list[asyncio.Task[tuple[str, ...]]]:
    with tenant_scope(tenant):
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(resolver.resolve(f"slow{number}", 80)) for number in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_a_name_has_addresses_or_none(servers: SlowServers) -> None:
    resolver = SystemResolver(servers)
    assert (await resolver.resolve("a", 80), await resolver.resolve("none", 80)) == ((ADDRESS,), ())


async def test_slow_names_keep_no_thread_from_others(servers: SlowServers) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    looking = await flood(SystemResolver(servers), 3, "a")
    await eventually(lambda: servers.begun == 3)
    async with waiting(10):
        assert await asyncio.to_thread(lambda: "a file") == "a file"
    servers.gate.set()
    await asyncio.gather(*looking)


async def test_slow_names_of_a_tenant_leave_permits_for_names_of_others(servers: SlowServers) -> None:
    resolver = SystemResolver(servers)
    looking = await flood(resolver, AT_ONCE + 10, "a")
    with tenant_scope("b"):
        async with waiting(10):
            assert await resolver.resolve("quick", 80) == (ADDRESS,)
    servers.gate.set()
    await asyncio.gather(*looking)


async def test_a_name_that_nobody_waits_for_any_more_keeps_its_place_until_it_is_found(servers: SlowServers) -> None:
    resolver = SystemResolver(servers)
    for task in await flood(resolver, OF_ONE_TENANT, "a"):
        task.cancel()
    looking = await flood(resolver, 1, "a")
    for _ in range(20):
        await asyncio.sleep(0)
    assert servers.begun <= OF_ONE_TENANT
    servers.gate.set()
    assert await asyncio.gather(*looking) == [(ADDRESS,)]


async def test_more_names_than_can_wait_are_refused_as_busy(servers: SlowServers) -> None:
    resolver = SystemResolver(servers)
    looking = await flood(resolver, OF_ONE_TENANT + WAITING, "a")
    with tenant_scope("a"), pytest.raises(FetchError) as caught:
        await resolver.resolve("slow", 80)
    assert caught.value.code == "busy"
    servers.gate.set()
    await asyncio.gather(*looking)


async def test_one_tenant_leaves_permits_for_fetches_of_others(servers: SlowServers) -> None:
    fetcher = WebFetcher(Reach(), FetchLimits(at_once=4, waiting=4), World(resolver=SystemResolver(servers)))

    async def fetched(host: str) -> Fetched:
        return await fetcher.fetch(FetchRequest(f"http://{host}.example.com/"))

    with tenant_scope("a"):
        waiting = [asyncio.get_running_loop().create_task(fetched("slow")) for _ in range(6)]
    await asyncio.sleep(0)
    with tenant_scope("b"), pytest.raises(FetchError) as caught:
        await fetched("none")
    assert caught.value.code == "unresolved"
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
