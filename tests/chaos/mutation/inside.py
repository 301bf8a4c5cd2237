"""A small installation inside one process: the memory bus, processes that can be killed, and the same evidence."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.contracts.record import Record
from libs.contracts.topics import PROGRESS
from libs.core.clock import SystemClock
from libs.runtime.memory import MemoryBus
from libs.runtime.messaging.codec import decode, encode, verified_envelope
from libs.runtime.messaging.signing import Signer
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.service import Service, Sink
from libs.testing.http_client import crowd_client
from libs.testing.model_server import ModelServer, Rule
from libs.testing.waiting import eventually
from tests.chaos.case import Bars, Violation
from tests.chaos.checker import check
from tests.chaos.client import Errand
from tests.chaos.collecting import Sources, evidence_of, position_of
from tests.chaos.evidence import Position
from tests.chaos.history import History
from tests.chaos.load import Crowd
from tests.chaos.mutation.broker import RepeatingBroker
from tests.support.fleet import KEY, SIGNER, THINKING, Stores, process

NOWHERE = "redis://127.0.0.1:9"  # the discard port: without a cache everything must hold as well
SETTLE_S = 0.3
STORE_S = 0.2  # how long the journal's store takes
GIVES_UP_AFTER_S = 5.0  # without a further record in the journal's store
PATIENT_S = 60.0  # ends a hang; not a limit of the test
LEAVES_S = 10.0  # after the deadline: a client that leaves cancels its request, and so ends it after all
_CLOCK = SystemClock()

Fact = TypeVar("Fact", bound=Message)


@dataclass
class Inside:
    """The gateway keeps running; stages and journals start and stop. `kept` is the content of the journal's store."""

    broker: RepeatingBroker
    stores: Stores
    models: ModelServer
    crowd: Crowd
    kept: set[Position] = field(default_factory=set)
    asked: list[Errand] = field(default_factory=list)
    injected: set[Position] = field(default_factory=set)

    async def ask(
        self, count: int, kind: str = "slow", *, over_s: float = 0.0, leaves_after_s: float | None = None
    ) -> None:
        """Send so many questions; return when each client knows its end, or has disconnected."""
        first = len(self.asked)
        tokens = [f"#{kind}{number}" for number in range(first, first + count)]
        errands = [Errand(token, f"How large, see {token}?", leaves_after_s=leaves_after_s) for token in tokens]
        self.asked += errands
        await self.crowd.ask(errands, over_s)

    @asynccontextmanager
    async def stages(self, names: Sequence[str] = THINKING) -> AsyncIterator[MemoryBus]:
        """Run stages as one process; `crash()` of the bus kills it."""
        bus = MemoryBus(self.broker)
        async with process(names, bus, self.stores):
            yield bus

    @asynccontextmanager
    async def journal(self) -> AsyncIterator[MemoryBus]:
        """Run a journal whose store takes its time."""
        bus = MemoryBus(self.broker)
        async with Fleet([Service("journal", sinks=(Sink(self._keep),))], bus, ProcessOptions(SIGNER)):
            yield bus

    async def _keep(self, record: Record) -> None:
        await asyncio.sleep(STORE_S)
        self.kept.add(position_of(record))

    async def until_kept(self) -> None:
        """Wait until the journal's store holds every record, for a limited time: a killed journal stays silent."""
        kept, since = 0, _CLOCK.monotonic()
        while self._unkept() and _CLOCK.monotonic() - since < GIVES_UP_AFTER_S:
            await asyncio.sleep(STORE_S)
            if len(self.kept) > kept:
                kept, since = len(self.kept), _CLOCK.monotonic()

    def _unkept(self) -> set[Position]:
        return {position_of(record) for record in self.broker.records()} - self.kept

    def facts(self, kind: type[Fact]) -> list[Fact]:
        """Facts of a kind that the join can consume so far."""
        records = [record for log in self.broker.logs[PROGRESS.name] for record in log.records]
        read = [decode(record, verified_envelope(record, SIGNER)) for record in records]
        return [message for message in read if isinstance(message, kind)]

    async def until_opened(self, count: int) -> list[RequestOpened]:
        """Wait for so many accepted requests."""
        await eventually(lambda: len(self.facts(RequestOpened)) >= count)
        return self.facts(RequestOpened)

    async def until_too_late(self, by_s: float) -> None:
        """Wait until every deadline has passed, by so many seconds."""
        last = max(opened.envelope.deadline_at for opened in self.facts(RequestOpened))
        await eventually(lambda: _CLOCK.now() > last + by_s)

    def inject(self, message: Message, signer: Signer = SIGNER) -> None:
        """Publish an unauthentic message: the record that the join reads must be dead-lettered."""
        for outgoing in encode(message, signer):
            self.broker.append(outgoing)
            if outgoing.topic == PROGRESS:
                number = outgoing.partition(len(self.broker.logs[PROGRESS.name]))
                self.injected.add((PROGRESS.name, number, len(self.broker.logs[PROGRESS.name][number].records) - 1))

    def judged(self, bars: Bars) -> tuple[Violation, ...]:
        tokens = {errand.text: errand.token for errand in self.asked}
        sources = Sources(
            self.broker.records(),
            SIGNER,
            self.models.calls,
            tokens,
            _CLOCK.now() - _CLOCK.monotonic(),
            frozenset(self.kept) if self.kept else None,
            frozenset(self.injected),
        )
        return check(self.crowd.history.entries, evidence_of(sources), bars)


@asynccontextmanager
async def inside(folder: Path, rules: Sequence[Rule], request_timeout_s: float) -> AsyncIterator[Inside]:
    """Run a gateway and a model server, no stage yet."""
    broker = RepeatingBroker(seed=1)
    async with AsyncExitStack() as leaving:
        models = await leaving.enter_async_context(ModelServer(rules))
        stores = Stores(models.url, NOWHERE, folder, {"MOE_REQUEST_TIMEOUT": str(request_timeout_s)})
        gateway = await leaving.enter_async_context(process(("gateway",), MemoryBus(broker), stores))
        http = await leaving.enter_async_context(crowd_client())
        http.headers["authorization"] = f"Bearer {KEY}"
        history = leaving.enter_context(History(folder / "history.jsonl"))
        urls = (f"http://127.0.0.1:{gateway.ports[0]}",)
        yield Inside(broker, stores, models, Crowd(urls, http, history, request_timeout_s + LEAVES_S))
