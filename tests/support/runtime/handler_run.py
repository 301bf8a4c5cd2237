"""A handler at work, with everything around it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from libs.contracts.finding import Finding
from libs.contracts.message import Message
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.core.errors import Retryable
from libs.runtime.delivery.attempt import Attempts
from libs.runtime.delivery.backoff import Backoff
from libs.runtime.delivery.circuit_breaker import CircuitBreakerLimits
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.policy import HandlerPolicy
from libs.runtime.delivery.retry_policy import RetryPolicy
from libs.runtime.messaging.bus import Delivery
from libs.runtime.service import Handler
from libs.testing.fake_clock import TEST_TIME_S, LoopClock
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, record_of, request

QUESTION = Question(text="Why is the sky blue?")
FIRST = Finding(text="Because of the light.")
PLAN = PlanDrafted(parts=(), source="rule")
CALL = ToolCall(tool="calculate", arguments={})


@dataclass
class Scene:
    """A handler at work, with everything around it."""

    handler: Handler
    rules: RetryPolicy = field(default_factory=RetryPolicy)
    limits: CircuitBreakerLimits = field(default_factory=CircuitBreakerLimits)
    tail: bool = False
    publisher: FakePublisher = field(default_factory=FakePublisher)
    finished: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        backoff = Backoff(first_s=1.0, cap_s=4.0)
        self.clock = LoopClock()
        self.place = RuntimeContext(
            SIGNER, self.publisher, self.clock, backoff=backoff, retries=self.rules, breaker=self.limits
        )
        self.policy = HandlerPolicy(Attempts("planner", self.handler, "the deps", self.place), tail=self.tail)

    async def take(self, message: Message, offset: int = 0) -> None:
        await self.take_record(record_of(message, offset=offset))

    async def take_record(self, record: Record) -> None:
        await self.policy(Delivery(record, lambda: self.finished.append(record.offset)))

    def start(self, message: Message, offset: int = 0) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(self.take(message, offset))

    @property
    def failure_code(self) -> str:
        (end,) = self.publisher.messages
        failure = getattr(end, "failure", None)
        return str(failure.code) if failure is not None else ""


class Script:
    """A scripted handler, one step an attempt."""

    def __init__(self, *steps: Exception | Callable[[], Awaitable[None]] | None) -> None:
        self._steps = list(steps)
        self.calls: list[float] = []

    async def handle(self, event: QuestionAsked, deps: str) -> PlanDrafted:
        self.calls.append(asyncio.get_running_loop().time())
        step = self._steps.pop(0) if self._steps else None
        if isinstance(step, Exception):
            raise step
        if step is not None:
            await step()
        return PLAN.after(event)


def asked(*, seconds: float = 60) -> QuestionAsked:
    return QuestionAsked(question=QUESTION).opening(request(deadline_at=TEST_TIME_S + seconds))


async def for_ever() -> None:
    await asyncio.Event().wait()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def tried(message: QuestionAsked, attempt: int) -> QuestionAsked:
    return message.bound(replace(message.envelope, attempt=attempt))


def down(times: int) -> list[Retryable]:
    return [Retryable("down") for _ in range(times)]


def with_headers(record: Record, **headers: str) -> Record:
    return replace(record, headers=(*record.headers, *((name, value.encode()) for name, value in headers.items())))
