"""Decoding of records whose header names are not UTF-8: brokers store them, but the client's reader fails on them."""

from collections.abc import Iterator
from typing import Any, SupportsIndex

from aiokafka import ConsumerRecord
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.memory_records import MemoryRecords

from libs.runtime.kafka.client_internals import MemoryRecordsInPython, RecordBatchInPython

_StrictRecords = fetcher.PartitionRecords


class _Text(bytearray):
    """A buffer whose slices can always be decoded."""

    def __getitem__(self, at: SupportsIndex | slice) -> Any:  # noqa: ANN401 - a number or bytes, as of every buffer
        part = super().__getitem__(at)
        return part if isinstance(part, int) else _Text(part)

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


class _LenientBatch(RecordBatchInPython):  # type: ignore[misc]  # its marker says final, and nothing else can decode
    """A batch of records whose header names may be any bytes."""

    def _maybe_uncompress(self) -> None:
        self._buffer: bytearray
        super()._maybe_uncompress()
        if not isinstance(self._buffer, _Text):
            self._buffer = _Text(self._buffer)


class _RetainedRecords:
    """The batches of one fetch, with their raw bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._records = MemoryRecords(data)
        self.has_next, self.next_batch = self._records.has_next, self._records.next_batch
        self.size_in_bytes = self._records.size_in_bytes


class _LenientRecords(MemoryRecordsInPython):  # type: ignore[misc]
    """The same batches with lenient header names."""

    def next_batch(self, *_: object) -> _LenientBatch:
        batch = self._next_slice
        self._cache_next()
        return _LenientBatch(batch)


class _PartitionRecords(_StrictRecords):  # type: ignore[misc, valid-type]  # the library has no types
    """The fetched records of one partition; an undecodable name ends neither the iteration nor a record.

    With the error the client loses its position in a fetch, and the good records before it. So once a name cannot be
    decoded, the rest of the fetch is read again from that record on, with bytes that are no UTF-8 written as `\\xff`.
    The record is then handled as every record with a wrong signature.
    """

    def __init__(self, partition: object, records: _RetainedRecords, *options: object) -> None:
        super().__init__(partition, records, *options)
        self._kept = records

    def __next__(self) -> ConsumerRecord:
        try:
            return super().__next__()
        except (UnicodeDecodeError, CorruptRecordException):  # the C reader raises one, the Python reader the other
            self._records = _LenientRecords(self._kept.data)
            self._records_iterator: Iterator[ConsumerRecord] | None = self._unpack_records()
            return super().__next__()


_NO_RECORDS = _RetainedRecords(b"")


def _records_of(data: bytes) -> _RetainedRecords:
    """Most partitions of a fetch are empty."""
    return _RetainedRecords(data) if data else _NO_RECORDS


def accept_any_header_name() -> None:
    """Enable this for every consumer of the process. Idempotent."""
    fetcher.PartitionRecords, fetcher.MemoryRecords = _PartitionRecords, _records_of
