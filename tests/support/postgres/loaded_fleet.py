"""A whole fleet on a given Postgres under constant load, and the final state of its journal and usage store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import asyncpg

from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.adapters.quota.budgets.lease_size import Holder
from libs.contracts.checkpoint import ChainCheckpointed
from libs.contracts.records import RequestLogged
from libs.ports.journal import Position
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.testing.keys import SIGNING_KEY
from libs.testing.model_server import ModelServer, pipeline_script
from libs.testing.stores import valkey
from libs.testing.waiting import eventually
from tests.support.command_line import moe_process
from tests.support.fleet import THINKING, Client, Stores, gateway_client, process
from tests.support.journal.commands import variables, verified

TENANT = "default"
OWNER = Holder(TENANT, "user", "default")
BUDGET = 10_000_000
CLIENTS = 4
PAUSE_S = 0.1  # of a client that must retry
_JOURNALED = 'SELECT log_id, topic, partition, "offset" FROM moe.journal'
_BOOKED = "SELECT response_id, cost FROM moe.usage"
_NOT_SEALED = "SELECT count(*) FROM moe.journal WHERE id NOT IN (SELECT row_id FROM moe.chain)"


@dataclass
class AskedFleet:
    """`answered`: the ids of the responses that clients have received. `refused` counts rejections to retry."""

    client: Client
    given: dict[str, str]
    folder: Path
    log_id: str
    answered: list[str] = field(default_factory=list)
    refused: int = 0
    stopping: bool = False

    @property
    def budget_admin(self) -> PostgresBudgetAdmin:
        return PostgresBudgetAdmin(self.given["POSTGRES_CHECKPOINT_URL"], SIGNING_KEY, TENANT)

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """Send requests during the block, and wait for their end."""
        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(self._ask())
            try:
                yield
            finally:
                self.stopping = True

    async def _ask(self) -> None:
        """Send requests in a loop, and retry as the server advises."""
        while not self.stopping:
            response = await self.client.ask("How large should connection pools be?")
            if response.status_code == 200:
                self.answered.append(response.json()["id"])
                continue
            assert response.status_code == 503, response.text
            self.refused += 1
            await asyncio.sleep(PAUSE_S)

    async def more_answers(self, number: int) -> None:
        wanted = len(self.answered) + number
        await eventually(lambda: len(self.answered) >= wanted, within_s=120)

    def positions(self) -> set[Position]:
        return {Position(self.log_id, each.topic, each.partition, each.offset) for each in self.client.broker.records()}

    async def journaled(self, url: str) -> list[Position]:
        """Positions in the journal's table."""
        return [Position(*row) for row in await _rows(url, _JOURNALED)]

    async def all_is_kept(self, url: str) -> None:
        """Wait until the journal has the whole log, sealed: each record once, its own messages included."""

        async def is_kept() -> bool:
            kept = await self.journaled(url)
            assert len(kept) == len(set(kept))
            ((open_rows,),) = await _rows(url, _NOT_SEALED)
            return set(kept) == self.positions() and open_rows == 0

        await eventually(is_kept, look_every_s=0.2)

    async def assert_books_are_right(self, url: str) -> None:
        """Each request that ended is recorded once, and the budget lost exactly the recorded cost."""
        ended = {each.envelope.response_id for each in self.client.events(RequestLogged)}
        booked = await _rows(url, _BOOKED)
        assert sorted(row["response_id"] for row in booked) == sorted(ended)
        assert ended >= set(self.answered)
        (line,) = await self.budget_admin.lines()
        assert line.spent == sum(row["cost"] for row in booked) > 0

    async def assert_chain_verifies(self) -> None:
        """An auditor's check succeeds: every row, and every checkpoint that was ever published."""
        export, apart = self.folder / "export.jsonl", self.folder / "checkpoints.jsonl"
        published = [each.body().decode() for each in self.client.events(ChainCheckpointed)]
        apart.write_text("\n".join(published))
        command = ("audit", "export", "--tenant", TENANT, "--include-unsigned", "--out", str(export))
        exported = await asyncio.to_thread(moe_process, self.given, *command)
        assert exported.returncode == 0, exported.stderr
        told = await asyncio.to_thread(verified, str(export), "--checkpoints", str(apart), "--unsigned", "1000000")
        assert told["ok"], told


@asynccontextmanager
async def asked_fleet(url: str, folder: Path, *, log_id: str = "") -> AsyncIterator[AskedFleet]:
    """Run a fleet in this process, with a budget that it leases from.

    With a `log_id` it stores accepted requests in Postgres, as with an in-memory broker.
    """
    given = variables(url, SIGNING_KEY) | {"MOE_CHECKPOINT_ROWS": "25", "MOE_CHECKPOINT_SECONDS": "1"}
    given["MOE_LOG_INCARNATION"] = log_id
    broker = MemoryBroker()
    async with valkey() as valkey_url, ModelServer(pipeline_script()) as models:
        stores = Stores(models.url, valkey_url, folder, given)
        names = ("journal", "gateway", *THINKING)
        async with (
            process(names, MemoryBus(broker), stores) as fleet,
            gateway_client(fleet.ports[0], broker) as client,
        ):
            await eventually(partial(_is_ready, client), within_s=120)
            asked = AskedFleet(client, given, folder, log_id)
            await asked.budget_admin.set(OWNER, {"total": BUDGET}, "test")
            yield asked


async def _is_ready(client: Client) -> bool:
    return (await client.http.get("/ready")).status_code == 200


async def _rows(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()
