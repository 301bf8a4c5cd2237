"""Delivery on acknowledgement: a record that this process published reaches its own consumers before they fetch it.

The broker's acknowledgement names the offset: the record is on the log, and this process knows all of it. A consumer
takes it only at the next offset of an assigned partition; in every other case the fetch brings it. So order and states
are those of the fetch, which still brings each record and is compared with what was handed over.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aiokafka.structs import RecordMetadata

from libs.contracts.record import Record
from libs.core.clock import Clock
from libs.runtime.messaging.codec import Outgoing, as_decoded

_LOG_APPEND_TIME = 1  # the broker has replaced the record's timestamp

Take = Callable[[Record], None]


class AcknowledgedRecords:
    """Hands the acknowledged records of a process to the consumers of their topics."""

    def __init__(self) -> None:
        self._consumers: dict[str, list[Take]] = defaultdict(list)

    def add(self, topic: str, take: Take) -> None:
        self._consumers[topic].append(take)

    def remove(self, topic: str, take: Take) -> None:
        """Idempotent."""
        if take in (consumers := self._consumers[topic]):
            consumers.remove(take)

    def watch(self, sent: Outgoing, sent_ms: int, acknowledgement: "asyncio.Future[RecordMetadata]") -> None:
        """Hand a record over once it is acknowledged; `sent_ms` is its timestamp.

        The broker answers all records of a batch in the order of their offsets, and callbacks keep that order.
        """
        if self._consumers.get(sent.topic.name):
            acknowledgement.add_done_callback(lambda done: self._acknowledged(sent, sent_ms, done))

    def _acknowledged(self, sent: Outgoing, sent_ms: int, done: "asyncio.Future[RecordMetadata]") -> None:
        if done.cancelled() or done.exception() is not None:
            return
        place = done.result()
        # A repeated batch, of which the broker only remembers that it has it.
        if place.offset < 0:
            return
        timestamp_ms = place.timestamp if place.timestamp_type == _LOG_APPEND_TIME else sent_ms
        record = Record(
            topic=place.topic,
            partition=place.partition,
            offset=place.offset,
            timestamp_ms=timestamp_ms,
            key=sent.key,
            headers=sent.headers,
            value=sent.value,
            message=as_decoded(sent.message, timestamp_ms) if sent.message is not None else None,
        )
        for take in self._consumers[place.topic]:
            take(record)


MOST_AHEAD = 4096  # records of a partition that were handed over and are not fetched yet
LOCAL_RECORDS = 8
URGENT_S = 10.0
_RECENT = 16


@dataclass(frozen=True, slots=True)
class _Foreign:
    """A record that was fetched before it was handed over, if it ever is. `local` counts those handed over before."""

    partition: int
    offset: int
    fetched_at: float
    local: int


class LocalRecords:
    """Records that one consumer was handed before it fetched them.

    While a consumer is handed all its records, nothing waits for its fetches, so they may be relaxed. A record of
    another process makes them urgent for `URGENT_S` seconds, and until `LOCAL_RECORDS` more were handed over. One that
    was fetched before its acknowledgement arrived is not of another process.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead: dict[int, deque[tuple[int, int]]] = defaultdict(deque)  # offsets and digests of each partition
        self._local = 0
        self._foreign: deque[_Foreign] = deque(maxlen=_RECENT)

    @property
    def is_relaxed(self) -> bool:
        """True if recent records were all handed over; a consumer without records does not know that."""
        return self._local >= LOCAL_RECORDS and not self.is_urgent

    @property
    def is_urgent(self) -> bool:
        """True if another process has published a recent record."""
        if not self._foreign:
            return False
        last = self._foreign[-1]
        return self._local < last.local + LOCAL_RECORDS or self._clock.monotonic() < last.fetched_at + URGENT_S

    def is_full(self, partition: int) -> bool:
        """True if the fetch must bring some of the partition's records before more are handed over."""
        return len(self._ahead[partition]) >= MOST_AHEAD

    def handed_over(self, record: Record) -> None:
        self._ahead[record.partition].append((record.offset, _digest(record)))
        self._local += 1

    def acknowledged_late(self, partition: int, offset: int) -> None:
        """The record was fetched before: it is no other process's."""
        for foreign in self._foreign:
            if (foreign.partition, foreign.offset) == (partition, offset):
                self._foreign.remove(foreign)
                self._local += 1
                return

    def confirm(self, record: Record) -> bool:
        """Compare a fetched record with the one handed over at its offset, if there is one.

        False if they differ: the log was truncated, and continues with other records.
        """
        ahead = self._ahead[record.partition]
        while ahead and ahead[0][0] < record.offset:  # compaction has removed it
            ahead.popleft()
        if not ahead or ahead[0][0] > record.offset:
            now = self._clock.monotonic()
            self._foreign.append(_Foreign(record.partition, record.offset, now, self._local))
            return True
        _, digest = ahead.popleft()
        return digest == _digest(record)

    def forget(self, partitions: Iterable[int]) -> None:
        """Forget what was handed over of these partitions."""
        for partition in partitions:
            self._ahead.pop(partition, None)


def _digest(record: Record) -> int:
    return hash((record.key, record.headers, record.value))
