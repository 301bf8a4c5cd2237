"""All messages that the join consumes, on one topic: one partition, one consumer, one order."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from libs.contracts.account import Account
from libs.contracts.answer import AnswerFinished, Failure
from libs.contracts.finding import Category, Confidence, Finding
from libs.contracts.message import Message, PartMessage
from libs.contracts.model_call import ModelCall, ids_of, summary_of_calls
from libs.contracts.part_kind import PartKind
from libs.contracts.plan import PlannedPart
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.staffing import Staffing
from libs.contracts.summaries import cancelled, in_parentheses, quoted
from libs.contracts.topics import PROGRESS, REQUEST_CANCELLED, Topic

Protocol = Literal["chat", "messages", "responses", "completions", "ollama-chat", "ollama-generate"]
PlanSource = Literal["model", "recogniser", "rule", "fallback"]


class RequestOpened(Message):
    """A request was accepted: from here on the join owns it and its deadline. `accepted_at` is Unix time.

    `protocol` is the one that the client speaks, `session` the conversation it belongs to, empty for none;
    `staffing` says who works on it, None for the default; `echo` is what answers in that protocol say again about
    the request, as a JSON object, empty for nothing.
    """

    topics: ClassVar[tuple[Topic, ...]] = (PROGRESS,)
    kind: Literal["request-opened"] = "request-opened"
    question: Question
    model: str
    accepted_at: float
    account: Account = Account()
    protocol: Protocol = "chat"
    session: str = ""
    staffing: Staffing | None = None
    echo: str = ""

    def question_asked(self) -> QuestionAsked:
        """The message that passes the request to the planner, not bound yet."""
        return QuestionAsked(question=self.question, staffing=self.staffing)

    def summary(self) -> str:
        return f"{quoted(self.question.text)} model={self.model}"


class PlanDrafted(Message):
    """The plan. `parts` is the expected set; `critic` names the categories that must be checked.

    `plain`: the model is small, so its text is the answer. `note` says why a fallback was taken. `thinks`: what arrives
    is weighed in a step of its own before the answer is written.
    """

    topics: ClassVar[tuple[Topic, ...]] = (PROGRESS,)
    kind: Literal["plan-drafted"] = "plan-drafted"
    parts: tuple[PlannedPart, ...]
    source: PlanSource
    critic: tuple[Category, ...] = ()
    plain: bool = False
    note: str = ""
    calls: tuple[ModelCall, ...] = ()
    thinks: bool = False

    def summary(self) -> str:
        parts = ", ".join(part.summary() for part in self.parts)
        return f"plan by {self.source}: {parts}{in_parentheses(self.note)}"


class CandidateOpened(PartMessage):
    """An expert has begun to stream something that may become the whole answer."""

    topics: ClassVar[tuple[Topic, ...]] = (PROGRESS,)
    kind: Literal["candidate-opened"] = "candidate-opened"
    confidence: Confidence
    stream: str

    def summary(self) -> str:
        return f"candidate, confidence {self.confidence}"


class PartCompleted(PartMessage):
    """A part has ended: with a finding, or with a failure."""

    topics: ClassVar[tuple[Topic, ...]] = (PROGRESS,)
    kind: Literal["part-completed"] = "part-completed"
    part_kind: PartKind
    category: Category | None = None
    finding: Finding | None = None
    failure: Failure | None = None
    stream: str = ""

    def summary(self) -> str:
        summaries = [each.summary() for each in (self.finding, self.failure) if each is not None]
        return "; ".join(summaries) or "ended without a finding"


class CallsMade(Message):
    """Model calls that no other fact reports: they failed, were broken off, or led to nothing that is awaited."""

    topics: ClassVar[tuple[Topic, ...]] = (PROGRESS,)
    kind: Literal["calls-made"] = "calls-made"
    calls: tuple[ModelCall, ...]

    @property
    def part_id(self) -> str:
        return ids_of(self.calls)

    def summary(self) -> str:
        return summary_of_calls(self.calls)


class RequestCancelled(Message):
    """The client is gone or changed its mind. Heard by the join, and by every instance to stop running calls."""

    topics: ClassVar[tuple[Topic, ...]] = (PROGRESS, REQUEST_CANCELLED)
    kind: Literal["request-cancelled"] = "request-cancelled"
    reason: str

    def summary(self) -> str:
        return cancelled(self.reason)


class RequestRestored(Message):
    """A request outlived its log, for the n-th time: its records are published again beside this, the rest anew.

    `planned`: a plan is among it, so the join alone requests the parts that are not.
    """

    topics: ClassVar[tuple[Topic, ...]] = (PROGRESS,)
    kind: Literal["request-restored"] = "request-restored"
    times: int
    planned: bool

    @property
    def revision(self) -> int:
        return self.times

    def summary(self) -> str:
        return f"restored, time {self.times}, {'with' if self.planned else 'without'} a plan"


Progress = Annotated[
    RequestOpened
    | PlanDrafted
    | CandidateOpened
    | PartCompleted
    | CallsMade
    | RequestCancelled
    | RequestRestored
    | AnswerFinished,
    Field(discriminator="kind"),
]
