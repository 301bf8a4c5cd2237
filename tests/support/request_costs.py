"""What one question costs in requests: a whole fleet in this process on real stores, with a counter at each of them."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from aiokafka.client import AIOKafkaClient

from libs.adapters.kafka.topics import ensure_topics
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.codec import Outgoing
from libs.runtime.settings import BusSettings
from libs.testing.forwarding import Forwarder, forwarder
from libs.testing.keys import SIGNING_KEY, roots_beside
from libs.testing.model_server import ModelServer, PipelineOptions, pipeline_script
from libs.testing.processes import ProcessContext, moe
from libs.testing.stores import postgres, valkey
from moe.registry import SERVICES
from tests.support.fleet import KEY, Stores, process

QUESTION = "How large should the connection pools of a hospital be?"
FOUR_EXPERTS = PipelineOptions(tasks=4, categories=("medical_consult", "general", "science", "technical_support"))
KINDS = {"ProduceRequest": "produce", "IncrementalFetch": "fetch", "OffsetCommitRequest": "commit"}


@dataclass(frozen=True)
class Costs:
    """Counts of one question by name: until its answer, and until the fleet is idle again."""

    answered: Counter[str]
    settled: Counter[str]


class CountedFleet:
    """A fleet of all services that counts its requests to the broker and the stores, and its records."""

    def __init__(self, http: httpx.AsyncClient, valkey: Forwarder, postgres: Forwarder) -> None:
        self._http = http
        self._valkey = valkey
        self._postgres = postgres
        self.requests = Counter[str]()
        self._may_fetch = asyncio.Event()
        self._may_fetch.set()

    async def ask(self, settle_s: float) -> Costs:
        """Ask one question; `settle_s` is longer than every interval of commits and batches."""
        before = self._counts()
        response = await self._http.post("/v1/chat/completions", json=_BODY)
        answered = self._counts()
        assert response.status_code == 200, response.text
        await asyncio.sleep(settle_s)
        return Costs(answered - before, self._counts() - before)

    @contextmanager
    def without_fetches(self) -> Iterator[None]:
        """Hold back the response to every fetch while the block runs."""
        self._may_fetch.clear()
        try:
            yield
        finally:
            self._may_fetch.set()

    def count_requests(self, patch: pytest.MonkeyPatch) -> None:
        """Count the requests and records of every Kafka client of this process."""
        plain_send, plain_publish, fleet = AIOKafkaClient.send, KafkaBus.send, self

        async def send(self: AIOKafkaClient, node: int, request: object, **options: object) -> object:
            kind = KINDS.get(type(request).__name__)
            if kind is not None:
                fleet.requests[kind] += 1
            response = await plain_send(self, node, request, **options)
            if kind == "fetch":
                await fleet._may_fetch.wait()
            return response

        async def publish(self: KafkaBus, records: Sequence[Outgoing]) -> None:
            fleet.requests["records"] += len(records)
            await plain_publish(self, records)

        patch.setattr(AIOKafkaClient, "send", send)
        patch.setattr(KafkaBus, "send", publish)

    async def idle(self, seconds: float) -> Counter[str]:
        """Counts while no question is asked."""
        before = self._counts()
        await asyncio.sleep(seconds)
        return self._counts() - before

    def _counts(self) -> Counter[str]:
        trips = {"valkey": self._valkey.round_trips, "postgres": self._postgres.round_trips}
        return self.requests + Counter(trips)


_BODY: dict[str, object] = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": QUESTION}]}


@asynccontextmanager
async def counted_fleet(kafka: BusSettings, folder: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[CountedFleet]:
    """Run the fleet of `moe up` in this process."""
    await ensure_topics(kafka)
    async with AsyncExitStack() as stack:
        valkey_url = await stack.enter_async_context(valkey())
        postgres_url = await stack.enter_async_context(postgres())
        models = await stack.enter_async_context(ModelServer(pipeline_script(FOUR_EXPERTS)))
        near_valkey = await stack.enter_async_context(forwarder("127.0.0.1", valkey_url))
        near_postgres = await stack.enter_async_context(forwarder("127.0.0.1", postgres_url))
        extra = {"POSTGRES_CHECKPOINT_URL": near_postgres.url_for(postgres_url), **roots_beside(SIGNING_KEY)}
        stores = Stores(models.url, near_valkey.url_for(valkey_url), folder, extra)
        migrated = await moe(ProcessContext({"PATH": os.defpath, **stores.variables}, folder), "migrate")
        assert migrated.code == 0, migrated.errors
        http = httpx.AsyncClient(headers={"authorization": f"Bearer {KEY}"}, timeout=60, trust_env=False)
        await stack.enter_async_context(http)
        fleet = CountedFleet(http, near_valkey, near_postgres)
        fleet.count_requests(patch)
        running = await stack.enter_async_context(process(SERVICES, KafkaBus(kafka), stores))
        http.base_url = httpx.URL(f"http://127.0.0.1:{running.ports[0]}")
        yield fleet
