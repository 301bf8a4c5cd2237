"""Messages from the parts to the answer: merge, draft, finish."""

from typing import ClassVar, Literal

from libs.contracts.finding import Category, Finding
from libs.contracts.message import Message, PartMessage, Value
from libs.contracts.model_call import ModelCall, Usage
from libs.contracts.part_kind import PartKind
from libs.contracts.question import Question
from libs.contracts.staffing import ModelRef, StageRole
from libs.contracts.summaries import TEXT_LIMIT, quoted
from libs.contracts.topics import ANSWER_DRAFTED, ANSWER_FINISHED, MERGE_ANSWER, PROGRESS, WRITE_TRACE, Topic
from libs.core.text import capped

Outcome = Literal["answered", "failed", "expired", "cancelled"]


class PartResult(Value):
    """A part that arrived, as the judge is shown it."""

    part: str
    kind: PartKind
    task: str
    category: Category | None
    finding: Finding


class MissingPart(Value):
    """A part that did not arrive, and why (one sentence that a user may read)."""

    part: str
    task: str
    reason: str


class WriteTrace(PartMessage):
    """Weigh the parts, which are in source order, before an answer is written; the trace is for the judge alone.

    `judge` is what a template says about the judge.
    """

    topics: ClassVar[tuple[Topic, ...]] = (WRITE_TRACE,)
    question: Question
    results: tuple[PartResult, ...]
    missing: tuple[MissingPart, ...] = ()
    judge: StageRole | None = None

    def summary(self) -> str:
        return _summary_of_results(self.results, self.missing)


class MergeAnswer(Message):
    """Write one answer from the parts, which are in source order. `spent` is the usage of all calls before.

    `judge` is what a template says about the judge; `preface` is what the user reads before the text; `trace` is what
    weighing the parts gave, empty without that step.
    """

    topics: ClassVar[tuple[Topic, ...]] = (MERGE_ANSWER,)
    question: Question
    results: tuple[PartResult, ...]
    missing: tuple[MissingPart, ...] = ()
    critic: tuple[Category, ...] = ()
    spent: Usage = Usage()
    judge: StageRole | None = None
    preface: str = ""
    trace: str = ""

    def summary(self) -> str:
        return _summary_of_results(self.results, self.missing)


class AnswerDrafted(Message):
    """An answer is ready but may harm: the critic reads it before a user does.

    `calls` are those of the last stage; `spent` is the usage of all calls so far, these included.
    `preface` stands before the text in the answer, unchecked; `judge` is a template's model for checking. `partial`: it
    says that parts of it are missing.
    """

    topics: ClassVar[tuple[Topic, ...]] = (ANSWER_DRAFTED,)
    question: Question
    text: str
    categories: tuple[Category, ...]
    sources: tuple[str, ...] = ()
    calls: tuple[ModelCall, ...] = ()
    spent: Usage = Usage()
    truncated: bool = False
    judge: ModelRef | None = None
    preface: str = ""
    partial: bool = False

    def summary(self) -> str:
        return f"draft for the critic ({', '.join(self.categories)}): {quoted(self.text)}"


class Failure(Value):
    """Why there is no answer: a stable code and a sentence that says what to do."""

    code: str
    message: str

    def summary(self) -> str:
        return f"failed ({self.code}): {capped(self.message, TEXT_LIMIT)}"


class AnswerFinished(Message):
    """The end of a request. The first one in the log wins; `usage` sums every model call of the request.

    `calls` are those of the last stage; `sources` are `model@server::category` and tool names. `known`: the same
    question was answered before, and this is that answer. `partial`: it says that parts of it are missing.
    """

    topics: ClassVar[tuple[Topic, ...]] = (ANSWER_FINISHED, PROGRESS)
    kind: Literal["answer-finished"] = "answer-finished"
    outcome: Outcome
    text: str = ""
    failure: Failure | None = None
    truncated: bool = False
    sources: tuple[str, ...] = ()
    calls: tuple[ModelCall, ...] = ()
    usage: Usage = Usage()
    known: bool = False
    partial: bool = False

    def summary(self) -> str:
        return f"{self.outcome}: {self.failure.summary() if self.failure else quoted(self.text)}"


def _summary_of_results(results: tuple[PartResult, ...], missing: tuple[MissingPart, ...]) -> str:
    return f"{len(results)} results, {len(missing)} missing" if missing else f"{len(results)} results"
