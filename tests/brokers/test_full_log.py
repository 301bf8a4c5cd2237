"""The disk of Kafka's log is full and Kafka ends: work is rejected with a reason; no acknowledged record is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from libs.contracts.catalogue import TOPICS
from libs.contracts.record import Record
from libs.embedded.kafka.store import Kafka
from libs.embedded.store import Folders
from libs.embedded.supervised import Supervised
from libs.testing.log_reader import records_on
from libs.testing.model_server import ModelServer
from libs.testing.native_kafka import SHARED_JARS
from libs.testing.ports import own_port
from libs.testing.processes import ProcessContext, ServerProcess, moe, moe_process
from libs.testing.small_disk import small_disk
from libs.testing.stores import postgres, running, valkey
from libs.testing.waiting import eventually, waiting
from moe.registry import SERVICES
from tests.support.fleet_processes import KEY, FleetHarness, Stores, script, variables_of

pytestmark = [pytest.mark.brokers, pytest.mark.slow]
DISK_BYTES = 128 << 20
ENDED_WITHIN_S = 120.0
REFUSED_WITHIN_S = 30.0  # the bounds of publishing and of the client's connection, on a busy machine
QUESTION = "How large should connection pools be, see #{}?"


@dataclass(frozen=True)
class Fleet:
    """A fleet in one process whose broker has a separate disk for its log."""

    harness: FleetHarness
    process: ServerProcess
    broker: Supervised

    async def records(self) -> list[Record]:
        return await records_on(self.harness.stores.broker, TOPICS)

    async def refusal(self, group: asyncio.TaskGroup) -> tuple[httpx.Response, list[asyncio.Task[httpx.Response]]]:
        """Send requests until the fleet rejects one in time; return it and the accepted, unanswered requests.

        A record that fits into a page of the disk which its file has already is still acknowledged.
        """
        accepted = []
        async with waiting(ENDED_WITHIN_S):
            while True:
                asking = group.create_task(self.harness.ask(QUESTION.format("fast")))
                await asyncio.wait((asking,), timeout=REFUSED_WITHIN_S)
                if not asking.done():
                    accepted.append(asking)
                elif asking.result().status_code != 200:
                    return asking.result(), accepted


@asynccontextmanager
async def fleet_on(disk: Path, model_url: str, folder: Path) -> AsyncIterator[Fleet]:
    """Run the fleet; its process is never started again."""
    home = disk / "kafka"
    home.mkdir(mode=0o700)
    kafka = Kafka(Folders(home, folder / "kafka.log"), SHARED_JARS, authenticated=False)
    async with running(kafka) as broker, valkey() as valkey_url, postgres() as postgres_url:
        stores = Stores(broker.launch.gives.kafka or "", valkey_url, postgres_url)
        place = ProcessContext({**variables_of(stores, model_url, folder), "MOE_MCP_PORT": str(own_port())}, folder)
        for command in (("topics", "apply"), ("migrate",)):
            assert (done := await moe(place, *command)).code == 0, done.errors
        process = moe_process(place, "up", *SERVICES, name="fleet")
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {KEY}"}, timeout=300) as http:
            await process.start()
            try:
                yield Fleet(FleetHarness(stores, place, {"gateway": process}, http), process, broker)
            finally:
                code = await process.stop()
            assert code == 0


async def test_a_full_disk_of_the_log_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", DISK_BYTES) as disk:
        assert disk.is_mounted, "this test needs the right to mount a file system"
        async with ModelServer(script()) as models, fleet_on(disk.folder, models.url, tmp_path) as fleet:
            pid = fleet.process.running.pid
            before = [await fleet.harness.answer(QUESTION.format(f"fast{number}")) for number in range(3)]
            acknowledged = await fleet.records()
            models.log.forget()
            async with asyncio.TaskGroup() as group:
                accepted = group.create_task(fleet.harness.answer(QUESTION.format("slow1")))
                await models.log.wait_started(2)
                with disk.full():
                    refusal, unanswered = await fleet.refusal(group)
                    await eventually(lambda: not is_alive(fleet.broker), within_s=ENDED_WITHIN_S)
                assert not accepted.done()
                await fleet.broker.restart()
            assert "#slow1" in accepted.result().text
            assert [each.result().text for each in unanswered if each.result().status_code != 200] == []
            assert (refusal.status_code, refusal.json()["error"]["code"]) == (503, "not_accepted")
            assert int(refusal.headers["retry-after"]) > 0
            kept = {place_of(record): record.value for record in await fleet.records()}
            assert {place_of(record): record.value for record in acknowledged}.items() <= kept.items()
            after = await fleet.harness.answer(QUESTION.format("fast9"))
            for each in (*before, accepted.result(), after):
                assert [end.text for end in await fleet.harness.ends(each.response_id)] == [each.text]
            assert fleet.process.running.pid == pid


def place_of(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset


def is_alive(broker: Supervised) -> bool:
    return psutil.pid_exists(broker.pid)
