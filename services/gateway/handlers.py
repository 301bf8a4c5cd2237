"""Messages that the gateway publishes, and the handlers of those that it consumes."""

from dataclasses import dataclass
from typing import Protocol

from libs.contracts.answer import AnswerFinished
from libs.contracts.audit import AuditRecorded
from libs.contracts.direct import DirectCancelled, DirectOpened
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.contracts.records import FeedbackGiven, KnowledgeOffered, RequestLogged
from libs.contracts.reply_partition import ReplyPartitionTaken
from services.gateway.replies.partition_claim import PartitionClaim
from services.gateway.replies.pending_replies import PendingReplies

PUBLISHES = (
    RequestOpened,
    AnswerFinished,
    QuestionAsked,
    RequestCancelled,
    DirectOpened,
    DirectCancelled,
    ReplyPartitionTaken,
    RequestLogged,
    FeedbackGiven,
    KnowledgeOffered,
    AuditRecorded,
)


class DirectRequests(Protocol):
    """Direct requests that run at this instance."""

    def stop(self, tenant: str, response_id: str) -> None:
        """Abort a request as cancelled by its client; no effect on a request of another instance."""
        ...


@dataclass(frozen=True)
class Deps:
    pending_replies: PendingReplies
    claim: PartitionClaim
    direct: DirectRequests | None = None


async def deliver_answer(event: AnswerFinished, deps: Deps) -> None:
    deps.pending_replies.deliver(event)


async def notice_claim(event: ReplyPartitionTaken, deps: Deps) -> None:
    """The last claim in the log order of the partition holds it."""
    deps.claim.observe(event)


async def stop_call(event: DirectCancelled, deps: Deps) -> None:
    """Cancel a call of this instance that its client cancelled at another instance."""
    if deps.direct is not None:
        deps.direct.stop(*event.envelope.request)
