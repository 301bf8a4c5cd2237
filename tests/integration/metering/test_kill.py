"""Two gateway processes, one budget, hundreds of concurrent requests, and one gateway killed in the middle of them."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import asyncpg
import httpx
import pytest
import pytest_asyncio

from libs.adapters.journal.pool import migrated
from libs.adapters.postgres.sessions import Connection
from libs.adapters.quota.budgets.admin import BudgetLine, PostgresBudgetAdmin
from libs.adapters.quota.budgets.lease_size import Holder
from libs.core.key_roots import DATABASE
from libs.testing.http_client import crowd_client
from libs.testing.keys import SIGNING_KEY, roots_beside
from libs.testing.processes import (
    ProcessContext,
    ServerProcess,
    model_server_process,
    moe,
    moe_process,
    start_all,
    stop_all,
)
from libs.testing.stores import postgres, tansu, valkey
from libs.testing.waiting import eventually, waiting
from tests.support.fleet_processes import KEY, Stores, variables_of

REQUESTS, REQUESTS_IN_SHORT = 1_000, 300
TOKENS_EACH = 300  # of the budget
CHUNK = 20_000
DATABASE_KEY = roots_beside(SIGNING_KEY)[DATABASE.variable]
OWNER = Holder("default", "user", "default")
STAGES = ("journal", "planner", "expert-worker", "mcp", "merger", "critic")
PAUSE = 0.5  # of the clients' waits: they retry sooner, and the budget is exhausted sooner
PATIENCE_S = 240.0  # clients wait until the chunks of the dead gateway have expired
QUICK = {
    "MOE_BUDGET_LEASE_TOKENS": str(CHUNK),
    "MOE_BUDGET_LEASE_SECONDS": "2",
    "MOE_REQUEST_TIMEOUT": "15",
    "JUDGE_TIMEOUT": "15",
    "EXPERT_TIMEOUT": "15",
    "MOE_MAX_IN_FLIGHT": "4096",
    "MOE_QUEUE_TARGET_MS": "0",
    "MOE_KAFKA_IDEMPOTENCE": "false",  # the in-memory broker has no idempotent producer, and wakes no waiting consumer
    "MOE_KAFKA_FETCH_WAIT_MS": "250",  # ten consumers that look every 20 ms took half of the CPU time of the test
}

log = logging.getLogger(__name__)
pytestmark = pytest.mark.slow


@dataclass
class Installation:
    """Two gateways, the rest of the fleet, and the usage records of both."""

    gateways: tuple[ServerProcess, ServerProcess]
    budget_admin: PostgresBudgetAdmin
    books: Connection
    http: httpx.AsyncClient
    outcomes: Counter[str] = field(default_factory=Counter)
    a_fifth_answered: asyncio.Event = field(default_factory=asyncio.Event)
    requests: int = REQUESTS

    @property
    def limit(self) -> int:
        return self.requests * TOKENS_EACH

    async def ask(self, number: int) -> None:
        """Repeat until there is an answer or the budget is exhausted; clients of a dead gateway use the other one."""
        gateway = number % 2
        while True:
            try:
                response = await self.http.post(f"{self.gateways[gateway].url}/v1/chat/completions", json=_body(number))
            except httpx.TransportError:
                self.outcomes["cut off"] += 1
                gateway = 1
                continue
            if response.status_code == 429 and response.headers.get("x-should-retry") != "false":
                self.outcomes["passing"] += 1
                await asyncio.sleep(PAUSE * float(response.headers["retry-after"]))
                continue
            self.outcomes[str(response.status_code)] += 1
            if self.outcomes["200"] >= self.requests // 5:
                self.a_fifth_answered.set()
            return

    async def budget(self) -> BudgetLine:
        (line,) = await self.budget_admin.lines()
        return line

    async def reserved(self) -> int:
        return (await self.budget()).reserved


@pytest_asyncio.fixture
async def installation(tmp_path: Path) -> AsyncIterator[Installation]:
    async with tansu() as kafka, valkey() as valkey_url, postgres() as postgres_url:
        stores = Stores(kafka, valkey_url, postgres_url)
        async with _running(stores, tmp_path) as running:
            yield running


@asynccontextmanager
async def _running(stores: Stores, folder: Path) -> AsyncIterator[Installation]:
    model = model_server_process(folder)
    await model.start()
    place = ProcessContext(variables_of(stores, f"{model.url}/v1", folder) | QUICK, folder)
    assert (await moe(place, "topics", "apply")).code == 0
    await migrated(stores.postgres_url, DATABASE_KEY)
    one, other = (moe_process(place, "serve", "gateway", name=f"gateway-{number}") for number in (1, 2))
    processes = (one, other, moe_process(place, "up", *STAGES, name="stages"))
    books = await asyncpg.connect(stores.postgres_url)
    try:
        await start_all(processes)
        async with crowd_client() as http:
            http.headers["authorization"], http.timeout = f"Bearer {KEY}", httpx.Timeout(60)
            budget_admin = PostgresBudgetAdmin(stores.postgres_url, DATABASE_KEY, "default")
            yield Installation((one, other), budget_admin, books, http)
    finally:
        await stop_all((*processes, model))
        await books.close()


async def test_a_killed_gateway_costs_a_budget_nothing(installation: Installation, *, whole: bool) -> None:
    installation.requests = REQUESTS if whole else REQUESTS_IN_SHORT
    await installation.budget_admin.set(OWNER, {"total": installation.limit}, "test")
    await _known(installation)
    async with waiting(PATIENCE_S), asyncio.TaskGroup() as group:
        for number in range(installation.requests):
            group.create_task(installation.ask(number))
        group.create_task(_kill_one(installation))
    await _nothing_reserved(installation)
    sums = await installation.books.fetchrow(
        "SELECT sum(cost)::bigint, sum(greatest(0, cost - reserved))::bigint, count(*), max(reserved) FROM moe.usage"
    )
    assert sums is not None
    spent, excess, rows, largest = sums
    outcomes, limit = installation.outcomes, installation.limit
    log.info("%s; %d booked, spent %d of %d, %d beyond estimates", dict(outcomes), rows, spent, limit, excess)
    assert outcomes["cut off"] > 0
    assert outcomes["200"] + outcomes["429"] == installation.requests
    assert outcomes["429"] > 0
    assert rows >= outcomes["200"]
    assert spent <= limit + excess
    assert spent > limit - excess - largest
    assert (await installation.budget()).spent == spent
    assert await installation.books.fetchval("SELECT count(DISTINCT response_id) FROM moe.usage") == rows


async def _known(installation: Installation) -> None:
    """Wait until both gateways know the budget: every reply reports a daily one."""
    await installation.budget_admin.set(OWNER, {"daily": 10 * installation.limit}, "test")
    for gateway in installation.gateways:
        await eventually(partial(_tells_a_budget, installation, gateway))
    await installation.budget_admin.set(OWNER, {"daily": None}, "test")


async def _tells_a_budget(installation: Installation, gateway: ServerProcess) -> bool:
    reply = await installation.http.post(f"{gateway.url}/v1/chat/completions", json=_body(0))
    return "x-moe-budget-daily-limit" in reply.headers


async def _kill_one(installation: Installation) -> None:
    await installation.a_fifth_answered.wait()
    await installation.gateways[0].kill()


async def _nothing_reserved(installation: Installation) -> None:
    """Wait until nothing is reserved any more; the chunks of the dead gateway must have expired by then."""
    expires_in_s = await installation.books.fetchval(
        "SELECT extract(epoch FROM max(expires_at) - now())::float8 FROM moe.budget_leases"
    )

    async def expired() -> bool:
        return not await installation.reserved()

    await eventually(expired, within_s=max(0.0, expires_in_s) + 60, look_every_s=0.5)


def _body(number: int) -> dict[str, object]:
    """Every other request is for the fleet, the others go straight to a model."""
    model = "moe-orchestrator" if number // 2 % 2 else "m@scripted"
    question = json.dumps({"number": number})
    return {"model": model, "max_tokens": 1000, "messages": [{"role": "user", "content": question}]}
