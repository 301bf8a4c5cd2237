"""Metadata of every output: the reads that led to it, and the queueing time of its request."""

from dataclasses import dataclass
from typing import TypeVar

from libs.contracts.envelope import Envelope
from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.core.outside_numbers import COUNT_LIMIT
from libs.core.reads import ReadLog

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class OutputMetadata:
    """`read_log` holds the reads so far; `waited_ms` is the time that the request has spent in queues."""

    read_log: ReadLog
    waited_ms: int = 0

    def attach_to(self, message: M) -> M:
        """Adds the reads so far and the longer of the two waits."""
        envelope, reads = message.envelope, self.read_log.as_json()
        if not reads and envelope.waited_ms >= self.waited_ms:
            return message
        return message.bound(envelope.with_output_metadata(reads, max(envelope.waited_ms, self.waited_ms)))


def waited_ms(record: Record, envelope: Envelope, now: float) -> int:
    """Total queueing time of a request whose record is consumed at `now` (Unix seconds).

    At most what an envelope may hold: producers choose the times of their records, and one may have none (-1).
    """
    here_ms = max(0, int(now * 1000) - record.timestamp_ms) if record.timestamp_ms >= 0 else 0
    return min(COUNT_LIMIT, envelope.waited_ms + here_ms)
