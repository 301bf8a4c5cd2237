"""A gateway that starts before it can read any budget."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
from prometheus_client import REGISTRY

from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.adapters.quota.budgets.lease_size import Holder
from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.testing.keys import every_root
from libs.testing.waiting import eventually
from tests.integration.metering.test_terms import PATIENCE_S
from tests.support.cluster import ADA, Cluster, Gateway, gateway, opened, question, started, with_key

HOLDER = Holder("default", "user", "ada")


@asynccontextmanager
async def locked_terms(owner_url: str) -> AsyncIterator[None]:
    """Block all reads of budgets, as a slow store would."""
    owner = await asyncpg.connect(owner_url)
    try:
        async with owner.transaction():
            await owner.execute("LOCK TABLE moe.budgets IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await owner.close()


async def failing(instance: Gateway) -> set[str]:
    return set((await instance.client.get("/ready")).json()["failing"])


async def until_failing(instance: Gateway, parts: set[str]) -> None:
    """Wait until a gateway waits for these alone. Raises TimeoutError."""

    async def only_these() -> bool:
        return await failing(instance) == parts

    await eventually(only_these, within_s=PATIENCE_S)


async def asked_by_ada(instance: Gateway) -> httpx.Response:
    return await instance.client.post("/v1/chat/completions", json=question("Why?"), headers=with_key(ADA))


async def test_a_gateway_is_not_ready_and_a_request_waits_until_it_is_known_who_has_a_budget(
    owner_url: str, signing_key: str, tmp_path: Path
) -> None:
    await PostgresBudgetAdmin(owner_url, signing_key, "default").set(HOLDER, {"total": 100_000}, "root")
    cluster = Cluster(tmp_path)
    told = {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(signing_key)}
    async with AsyncExitStack() as leaving:
        async with locked_terms(owner_url):
            instance = await leaving.enter_async_context(gateway(cluster, 0, None, **told))
            await until_failing(instance, {"budgets"})
            early = started(asked_by_ada(instance))
            await eventually(lambda: REGISTRY.get_sample_value("moe_requests_in_flight") == 1)
            await until_failing(instance, {"budgets"})
            assert not cluster.all(RequestOpened)
            assert not early.done()
        await until_failing(instance, set())
        request = await opened(cluster)
        await cluster.finish(request, AnswerFinished(outcome="answered", text="Because."))
        assert (await early).status_code == 200
        assert request.account.reserved > 0
