"""Look-ups are shared fairly among tenants, with bounded waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from libs.testing.fake_clock import run_jumping
from libs.testing.waiting import waiting
from services.gateway.domain.errors import RequestRefused
from services.gateway.lookup.permits import WAITING, LookupPermits
from tests.support.cluster import started


@asynccontextmanager
async def crowd(at: LookupPermits, tenant: str, count: int) -> AsyncIterator[None]:
    """Start so many lookups of one tenant that do not end by themselves."""

    async def come() -> None:
        async with at.permit(tenant):
            await asyncio.Event().wait()

    works = [started(come()) for _ in range(count)]
    await asyncio.sleep(0)
    try:
        yield
    finally:
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)


async def refused(at: LookupPermits, tenant: str) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        async with at.permit(tenant):
            pass
    return caught.value


async def test_one_tenant_alone_has_three_quarters_of_the_turns() -> None:
    at = LookupPermits(8)
    async with AsyncExitStack() as stack:
        for _ in range(6):
            await stack.enter_async_context(at.permit("only"))
        async with crowd(at, "only", 1), waiting(1), at.permit("another"):
            pass


async def test_a_tenant_with_a_crowd_leaves_a_turn_to_one_that_comes() -> None:
    at = LookupPermits(8)
    async with crowd(at, "greedy", 100), waiting(1), at.permit("modest"):
        pass


def test_who_waits_for_too_long_is_told_to_come_back() -> None:
    async def scenario() -> tuple[int, int | None, float]:
        at = LookupPermits(1)
        async with at.permit("one"):
            error = (await refused(at, "one")).error
        return error.status, error.retry_after_s, asyncio.get_running_loop().time()

    assert run_jumping(scenario()) == (503, 1, 5)


async def test_who_comes_when_too_many_of_its_own_wait_is_told_at_once() -> None:
    at = LookupPermits(1)
    async with crowd(at, "one", 1 + WAITING):
        assert (await refused(at, "one")).error.status == 503
