"""The facts of one request, short to write, and a log that folds them as the runtime would."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from libs.contracts.answer import AnswerFinished, Failure
from libs.contracts.finding import Category, Confidence, Finding, Tier
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall, Usage
from libs.contracts.origin import Origin
from libs.contracts.plan import PlannedPart, ToolCall
from libs.contracts.progress import (
    CallsMade,
    CandidateOpened,
    PartCompleted,
    PlanDrafted,
    PlanSource,
    RequestCancelled,
    RequestOpened,
)
from libs.contracts.question import Language, Question
from libs.core import ids
from libs.ports.deltas import Delta
from libs.ports.reducer import Tick, Transition
from services.merger.domain import Request, advance, due_at

ACCEPTED_AT = 1_000.0
DEADLINE_AT = 1_100.0
PARTS_DUE_AT = 1_075.0
SETTLED_AT = 1_076.0
OFFER_ABOVE = 150
RESPONSE_ID = ids.new_response_id(3, ACCEPTED_AT)
ORIGIN = Origin(RESPONSE_ID, "system", deadline_at=DEADLINE_AT)
M = TypeVar("M", bound=Message)


def opened(text: str = "Why is the sky blue?", language: Language = "en", *, streamed: bool = True) -> RequestOpened:
    question = Question(text=text, language=language, streamed=streamed)
    return RequestOpened(question=question, model="moe", accepted_at=ACCEPTED_AT).opening(ORIGIN)


def expert(
    part: str, category: Category = "science", *, task: str = "", needs: tuple[str, ...] = (), tier: Tier = "T1"
) -> PlannedPart:
    return PlannedPart(
        id=part, kind="expert", task=task or f"task of {part}", category=category, needs=needs, tier=tier
    )


def tool(part: str, name: str = "subnet_calc", *, needs: tuple[str, ...] = ()) -> PlannedPart:
    call = ToolCall(tool=name, arguments={"cidr": "10.0.0.0/8"})
    return PlannedPart(id=part, kind="tool", task=f"task of {part}", call=call, needs=needs)


def plan(
    *parts: PlannedPart,
    source: PlanSource = "model",
    critic: tuple[Category, ...] = (),
    plain: bool = False,
    calls: tuple[ModelCall, ...] = (),
) -> PlanDrafted:
    drafted = PlanDrafted(parts=parts, source=source, critic=critic, plain=plain, calls=calls)
    return drafted.opening(ORIGIN)


def thinking(drafted: PlanDrafted) -> PlanDrafted:
    """Same plan, whose results are weighed before they are merged."""
    return drafted.model_copy(update={"thinks": True}).opening(ORIGIN)


def call(prompt_tokens: int, completion_tokens: int, name: str = "") -> ModelCall:
    return ModelCall(
        id=name,
        stage="expert",
        model="phi4:14b",
        server="local",
        prompt_sha256="0" * 64,
        usage=Usage(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens),
        duration_ms=5,
        finish_reason="stop",
    )


def found(
    part: str,
    text: str = "",
    *,
    confidence: Confidence = "high",
    calls: tuple[ModelCall, ...] = (),
    truncated: bool = False,
) -> PartCompleted:
    finding = Finding(
        text=text or f"result of {part}",
        confidence=confidence,
        source="phi4:14b@local",
        calls=calls,
        truncated=truncated,
    )
    fact = PartCompleted(part=part, part_kind="expert", category="science", finding=finding)
    return fact.opening(_by_parts_deadline())


def computed(part: str, text: str = "", *, name: str = "subnet_calc") -> PartCompleted:
    finding = Finding(text=text or f"result of {part}", confidence="high", source=name)
    return PartCompleted(part=part, part_kind="tool", finding=finding).opening(_by_parts_deadline())


def noted(text: str = "Both agree.", *calls: ModelCall) -> PartCompleted:
    """The notes of a judge that has weighed what arrived."""
    finding = Finding(text=text, source="magistral:24b@local", calls=calls)
    return PartCompleted(part="trace", part_kind="trace", finding=finding).opening(_by_parts_deadline())


def failed(part: str, code: str = "model_unavailable", message: str = "10.1.2.3 refused") -> PartCompleted:
    failure = Failure(code=code, message=message)
    return PartCompleted(part=part, part_kind="expert", failure=failure).opening(_by_parts_deadline())


def candidate(part: str, confidence: Confidence = "high", stream: str = "") -> CandidateOpened:
    fact = CandidateOpened(part=part, confidence=confidence, stream=stream or f"{part}.ab12")
    return fact.opening(_by_parts_deadline())


def made(*calls: ModelCall) -> CallsMade:
    return CallsMade(calls=calls).opening(_by_parts_deadline())


def cancelled() -> RequestCancelled:
    return RequestCancelled(reason="The client went away.").opening(ORIGIN)


def finished(text: str = "an end that another stage wrote") -> AnswerFinished:
    return AnswerFinished(outcome="answered", text=text, sources=("phi4:14b@local::science",)).opening(ORIGIN)


def _by_parts_deadline() -> Origin:
    return replace(ORIGIN, deadline_at=PARTS_DUE_AT)


@dataclass
class Log:
    """Folds facts one by one; `echo` returns the join's messages on its own topic."""

    state: Request | None = None
    messages: list[Message] = field(default_factory=list)
    deltas: list[Delta] = field(default_factory=list)
    closes: int = 0

    def fold(self, *events: Message | Tick) -> Transition[Request]:
        step: Transition[Request] = Transition(self.state or Request())
        for event in events:
            step = advance(self.state, event, offer_above=OFFER_ABOVE)
            self.state = step.state
            self.messages.extend(step.messages)
            self.deltas.extend(step.deltas)
            self.closes += step.closed
        return step

    def due_at(self) -> float | None:
        assert self.state is not None
        return due_at(self.state)

    def echo(self) -> Transition[Request]:
        """Bring the end that the join published back to it."""
        return self.fold(self.only(AnswerFinished))

    def all_of(self, kind: type[M]) -> list[M]:
        return [message for message in self.messages if isinstance(message, kind)]

    def only(self, kind: type[M]) -> M:
        (message,) = self.all_of(kind)
        return message

    def promotions(self) -> list[str]:
        return [delta.stream for delta in self.deltas if delta.kind == "promote"]

    def lines(self) -> list[str]:
        return [delta.text for delta in self.deltas if delta.kind == "progress"]


def log_of(*events: Message | Tick) -> Log:
    log = Log()
    log.fold(*events)
    return log


def schemas(messages: Iterable[Message]) -> list[str]:
    return [message.schema_name() for message in messages]
