"""Public topics that outlive a request: payload fields as the product documents name them."""

import hashlib
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from libs.contracts.account import Account
from libs.contracts.answer import Outcome
from libs.contracts.direct import DirectReply
from libs.contracts.finding import Confidence
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall, Usage, ids_of, summary_of_calls
from libs.contracts.summaries import quoted
from libs.contracts.topics import FEEDBACK, INGEST, REQUESTS, Topic

KnowledgeType = Literal["factual", "procedural"]
Rating = Annotated[int, Field(ge=1, le=5, strict=True)]


class RequestLogged(Message):
    """One request and its end, for the log: exactly one a request, direct ones included.

    `ts` is when it was accepted, Unix time in seconds, `usage` the sum of all model calls known by its end, `calls` the
    ids of these, `model` what the client asked for. Where one model was asked straight away, `why` is the reason,
    `call` its call and `direct` its reply, if that can be shown again.
    """

    topics: ClassVar[tuple[Topic, ...]] = (REQUESTS,)
    response_id: str
    input: str
    answer: str
    expert_models_used: tuple[str, ...]
    cache_hit: bool = False
    ts: float
    outcome: Outcome = "answered"
    usage: Usage = Usage()
    account: Account = Account()
    model: str = ""
    direct: DirectReply | None = None
    calls: tuple[str, ...] = ()
    why: str = ""
    call: ModelCall | None = None

    def summary(self) -> str:
        by = f" by {self.call.model}@{self.call.server} ({self.why})" if self.call is not None else ""
        return f"{self.outcome}{by}: {quoted(self.answer)}"


class CallsLogged(Message):
    """Model calls that came to light when their request had ended: sums add those that they lack."""

    topics: ClassVar[tuple[Topic, ...]] = (REQUESTS,)
    response_id: str
    calls: tuple[ModelCall, ...]

    @property
    def part_id(self) -> str:
        return ids_of(self.calls)

    def summary(self) -> str:
        return summary_of_calls(self.calls)


class KnowledgeOffered(Message):
    """An answer worth learning from, or what a user wants remembered of a session; `account` is theirs then."""

    topics: ClassVar[tuple[Topic, ...]] = (INGEST,)
    input: str
    answer: str
    domain: str
    source_expert: str
    source_model: str
    confidence: Confidence
    knowledge_type: KnowledgeType
    synthesis_insight: str | None = None
    account: Account = Account()

    def summary(self) -> str:
        return f"{self.knowledge_type} knowledge on {self.domain} from {self.source_expert}"


class FeedbackGiven(Message):
    """A user's rating of a response: the last one of a person about a response counts.

    `ts` is Unix time in seconds, `account` who rated, `changes` how often that person had rated otherwise before.
    The same rating again has the same event id.
    """

    topics: ClassVar[tuple[Topic, ...]] = (FEEDBACK,)
    response_id: str
    rating: Rating
    positive: bool
    ts: float
    correction: str = ""
    account: Account = Account()
    changes: int = 0

    @property
    def part_id(self) -> str:
        statement = f"{self.account.user}\0{self.rating}\0{self.correction}"
        return hashlib.sha256(statement.encode(errors="replace")).hexdigest()[:32]

    @property
    def revision(self) -> int:
        return self.changes

    def summary(self) -> str:
        return f"rated {self.rating}{', corrected' if self.correction else ''}"
