"""What every output carries besides its contents: what was read to make it, and how long its request has waited."""

from dataclasses import dataclass
from typing import TypeVar

from libs.contracts.envelope import Envelope
from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.core.reads import ReadLog

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class OutputMetadata:
    """`tape` is what the work has read so far; `waited_ms` how long its request has waited in queues by then."""

    read_log: ReadLog
    waited_ms: int = 0

    def attach_to(self, message: M) -> M:
        """Return a message with the reads up to now and the longer of the two waits."""
        envelope, reads = message.envelope, self.read_log.as_json()
        if not reads and envelope.waited_ms >= self.waited_ms:
            return message
        return message.bound(envelope.with_output_metadata(reads, max(envelope.waited_ms, self.waited_ms)))


def waited_ms(record: Record, envelope: Envelope, now: float) -> int:
    """Return how long a request had waited when a record of it was taken at `now`, in Unix seconds."""
    return envelope.waited_ms + max(0, int(now * 1000) - record.timestamp_ms)
