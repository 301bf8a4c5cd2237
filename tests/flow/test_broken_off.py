"""A request that ends early at any point: its recorded usage contains all its model calls.

The model server's own log is the measure. Recorded usage is computed as the journal does it, from the log alone.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from libs.contracts.answer import AnswerDrafted
from libs.contracts.model_call import BROKEN_OFF, ModelCall, Usage, total_usage
from libs.contracts.progress import RequestOpened
from libs.contracts.records import RequestLogged
from libs.contracts.reported_calls import reported_calls
from libs.contracts.staffing import ModelRef
from libs.ports.journal import JournalEntry
from libs.ports.llm import ModelRequest
from libs.ports.model_calls import prompt_sha256
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.testing.fake_usage_store import FakeUsageStore
from libs.testing.model_server import Call, Fault, ModelServer, PipelineOptions, Reply, Rule, pipeline_script
from libs.testing.model_server.pipeline import expert_text
from moe.replay.verifying import Status
from services.journal.handlers import Deps, store_record
from tests.support.fleet import SIGNER, STAGES, Client, Stores, gateway_client, process, whole_fleet
from tests.support.recorded_messages import verdicts
from tests.support.scenes import TWO_TIERS

QUESTION = "How large should connection pools be, see #b1?"
SILENT = Reply(fault=Fault("silence"))
BROKEN = Reply(text=lambda prompt: expert_text(prompt), fault=Fault("truncate", after=30))
SAID = "Start with small bounded pools, measure the waiting time, and grow them only when the measurement asks for it."
TIME_S = "12"  # enough for five calls one after the other, on a machine that pauses for seconds
STALLED = Reply(text=SAID, fault=Fault("stall", after=12))
MEDICAL = PipelineOptions(tasks=1, categories=("medical_consult",))
TWO = PipelineOptions(tasks=2, categories=("medical_consult", "general"))
UNSURE = PipelineOptions(tasks=2, categories=("general", "technical_support"), confidence="medium")


@dataclass(frozen=True)
class Place:
    """Where a request is when it ends: `calls` have reached the model server by then, the last ones still run."""

    rules: tuple[Rule, ...]
    calls: int
    options: PipelineOptions = field(default_factory=PipelineOptions)
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def script(self) -> tuple[Rule, ...]:
        return (*self.rules, *pipeline_script(self.options))


PLACES: Mapping[str, Place] = {
    "planning": Place((Rule(SILENT, stage="planner"),), 1),
    "the first tier": Place((Rule(SILENT, stage="expert"),), 4),
    "one part of three": Place((Rule(SILENT, stage="expert", times=1),), 4),
    "the second tier": Place((Rule(SILENT, model="large:70b"),), 4, UNSURE, {"EXPERT_MODELS": TWO_TIERS}),
    "the second tier after a first that said nothing": Place(
        (Rule(Reply(text=""), model="small:7b", stage="expert"), Rule(SILENT, model="large:70b")),
        3,
        PipelineOptions(tasks=1),
        {"EXPERT_MODELS": TWO_TIERS},
    ),
    "a second attempt": Place(
        (Rule(BROKEN, stage="expert", times=1), Rule(SILENT, stage="expert")), 3, PipelineOptions(tasks=1)
    ),
    "the judge": Place((Rule(SILENT, stage="judge"),), 5),
    "the judge in the middle of its words": Place((Rule(STALLED, stage="judge"),), 5),
    "the judge before a critic": Place((Rule(SILENT, stage="judge"),), 4, TWO),
    "the critic of one expert": Place((Rule(SILENT, stage="critic"),), 3, MEDICAL),
    "the critic of what the judge wrote": Place((Rule(SILENT, stage="critic"),), 5, TWO),
    "the critic that had said nothing at first": Place(
        (Rule(Reply(text=""), stage="critic", times=1), Rule(SILENT, stage="critic")), 4, MEDICAL
    ),
}


class NoJournal:
    """Port `JournalWriter`: only usage matters here."""

    async def append(self, entry: JournalEntry) -> None:
        """Keep nothing."""


async def booked(client: Client) -> FakeUsageStore:
    """Usage that the journal records from the log."""
    books = FakeUsageStore()
    for record in client.broker.records():
        await store_record(record, Deps(NoJournal(), "", SIGNER, books))
    return books


def told(client: Client) -> tuple[ModelCall, ...]:
    """Recorded calls, each once."""
    calls = (call for message in client.events() for call in reported_calls(message))
    return tuple({call.id: call for call in calls}.values())


def prompts(calls: tuple[ModelCall, ...]) -> Counter[str]:
    return Counter(call.prompt_sha256 for call in calls)


def asked(calls: tuple[Call, ...]) -> Counter[str]:
    requests = (ModelRequest(ModelRef(model=call.model, server=""), call.messages, timeout_s=1.0) for call in calls)
    return Counter(map(prompt_sha256, requests))


async def settled_usage(client: Client, models: ModelServer) -> Usage:
    """Recorded usage once it covers every call that the server saw; fails otherwise."""
    found: tuple[object, object] = (None, None)
    for _ in range(500):
        (opened,) = client.events(RequestOpened)
        books = await booked(client)
        if opened.envelope.request in books.usage_by_request and not models.log.in_flight:
            usage = books.usage(opened.envelope)
            found = (prompts(told(client)), usage), (asked(models.calls), total_usage(told(client)))
            if found[0] == found[1]:
                return usage
        await asyncio.sleep(0.01)
    raise AssertionError(f"on record and booked {found[0]}, made and on record {found[1]}")


@pytest.mark.parametrize("name", PLACES)
async def test_what_is_booked_of_a_cancelled_request_is_all_its_calls(
    name: str, valkey_url: str, tmp_path: Path
) -> None:
    place = PLACES[name]
    async with ModelServer(place.script) as models:
        stores = Stores(models.url, valkey_url, tmp_path, place.extra)
        async with whole_fleet(stores) as client:
            asking = asyncio.get_running_loop().create_task(client.ask(QUESTION))
            await models.log.wait_started(place.calls)
            asking.cancel()
            usage = await settled_usage(client, models)
            (logged,) = client.events(RequestLogged)
            found = await verdicts(client)
    assert isinstance(logged, RequestLogged)
    assert logged.outcome == "cancelled"
    assert len(models.calls) == place.calls
    assert usage.prompt_tokens > 0
    assert any(call.finish_reason == BROKEN_OFF and call.usage_estimated for call in told(client))
    assert [(verdict.status, verdict.differences) for verdict in found] == [(Status.VERIFIED, ())]


async def test_what_is_booked_of_a_request_that_ran_out_of_time_is_all_its_calls(
    valkey_url: str, tmp_path: Path
) -> None:
    """All places wait for the same end of time, so that it can come late enough for every call before it."""
    async with AsyncExitStack() as fleets:
        there = [await _late(fleets, name, valkey_url, tmp_path) for name in PLACES]
        await asyncio.gather(*(client.ask(QUESTION) for _, client in there))
        for models, client in there:
            await settled_usage(client, models)
        made = [len(models.calls) for models, _ in there]
        found = [[(each.status, each.differences) for each in await verdicts(client)] for _, client in there]
    assert [calls >= place.calls for calls, place in zip(made, PLACES.values(), strict=True)] == [True] * len(PLACES)
    assert found == [[(Status.VERIFIED, ())]] * len(PLACES)


async def _late(fleets: AsyncExitStack, name: str, valkey_url: str, tmp_path: Path) -> tuple[ModelServer, Client]:
    """Start a fleet whose requests run out of time at a place."""
    place = PLACES[name]
    models = await fleets.enter_async_context(ModelServer(place.script))
    extra = {"MOE_REQUEST_TIMEOUT": TIME_S, **place.extra}
    return models, await fleets.enter_async_context(whole_fleet(Stores(models.url, valkey_url, tmp_path / name, extra)))


async def test_what_a_judge_had_said_by_then_is_estimated(valkey_url: str, tmp_path: Path) -> None:
    place = PLACES["the judge in the middle of its words"]
    async with ModelServer(place.script) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path)) as client:
        async with aclosing(client.stream(QUESTION)) as frames:
            heard = await anext(frame.content async for frame in frames if frame.content)
        await settled_usage(client, models)
    (call,) = (call for call in told(client) if call.stage == "judge")
    (seen,) = (call for call in models.calls if call.stage == "judge")
    assert call.usage.prompt_tokens == -(-sum(len(message.content) for message in seen.messages) // 4)
    assert -(-len(heard) // 4) <= call.usage.completion_tokens <= len(SAID) // 4


@pytest.mark.parametrize("restarted", [False, True], ids=["the same merger", "a merger that was restarted"])
async def test_a_call_that_comes_to_light_after_the_end_is_booked_too(
    restarted: bool, valkey_url: str, tmp_path: Path
) -> None:
    """The critic is down when its request is cancelled, and consumes both long after the request was logged."""
    place, broker = PLACES["the critic of what the judge wrote"], MemoryBroker()
    others = tuple(name for name in STAGES if name not in {"critic", "merger"})
    async with ModelServer(place.script) as models, AsyncExitStack() as mergers:
        stores = Stores(models.url, valkey_url, tmp_path)
        async with (
            process(("gateway", *others), MemoryBus(broker), stores) as fleet,
            gateway_client(fleet.ports[0], broker) as client,
        ):
            await mergers.enter_async_context(process(("merger",), MemoryBus(broker), stores))
            asking = asyncio.get_running_loop().create_task(client.ask(QUESTION))
            drafted = await client.event(AnswerDrafted)
            asking.cancel()
            logged = await client.event(RequestLogged)
            before = (await booked(client)).usage(logged.envelope)
            if restarted:
                await mergers.aclose()
                await mergers.enter_async_context(process(("merger",), MemoryBus(broker), stores))
            async with process(("critic",), MemoryBus(broker), stores):
                after = await settled_usage(client, models)
                found = await verdicts(client)
            await mergers.aclose()
    assert isinstance(logged, RequestLogged)
    assert before == logged.usage
    assert after == total_usage(reported_calls(drafted), before)
    assert [(verdict.status, verdict.differences) for verdict in found] == [(Status.VERIFIED, ())]
