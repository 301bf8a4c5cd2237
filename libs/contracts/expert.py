"""Commands to experts. Each tier has a topic, so that its workers scale separately."""

from typing import ClassVar

from libs.contracts.finding import Category, Finding
from libs.contracts.message import PartMessage
from libs.contracts.question import Question
from libs.contracts.staffing import ExpertRole
from libs.contracts.summaries import quoted
from libs.contracts.topics import ASK_EXPERT_T1, ASK_EXPERT_T2, Topic

_RANKS_APART = 1 << 16  # the rank after a lost log continues from here


class AskExpert(PartMessage):
    """What both tiers are told.

    `context` holds the results of parts that this one needs. `candidate`: this may become the whole answer, stream it.
    `plain`: the model is small, send the bare question and take the bare text. `role` is what a template says about
    the category; `preface` is what the user reads before a candidate's text, which does not hold it. `rank` is the
    place of the model in its tier: those before it did not answer.
    """

    question: Question
    category: Category
    task: str
    context: str = ""
    candidate: bool = False
    plain: bool = False
    role: ExpertRole | None = None
    preface: str = ""
    rank: int = 0

    @property
    def revision(self) -> int:
        return self.rank * _RANKS_APART

    def summary(self) -> str:
        return f"{self.category}: {quoted(self.task)}"


class AskExpertT1(AskExpert):
    """Ask a small, fast model of the category."""

    topics: ClassVar[tuple[Topic, ...]] = (ASK_EXPERT_T1,)


class AskExpertT2(AskExpert):
    """Ask a large model of the category. `first` is the finding of the first tier; it stands if this call fails."""

    topics: ClassVar[tuple[Topic, ...]] = (ASK_EXPERT_T2,)
    first: Finding | None = None
