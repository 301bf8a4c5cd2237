"""A record whose header name is not UTF-8 is read like any other, and takes no record beside it along."""

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from libs.runtime.kafka.header_names import accept_any_header_name
from libs.testing.header_names import BadName

PLACE = TopicPartition("moe.requests", 0)
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3}


def batch(first: int, names: list[str], codec: int = 0) -> bytes:
    """Batch as a broker stores it: a record for each header name."""
    builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, 0, 1_000_000)
    for number, name in enumerate(names):
        builder.append(number, 1000 + number, None, f"value {first + number}".encode(), [(name, b"\xfe")])
    data = builder.build()
    data[:8] = first.to_bytes(8, "big")  # the base offset, which is not in the checksum
    return bytes(data)


def read(data: bytes, start: int = 0) -> list[ConsumerRecord]:
    accept_any_header_name()
    return list(fetcher.PartitionRecords(PLACE, fetcher.MemoryRecords(data), None, start, None, None, True, 0))


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_every_record_of_a_fetch_is_read_once(codec: int) -> None:
    bad = BadName(b"na\xffme\xc3")
    data = batch(0, ["a", bad, "b"], codec) + batch(3, ["c"], codec) + batch(4, [bad, bad, "d"], codec)
    found = read(data)
    assert [record.offset for record in found] == list(range(7))
    assert [record.value for record in found] == [f"value {number}".encode() for number in range(7)]
    assert [record.headers[0][0] for record in found] == ["a", r"na\xffme\xc3", "b", "c", *[r"na\xffme\xc3"] * 2, "d"]
    assert {record.headers[0][1] for record in found} == {b"\xfe"}


def test_reading_goes_on_at_the_offset_that_was_asked_for() -> None:
    assert [record.offset for record in read(batch(0, ["a", BadName(b"\xff"), "b"]), 2)] == [2]


def test_a_damaged_batch_is_still_an_error() -> None:
    data = bytearray(batch(0, ["a", BadName(b"\xff")]))
    data[-1] ^= 1
    with pytest.raises(CorruptRecordException):
        read(bytes(data))
