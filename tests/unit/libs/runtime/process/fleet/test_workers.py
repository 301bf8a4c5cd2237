"""A worker runs beside its service from when messages can be published until the process stops."""

import asyncio

from libs.contracts.audit import AuditRecorded
from libs.contracts.origin import Origin
from libs.contracts.topics import AUDIT
from libs.ports.bus import Publisher
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.signing import Signer
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.service import Service
from libs.testing.waiting import waiting

OPTIONS = ProcessOptions(Signer(b"a signing key for tests"))
ORIGIN = Origin.system("test")


async def test_a_worker_can_say_something_and_is_cancelled_at_the_end() -> None:
    said, ended = asyncio.Event(), asyncio.Event()

    async def work(publisher: Publisher) -> None:
        try:
            await publisher.publish(AuditRecorded(action="a", actor="b", target="c", ts=1.0).opening(ORIGIN))
            said.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    broker = MemoryBroker()
    async with Fleet([Service("worker", workers=(work,))], MemoryBus(broker), OPTIONS), waiting(30):
        await said.wait()
        assert not ended.is_set()
    assert ended.is_set()
    assert [record.topic for record in broker.records()] == [AUDIT.name]


async def test_a_worker_that_fails_ends_the_process() -> None:
    async def work(_: Publisher) -> None:
        raise RuntimeError("broken")

    async with Fleet([Service("worker", workers=(work,))], MemoryBus(MemoryBroker()), OPTIONS) as fleet, waiting(30):
        await fleet.failed.wait()
