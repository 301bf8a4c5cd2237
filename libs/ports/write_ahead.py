"""The write-ahead store: client input, stored until the journal has it or its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.contracts.records import FeedbackGiven, KnowledgeOffered

# For brokers that lose their log when they stop.
Contribution: TypeAlias = FeedbackGiven | KnowledgeOffered  # has no end event


class WriteAheadStore(Protocol):
    """Stores requests, ends and contributions before a gateway responds. Concurrent calls share a write."""

    async def record_request(self, opened: RequestOpened) -> None:
        """Store a request; it survives the broker on return. Raises Retryable while the store is unavailable."""
        ...

    async def delete_request(self, opened: RequestOpened) -> None:
        """Delete a request that was rejected after it was recorded. Raises Retryable."""
        ...

    async def record_end(self, finished: AnswerFinished) -> None:
        """Store the end of a request before any client receives it; the first one counts. Raises Retryable."""
        ...

    async def record_contribution(self, contribution: Contribution) -> None:
        """Store a contribution that the log has accepted, before its client gets a response. Idempotent. Raises
        Retryable.
        """
        ...


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request without a known end in the journal.

    `times`: how often it was restored before. `end`: the end that a client received, or is about to receive.
    """

    opened: RequestOpened
    times: int
    end: AnswerFinished | None = None


class RecoveryStore(Protocol):
    """The write-ahead records of all tenants, for recovery."""

    async def find_lost(self, limit: int) -> Sequence[PendingRequest]:
        """Requests whose log is lost: it is neither ours nor that of a running fleet. Raises Retryable."""
        ...

    async def mark_moved(self, request: PendingRequest) -> None:
        """Record that our log now holds the request, restored once more. Raises Retryable."""
        ...

    async def unjournaled(self, limit: int) -> Sequence[Contribution]:
        """Contributions whose log was lost before the journal stored them. Raises Retryable."""
        ...

    async def mark_republished(self, contribution: Contribution) -> None:
        """Record that our log now holds the contribution. Raises Retryable."""
        ...

    async def delete_ended(self) -> int:
        """Delete requests whose end and final records the journal has, and contributions that it has.

        Returns the number of deleted rows. Raises Retryable.
        """
        ...
