"""What clients sent us, kept until the journal has it or its end: for brokers that forget their log when they stop."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.contracts.records import FeedbackGiven, KnowledgeOffered

Contribution: TypeAlias = FeedbackGiven | KnowledgeOffered  # it has no end to wait for


class WriteAheadStore(Protocol):
    """What a gateway has kept before it says anything. Many calls may run at once; they share a write."""

    async def record_request(self, opened: RequestOpened) -> None:
        """Keep a request; returning means that it outlives the broker. Raises Retryable when the store is away."""
        ...

    async def delete_request(self, opened: RequestOpened) -> None:
        """Forget a request that was refused after all. Raises Retryable."""
        ...

    async def record_end(self, finished: AnswerFinished) -> None:
        """Keep the end of a request before anybody is told it; the first one counts. Raises Retryable."""
        ...

    async def record_contribution(self, contribution: Contribution) -> None:
        """Keep what the log has taken, before its client is told so; twice is once. Raises Retryable."""
        ...


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request whose end is not in the journal yet, as far as anybody knows.

    `times`: how often it was restored before. `end`: what a client was told, or is about to be.
    """

    opened: RequestOpened
    times: int
    end: AnswerFinished | None = None


class RecoveryStore(Protocol):
    """What is kept of all tenants, for the one who restores it."""

    async def find_lost(self, limit: int) -> Sequence[PendingRequest]:
        """Return requests whose log is lost: it is neither ours nor that of a fleet that runs. Raises Retryable."""
        ...

    async def mark_moved(self, request: PendingRequest) -> None:
        """Note that a request stands on our log now, restored once more. Raises Retryable."""
        ...

    async def unjournaled(self, limit: int) -> Sequence[Contribution]:
        """Return contributions whose log was lost before the journal heard them. Raises Retryable."""
        ...

    async def mark_republished(self, contribution: Contribution) -> None:
        """Note that it stands on our log now. Raises Retryable."""
        ...

    async def delete_ended(self) -> int:
        """Forget requests whose end and last words the journal has, and contributions that it has heard.

        Returns how many rows went. Raises Retryable.
        """
        ...
