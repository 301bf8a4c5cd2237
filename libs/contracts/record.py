"""A log record, independent of the transport."""

from dataclasses import dataclass, field

from libs.contracts.envelope import Headers
from libs.contracts.message import Message


@dataclass(frozen=True, slots=True)
class Record:
    """`timestamp_ms` is the broker's time in Unix milliseconds.

    `message` is what a reader would decode, if this process has published the record itself.
    """

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    headers: Headers
    value: bytes
    message: Message | None = field(default=None, compare=False, repr=False)
