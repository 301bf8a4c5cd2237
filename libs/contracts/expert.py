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
    """Payload of both tiers.

    `context` holds the results of the parts that this one needs. `candidate`: this may become the whole answer, so
    stream it. `plain`: the model is small, so send the bare question and use the bare text. `role` is the template's
    entry of the category; `preface` precedes a candidate's text, which does not contain it. `rank` is the position of
    the model in its tier: the models before it did not answer.
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
