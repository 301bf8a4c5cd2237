"""Which acknowledged records are handed over, and when fetches may wait."""

import asyncio
from dataclasses import replace

import pytest
from aiokafka import TopicPartition
from aiokafka.structs import RecordMetadata

from libs.contracts.progress import PartCompleted
from libs.contracts.record import Record
from libs.contracts.topics import PROGRESS
from libs.runtime.kafka.acknowledged import LOCAL_RECORDS, URGENT_S, AcknowledgedRecords, LocalRecords
from libs.runtime.messaging.codec import Outgoing, decode, encode, read, verified_envelope
from libs.testing.fake_clock import FakeClock
from libs.testing.records import SIGNER, request

SENT_MS, APPENDED_MS = 1_000, 2_000


def outgoing(value: bytes = b"{}") -> Outgoing:
    return Outgoing(PROGRESS, b"key", "key", (("event_id", b"1"),), value)


def acknowledgement(offset: int, *, appended: bool = False) -> RecordMetadata:
    place = TopicPartition(PROGRESS.name, 3)
    return RecordMetadata(PROGRESS.name, 3, place, offset, APPENDED_MS if appended else SENT_MS - 1, int(appended), 0)


def record(offset: int, value: bytes = b"{}", partition: int = 0) -> Record:
    return Record(PROGRESS.name, partition, offset, SENT_MS, b"key", (), value)


class Process:
    """Sends records and hears of those that are handed over."""

    def __init__(self) -> None:
        self.acknowledged = AcknowledgedRecords()
        self.taken: list[Record] = []
        self.acknowledged.add(PROGRESS.name, self.taken.append)

    def send(self, sent: Outgoing) -> "asyncio.Future[RecordMetadata]":
        answer: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
        self.acknowledged.watch(sent, SENT_MS, answer)
        return answer


@pytest.mark.parametrize(("appended", "timestamp_ms"), [(False, SENT_MS), (True, APPENDED_MS)])
async def test_an_acknowledged_record_is_the_one_that_the_log_has(*, appended: bool, timestamp_ms: int) -> None:
    process = Process()
    process.send(outgoing()).set_result(acknowledgement(7, appended=appended))
    assert process.taken == []  # never before the acknowledgement is dealt with
    await asyncio.sleep(0)
    assert process.taken == [Record(PROGRESS.name, 3, 7, timestamp_ms, b"key", (("event_id", b"1"),), b"{}")]


async def test_a_record_carries_the_message_that_a_reader_would_decode() -> None:
    process = Process()
    (sent,) = encode(PartCompleted(part="p", part_kind="tool").opening(request()), SIGNER)
    process.send(sent).set_result(acknowledgement(7))
    process.send(replace(sent, message=None)).set_result(acknowledgement(8))  # forwarded unread
    await asyncio.sleep(0)
    first, second = process.taken
    assert second.message is None
    assert first.message == decode(second, verified_envelope(second, SIGNER))
    assert read(replace(first, value=b"not read", headers=()), SIGNER) is first.message


async def test_records_are_handed_over_in_the_order_of_their_acknowledgements() -> None:
    process = Process()
    first, second = process.send(outgoing(b"1")), process.send(outgoing(b"2"))
    second.set_result(acknowledgement(7))
    first.set_result(acknowledgement(8))
    await asyncio.sleep(0)
    assert [each.offset for each in process.taken] == [7, 8]


async def test_what_is_not_known_to_be_on_the_log_is_not_handed_over() -> None:
    process = Process()
    failed, given_up, repeated = (process.send(outgoing()) for _ in range(3))
    failed.set_exception(ConnectionError())
    given_up.cancel()
    repeated.set_result(acknowledgement(-1))
    await asyncio.sleep(0)
    assert process.taken == []


async def test_a_consumer_that_has_left_gets_nothing() -> None:
    process = Process()
    answer = process.send(outgoing())
    process.acknowledged.remove(PROGRESS.name, process.taken.append)
    process.acknowledged.remove(PROGRESS.name, process.taken.append)
    answer.set_result(acknowledgement(7))
    await asyncio.sleep(0)
    assert process.taken == []


def test_a_fetched_record_is_compared_with_the_one_that_was_handed_over() -> None:
    local = LocalRecords(FakeClock())
    for offset in (4, 5, 7):
        local.handed_over(record(offset))
    assert local.confirm(record(3))
    assert local.confirm(record(4))
    assert local.confirm(record(4, partition=1))
    assert not local.confirm(record(5, b"[]"))
    assert local.confirm(record(6))
    assert not local.confirm(replace(record(7), headers=(("event_id", b"2"),)))
    assert local.confirm(record(7))


def test_a_record_that_compaction_has_removed_is_not_waited_for() -> None:
    local = LocalRecords(FakeClock())
    for offset in (4, 5, 6):
        local.handed_over(record(offset))
    assert local.confirm(record(5))
    assert not local.confirm(record(6, b"[]"))


def test_of_a_lost_partition_nothing_is_compared() -> None:
    local = LocalRecords(FakeClock())
    local.handed_over(record(4))
    local.handed_over(record(4, partition=1))
    local.forget([0])
    assert local.confirm(record(4, b"[]"))
    assert not local.confirm(record(4, b"[]", partition=1))


class Consumer:
    """A consumer at the end of its log."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.local = LocalRecords(self.clock)
        self.end = 0

    def hand_over(self, count: int) -> None:
        for offset in range(self.end, self.end + count):
            self.local.handed_over(record(offset))
            self.local.confirm(record(offset))
        self.end += count

    def fetch(self) -> None:
        self.local.confirm(record(self.end))
        self.end += 1


def test_fetches_wait_once_some_records_were_handed_over() -> None:
    consumer = Consumer()
    consumer.hand_over(LOCAL_RECORDS - 1)
    assert not consumer.local.is_relaxed
    consumer.hand_over(1)
    assert consumer.local.is_relaxed


def test_a_record_of_another_process_makes_fetches_urgent_for_a_while() -> None:
    consumer = Consumer()
    consumer.hand_over(LOCAL_RECORDS)
    consumer.fetch()
    consumer.hand_over(LOCAL_RECORDS)
    assert not consumer.local.is_relaxed
    consumer.clock.advance(URGENT_S)
    assert consumer.local.is_relaxed
    consumer.fetch()
    consumer.clock.advance(URGENT_S)
    consumer.hand_over(LOCAL_RECORDS - 1)
    assert not consumer.local.is_relaxed


def test_a_record_that_was_fetched_before_its_acknowledgement_arrived_is_our_own() -> None:
    consumer = Consumer()
    consumer.hand_over(LOCAL_RECORDS)
    for _ in range(3):
        consumer.fetch()
    assert not consumer.local.is_relaxed
    for offset in range(LOCAL_RECORDS, LOCAL_RECORDS + 3):
        assert not consumer.local.is_relaxed
        consumer.local.acknowledged_late(0, offset)
    assert consumer.local.is_relaxed
