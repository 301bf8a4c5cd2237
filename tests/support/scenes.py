"""Things that can happen to a request, each as a scene that a fleet plays."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.contracts.records import CallsLogged, RequestLogged
from libs.contracts.reported_calls import reported_calls
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.testing.model_server import (
    Fault,
    ModelServer,
    PipelineOptions,
    Prompt,
    Reply,
    Rule,
    error_reply,
    pipeline_script,
)
from libs.testing.model_server.call_log import CallLog
from libs.testing.model_server.pipeline import expert_text
from libs.testing.waiting import eventually, waiting
from tests.support.fleet import PATIENCE_S, STAGES, Client, Stores, gateway_client, process, whole_fleet

NOWHERE = "http://127.0.0.1:9/v1"  # the discard port: nothing listens there
TWO_TIERS = json.dumps(
    {"general": [{"model": "small:7b", "endpoint": "scripted"}, {"model": "large:70b", "endpoint": "scripted"}]}
)
Play = Callable[[Client, CallLog], Awaitable[None]]


def asks(*questions: str, model: str = "moe-orchestrator") -> Play:
    async def play(client: Client, _models: CallLog) -> None:
        await asyncio.gather(*(client.ask(question, model=model) for question in questions))

    return play


def in_mode(mode: str) -> Play:
    return asks("How large should connection pools be, see #m1?", model=f"moe-orchestrator-{mode}")


def leaves(calls: int) -> Play:
    """A client that disconnects after a number of model calls, before its answer."""

    async def play(client: Client, models: CallLog) -> None:
        asking = asyncio.get_running_loop().create_task(client.ask("Wait for me, see #l1"))
        await models.wait_started(calls)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
            raise AssertionError("the answer came too early")

    return play


@dataclass(frozen=True)
class Scene:
    """Model script, fleet settings and client plays.

    Without a script no model server runs, without `tools` no tool server.
    """

    script: tuple[Rule, ...] | None = field(default_factory=pipeline_script)
    play: Play = field(default_factory=lambda: asks("How large should connection pools be, see #a1?"))
    extra: Mapping[str, str] = field(default_factory=dict)
    tools: bool = False


def first(rule: Rule, options: PipelineOptions | None = None) -> tuple[Rule, ...]:
    return (rule, *pipeline_script(options))


def _dependent_plan(prompt: Prompt) -> str:
    tasks = [
        {"id": "t1", "category": "general", "task": f"Find the size {prompt.token}", "needs": []},
        {"id": "t2", "category": "reasoning", "task": f"Judge it {prompt.token}", "needs": ["t1"]},
    ]
    return json.dumps({"tasks": tasks})


ONE = PipelineOptions(tasks=1)
MEDICAL = PipelineOptions(tasks=1, categories=("medical_consult",))
DRAFTED = PipelineOptions(tasks=2, categories=("medical_consult", "general"))
UNSURE = PipelineOptions(tasks=1, confidence="medium")
UMLAUTS = Reply(text="Zusammengefaßt für #u1: kleine Vorräte: „zuerst messen“, dann vergrößern. Ω≈ç√ 你好 🙂")
SCENES: Mapping[str, Scene] = {
    "three experts are merged": Scene(),
    "many at once": Scene(play=asks(*(f"How large should pools be, see #n{number}?" for number in range(12)))),
    "exact tools": Scene(play=asks("What is 17 * 23?", "How many days from 2024-01-15 to 2024-03-10?"), tools=True),
    "a tool refuses": Scene(
        play=asks("What is 1 / 0?", "What is the broadcast address of 172.20.128.0/19?"), tools=True
    ),
    "a candidate is promoted": Scene(pipeline_script(ONE)),
    "a small model answers plainly": Scene(extra={"MOE_TEST_SMALL": "yes"}),
    "letters of all kinds": Scene(first(Rule(UMLAUTS, stage="judge"))),
    "a plan is shown before a candidate": Scene(pipeline_script(ONE), in_mode("plan")),
    "a plan is shown before a merge": Scene(play=in_mode("plan")),
    "a plan is shown before what a critic read": Scene(pipeline_script(MEDICAL), in_mode("plan")),
    "a report is written": Scene(play=in_mode("report")),
    "agents are answered": Scene(play=in_mode("agent")),
    "it has to be short": Scene(pipeline_script(ONE), in_mode("concise")),
    "the critic confirms": Scene(pipeline_script(MEDICAL)),
    "the critic objects": Scene(first(Rule(Reply(text="Never combine these two."), stage="critic"), MEDICAL)),
    "the critic is silent once": Scene(first(Rule(Reply(text=""), stage="critic", times=1), MEDICAL)),
    "the second tier is asked": Scene(pipeline_script(UNSURE), extra={"EXPERT_MODELS": TWO_TIERS}),
    "the first tier fails": Scene(
        first(Rule(error_reply(400, "no"), model="small:7b", stage="expert"), ONE), extra={"EXPERT_MODELS": TWO_TIERS}
    ),
    "the second tier fails": Scene(
        first(Rule(error_reply(400, "no"), model="large:70b"), UNSURE), extra={"EXPERT_MODELS": TWO_TIERS}
    ),
    "one part waits for another": Scene(first(Rule(Reply(text=_dependent_plan), stage="planner"))),
    "one part fails": Scene(first(Rule(error_reply(400, "no such thing"), stage="expert", times=1))),
    "an expert says nothing": Scene(first(Rule(Reply(text=""), stage="expert", times=1))),
    "a server is busy at first": Scene(first(Rule(error_reply(503, retry_after="0"), stage="expert", times=4))),
    "a stream breaks in the middle": Scene(
        first(
            Rule(Reply(text=lambda p: expert_text(p), fault=Fault("truncate", after=30)), stage="expert", times=1), ONE
        )
    ),
    "the plan is garbage": Scene(first(Rule(Reply(text="I would rather not."), stage="planner"))),
    "the plan breaks off": Scene(
        first(
            Rule(
                Reply(text='{"tasks":[{"id":"t1","category":"math","task":"Add"},{"id', finish="length"),
                stage="planner",
            )
        )
    ),
    "the planner is away": Scene(first(Rule(error_reply(500), stage="planner"))),
    "the judge says nothing": Scene(first(Rule(Reply(text=" "), stage="judge"))),
    "the judge refuses": Scene(first(Rule(error_reply(400, "context", code="context_length_exceeded"), stage="judge"))),
    "no model answers": Scene(script=None),
    "the deadline of the parts": Scene(
        first(Rule(Reply(fault=Fault("silence")), stage="expert", times=1)), extra={"MOE_REQUEST_TIMEOUT": "1.5"}
    ),
    "the deadline of the request": Scene(
        first(Rule(Reply(fault=Fault("silence")), stage="expert")), extra={"MOE_REQUEST_TIMEOUT": "1.0"}
    ),
    "the client leaves the critic": Scene(
        first(Rule(Reply(fault=Fault("silence")), stage="critic"), DRAFTED), leaves(5)
    ),
    "the client leaves": Scene(first(Rule(Reply(fault=Fault("silence")), stage="expert")), leaves(4)),
}


@asynccontextmanager
async def played(scene: Scene, valkey_url: str, data_dir: Path) -> AsyncIterator[Client]:
    """Play a scene to the end of its requests; yield the client that saw it."""
    async with _models(scene) as (url, log):
        extra = dict(scene.extra)
        if extra.pop("MOE_TEST_SMALL", ""):
            server = {"name": "tiny", "url": url, "api_type": "openai", "small": True}
            extra["INFERENCE_SERVERS"] = json.dumps([server])
        async with whole_fleet(Stores(url, valkey_url, data_dir, extra), tools=scene.tools) as client:
            await scene.play(client, log)
            await settled(client)
            yield client


@asynccontextmanager
async def crashed(victim: str, valkey_url: str, data_dir: Path) -> AsyncIterator[Client]:
    """Kill a stage in the middle of two requests and start it again; yield the client when both have ended.

    The stage has records that it has not committed and a request is open, so its successor has work to do again.
    """
    broker = MemoryBroker()
    others = tuple(name for name in STAGES if name != victim)
    script = pipeline_script(PipelineOptions(tasks=2, categories=("medical_consult", "general"), delay_s=0.1))
    async with ModelServer(script) as models:
        stores = Stores(models.url, valkey_url, data_dir)
        async with (
            process(("gateway", *others), MemoryBus(broker), stores) as fleet,
            gateway_client(fleet.ports[0], broker) as client,
        ):
            bus = MemoryBus(broker)
            async with process((victim,), bus, stores):
                asked = asyncio.gather(
                    client.ask("How large should pools be, see #c1?"), client.ask("What is 17 * 23?")
                )
                await eventually(lambda: bus.uncommitted)
                assert len(_ids(client.events(AnswerFinished))) < 2
                await bus.crash()
            async with process((victim,), MemoryBus(broker), stores):
                async with waiting(PATIENCE_S):
                    await asked
                await settled(client)
                yield client


async def settled(client: Client) -> None:
    """Wait until every request has its end and log record, and the usage store holds all recorded calls."""

    def is_settled() -> bool:
        ends = _ids(client.events(RequestLogged)), _ids(client.events(AnswerFinished))
        return _ids(client.events(RequestOpened)) == ends[0] == ends[1] and not _unbooked(client)

    await eventually(is_settled, within_s=PATIENCE_S)


def _unbooked(client: Client) -> set[str]:
    """Recorded calls that no usage store could have received."""
    logged = (message.calls for message in client.events(RequestLogged) if isinstance(message, RequestLogged))
    late = (message.calls for message in client.events(CallsLogged) if isinstance(message, CallsLogged))
    told = {call.id for message in client.events() for call in reported_calls(message)}
    return told.difference(chain(*logged), (call.id for calls in late for call in calls))


def _ids(messages: list[Message]) -> set[str]:
    return {message.envelope.response_id for message in messages}


@asynccontextmanager
async def _models(scene: Scene) -> AsyncIterator[tuple[str, CallLog]]:
    if scene.script is None:
        yield NOWHERE, CallLog()
        return
    async with ModelServer(scene.script) as models:
        yield models.url, models.log
