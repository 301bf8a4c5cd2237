"""A question, and the message that passes it to the planner."""

from typing import ClassVar, Literal

from libs.contracts.message import Message, Value
from libs.contracts.staffing import Staffing
from libs.contracts.summaries import quoted
from libs.contracts.topics import QUESTION_ASKED, Topic

Mode = Literal["default", "code", "concise", "agent", "agent_orchestrated", "plan", "report"]
Language = Literal["en", "de"]
Speaker = Literal["user", "assistant"]


class Turn(Value):
    """One earlier turn of the conversation."""

    speaker: Speaker
    text: str


class Question(Value):
    """The question with all that a model may need to see: it travels with every command that calls one.

    `instructions` is the client's system prompt; `max_tokens` bounds the answer, `temperature` is the client's wish.
    `streamed`: a client may read the answer while it is written, so stages write deltas.
    """

    text: str
    history: tuple[Turn, ...] = ()
    instructions: str = ""
    mode: Mode = "default"
    language: Language = "en"
    max_tokens: int | None = None
    temperature: float | None = None
    streamed: bool = True


class QuestionAsked(Message):
    """A question was accepted and waits for a plan. `staffing`: who works on it, None for the default."""

    topics: ClassVar[tuple[Topic, ...]] = (QUESTION_ASKED,)
    question: Question
    staffing: Staffing | None = None

    def summary(self) -> str:
        return quoted(self.question.text)
