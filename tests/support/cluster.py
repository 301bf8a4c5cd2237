"""Gateways as in production, on one log: real HTTP, a bus in memory, and a scripted fleet."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import httpx

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.core.ids import accepted_at_of
from libs.runtime.assembly import Assembly
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.bus import Bus
from libs.runtime.messaging.codec import read
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.fake_key_values import FakeKeyValues
from libs.testing.keys import API_KEY
from libs.testing.records import SIGNER
from libs.testing.waiting import eventually
from services.gateway.api.application import make_application
from services.gateway.assembly.instance import Stores, open_on
from services.gateway.domain.request_limits import RequestLimits
from services.gateway.settings import Settings
from services.gateway.spec import SPEC

OURS, THEIRS = API_KEY, "a-key-of-another-tenant"
ADA, BOB = "a-key-of-ada-there", "a-key-of-bob-there"  # two people of the first tenant, neither of them an admin
KEYS = StaticKeys.of(
    {
        OURS: owner_of("default"),
        THEIRS: owner_of("other"),
        ADA: replace(owner_of("default"), user="ada", key_id="k-ada", admin=False),
        BOB: replace(owner_of("default"), user="bob", key_id="k-bob", admin=False),
    }
)
M = TypeVar("M", bound=Message)
T = TypeVar("T")


class TwoTenants(Settings):
    """Settings of a gateway that knows the keys of two tenants."""

    @property
    def keys(self) -> StaticKeys:
        return KEYS

    @property
    def rules(self) -> RequestLimits:
        """Generous timeouts: a machine may pause for a moment."""
        return replace(super().rules, settle_s=30.0, lookup_timeout_s=60.0)


@dataclass
class Cluster:
    """The log, the deltas, and the messages of the rest of the fleet."""

    folder: Path
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    deltas: FakeDeltas = field(default_factory=FakeDeltas)
    kind: type[Settings] = TwoTenants
    notes: FakeKeyValues = field(default_factory=FakeKeyValues)

    def __post_init__(self) -> None:
        self.fleet = BusPublisher(MemoryBus(self.broker), SIGNER)

    def settings(self, **given: str) -> Settings:
        named = {"REDIS_URL": "redis://127.0.0.1:1", "MOE_BOOTSTRAP_API_KEY": OURS, "MOE_PORT": "0", **given}
        return self.kind.model_validate({**named, "MOE_DATA_DIR": str(self.folder)})

    def all(self, kind: type[M]) -> list[M]:
        """Messages of one kind on the log, each once."""
        messages = {}
        for record in self.broker.records():
            message = read(record, SIGNER)
            if isinstance(message, kind):
                messages[message.envelope.event_id] = message
        return list(messages.values())

    async def wait_for(self, kind: type[M], count: int = 1) -> M:
        """Wait for `count` messages of a kind; return the latest."""
        await eventually(lambda: len(self.all(kind)) >= count, within_s=30)
        return self.all(kind)[-1]

    async def finish(self, cause: Message, end: AnswerFinished) -> None:
        await self.fleet.publish(end.after(cause))


@dataclass
class Gateway:
    """One instance. `bus.crash()` cuts its connection to the bus, as `kill -9` would."""

    fleet: Fleet
    bus: MemoryBus
    client: httpx.AsyncClient

    async def ask(self, text: str = "Why?", **fields: object) -> httpx.Response:
        return await self.client.post("/v1/chat/completions", json=question(text, **fields))

    async def get(self, response_id: str, query: str = "", **headers: str) -> httpx.Response:
        return await self.client.get(f"/v1/responses/{response_id}{query}", headers=headers)


def with_key(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def question(text: str, **fields: object) -> dict[str, object]:
    return {"model": "moe-orchestrator", "messages": [{"role": "user", "content": text}], **fields}


@asynccontextmanager
async def gateway(cluster: Cluster, ordinal: int, bus: Bus | None = None, **settings: str) -> AsyncIterator[Gateway]:
    """Run one instance as it is put together, with the keys of two tenants."""
    own_bus = MemoryBus(cluster.broker)
    read, assembly = cluster.settings(**settings), Assembly()
    ports = open_on(Stores(cluster.deltas, ordinal, cluster.notes), read, assembly, make_application)
    service = assembly.service(SPEC, read, {}, ports)
    fleet = Fleet([service], bus or own_bus, ProcessOptions(SIGNER))
    headers = {"authorization": f"Bearer {OURS}"}
    async with httpx.AsyncClient(headers=headers, timeout=20) as client, fleet:  # the client outlives the gateway
        client.base_url = httpx.URL(f"http://127.0.0.1:{fleet.ports[0]}")
        yield Gateway(fleet, own_bus, client)


def started(work: Coroutine[object, object, T]) -> asyncio.Task[T]:
    """Run work beside the test."""
    return asyncio.get_running_loop().create_task(work)


async def opened(cluster: Cluster, count: int = 1) -> RequestOpened:
    """The latest accepted request. The log is read by partition: its last record may be an older one."""
    await cluster.wait_for(RequestOpened, count)
    return max(cluster.all(RequestOpened), key=lambda message: accepted_at_of(message.envelope.response_id))
