"""A log record, independent of the transport."""

from dataclasses import dataclass

from libs.contracts.envelope import Headers


@dataclass(frozen=True, slots=True)
class Record:
    """`timestamp_ms` is the broker's time in Unix milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    headers: Headers
    value: bytes
