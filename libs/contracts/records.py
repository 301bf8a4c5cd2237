"""The public topics that outlive a request: payload fields as the product documents name them."""

from typing import ClassVar, Literal

from libs.contracts.account import Account
from libs.contracts.answer import Outcome
from libs.contracts.finding import Confidence
from libs.contracts.message import Message
from libs.contracts.model_call import Usage
from libs.contracts.topics import INGEST, REQUESTS, Topic

KnowledgeType = Literal["factual", "procedural"]


class RequestLogged(Message):
    """One request and its end, for whoever keeps the log: exactly one a request, direct ones included.

    `ts` is Unix time in seconds, `usage` the sum of all model calls, `model` what the client asked for.
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


class KnowledgeOffered(Message):
    """An answer worth learning from."""

    topics: ClassVar[tuple[Topic, ...]] = (INGEST,)
    input: str
    answer: str
    domain: str
    source_expert: str
    source_model: str
    confidence: Confidence
    knowledge_type: KnowledgeType
    synthesis_insight: str | None = None
