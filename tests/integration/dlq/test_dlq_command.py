"""`moe dlq` as an operator runs it, on the journal and the broker of a fleet that met a bug."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from libs.adapters.kafka.topics import ensure_topics
from libs.contracts.answer import AnswerFinished
from libs.contracts.audit import AuditRecorded
from libs.contracts.message import Message
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.topics import AUDIT, PROGRESS, Topic
from libs.core.clock import SystemClock
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.messaging.signing import Signer
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.service import Service
from libs.runtime.settings import BusSettings
from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.log_reader import messages_on
from libs.testing.records import request
from libs.testing.stores import postgres, tansu
from libs.testing.waiting import eventually, waiting
from moe.cli.context.operators import attributed
from moe.registry import build_service
from tests.support.command_line import Ended, moe_here, moe_process

pytestmark = pytest.mark.embedded
KEY = SIGNING_KEY
PATIENCE_S = 120.0
M = TypeVar("M", bound=Message)


@dataclass
class Planner:
    """A planner with a bug that a test repairs."""

    mended: bool = False
    calls: list[str] = field(default_factory=list)

    async def draft(self, event: QuestionAsked, _deps: object) -> PlanDrafted:
        self.calls.append(event.question.text)
        if not self.mended:
            raise KeyError("the patient is called Ann")
        return PlanDrafted(parts=(), source="rule").after(event)


@dataclass
class Here:
    """A fleet of a planner and a journal, and the output of operator commands beside it."""

    planner: Planner
    bus: KafkaBus
    bootstrap: str
    variables: dict[str, str]

    async def moe(self, *arguments: str) -> Ended:
        return await asyncio.to_thread(moe_here, self.variables, "dlq", *arguments)

    async def moe_process(self, *arguments: str) -> Ended:
        return await asyncio.to_thread(moe_process, self.variables, "dlq", *arguments)

    async def ask(self) -> QuestionAsked:
        opening = request(deadline_at=SystemClock().now() + 600)
        question = QuestionAsked(question=Question(text="How is Ann?")).opening(opening)
        await BusPublisher(self.bus, Signer(KEY.encode())).publish(question)
        return question

    async def has_none(self) -> bool:
        return (await self.moe("list")).stdout == "no dead letters\n"

    async def listed(self, *arguments: str, until: int) -> list[dict[str, object]]:
        """Output of `list --json` once it has `count` lines: the journal follows the log."""
        async with waiting(PATIENCE_S):
            while True:
                result = await self.moe("list", "--json", *arguments)
                assert result.returncode == 0, result.stderr
                if len(lines := result.stdout.splitlines()) >= until:
                    return [json.loads(line) for line in lines]


@asynccontextmanager
async def fleet() -> AsyncIterator[Here]:
    planner = Planner()
    async with tansu() as bootstrap, postgres() as database:
        settings = BusSettings(
            kafka_url=f"kafka://{bootstrap}", fetch_wait_ms=1, fetch_pause_ms=20, idempotent=False, static_members=False
        )
        await ensure_topics(settings)
        variables = {"POSTGRES_CHECKPOINT_URL": database, **every_root(KEY)}
        journal, stage = build_service("journal", variables), Service("planner", handlers=(planner.draft,))
        bus = KafkaBus(settings)
        async with Fleet([stage, journal], bus, ProcessOptions(Signer(KEY.encode()))):
            told = {"KAFKA_URL": f"kafka://{bootstrap}", "MOE_KAFKA_IDEMPOTENCE": "false"}
            yield Here(planner, bus, bootstrap, variables | told)


@pytest.mark.slow
async def test_a_bug_s_letter_is_found_replayed_once_and_audited() -> None:
    async with fleet() as here:
        question = await here.ask()
        (case,) = await here.listed(until=1)
        assert (case["stage"], case["error"], case["status"]) == ("planner", "internal_error", "open")
        assert "Ann" not in json.dumps(case)
        letter = str(case["letter"])
        await is_not_replayed_to_the_same_code(here, letter)
        here.planner.mended = True
        done = await here.moe_process("replay", letter[:8], "--force", "--operator", "ops")
        assert done.returncode == 0, done.stdout + done.stderr
        await until(lambda: on(here, PROGRESS, PlanDrafted, question))
        await until(lambda: here.has_none())
        again = await here.moe("replay", letter, "--force")
        assert (again.returncode, "it was replayed before" in again.stdout) == (0, True)
        assert len(here.planner.calls) == 2
        (act,) = await on(here, AUDIT, AuditRecorded, question)
        assert (act.action, act.actor) == ("dead-letter-replayed", attributed("ops"))
        assert len(await on(here, PROGRESS, AnswerFinished, question)) == 1


async def is_not_replayed_to_the_same_code(here: Here, letter: str) -> None:
    refused = await here.moe("replay", letter)
    assert refused.returncode == 1
    assert "still the one here" in refused.stdout
    tried = await here.moe("replay", letter, "--force", "--dry-run")
    assert "would be replayed" in tried.stdout
    assert len(here.planner.calls) == 1


async def until(met: Callable[[], Awaitable[object]]) -> None:
    """Wait until something holds on the log or in the journal. Raises TimeoutError."""
    await eventually(met, within_s=PATIENCE_S, look_every_s=0.05)


async def on(here: Here, topic: Topic, kind: type[M], about: QuestionAsked) -> list[M]:
    signer = Signer(KEY.encode())
    messages = await messages_on(KafkaConnection(here.bootstrap), topic, about.envelope.response_id, signer)
    return [message for message in messages if isinstance(message, kind)]


async def test_show_tells_all_and_drop_settles() -> None:
    async with fleet() as here:
        await here.ask()
        (case,) = await here.listed(until=1)
        shown = json.loads((await here.moe("show", str(case["letter"]))).stdout)
        assert shown["record"]["topic"] == "moe.pipeline.question-asked.v1"
        assert "draft" in shown["traceback"]
        assert (await here.moe("drop", "--all", "--stage", "nobody")).stdout == "no dead letters\n"
        assert (await here.moe("drop", "--all")).returncode == 0
        (settled,) = await settled_ones(here)
    assert settled["status"] == "dropped"


async def settled_ones(here: Here) -> list[dict[str, object]]:
    async with waiting(PATIENCE_S):
        while True:
            found = await here.listed("--settled", until=1)
            if found[0]["status"] != "open":
                return found


async def test_a_letter_that_is_not_there_is_an_error_in_one_line() -> None:
    async with fleet() as here:
        result = await here.moe("show", "beef")
    assert result.returncode == 1
    assert "0 dead letters begin with 'beef'" in result.stderr
