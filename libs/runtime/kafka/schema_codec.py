"""Codecs that encode and decode the client's messages to the same bytes and values, with fewer calls.

The client walks the schema of a message and calls several functions for each integer; with twelve partitions a topic
that took a tenth of the CPU of a request. A codec is compiled once for each schema: adjacent integers, and the length
that follows them, are one operation of `struct`.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeAlias

from aiokafka.protocol.struct import Struct
from aiokafka.protocol.types import (
    Array,
    Boolean,
    Bytes,
    Float64,
    Int8,
    Int16,
    Int32,
    Int64,
    Schema,
    String,
    UInt32,
)

_FIXED = {Int8: "b", Int16: "h", Int32: "i", UInt32: "I", Int64: "q", Float64: "d", Boolean: "?"}
_NULL = -1
_SHORT, _LONG = "h", "i"  # the length of a string; of bytes and of an array

Value: TypeAlias = Any  # an integer, a string, bytes, or a list or tuple of values, as the schema defines
ReadTail: TypeAlias = Callable[[bytes, int, int], tuple[Value, int]]  # data, offset, length: value, next offset
WriteTail: TypeAlias = Callable[[Value], tuple[int, bytes]]  # length and bytes

_codecs: dict[type[Struct], "SchemaCodec | None"] = {}
_plain_encode, _plain_decode = Struct.encode, Struct.decode.__func__


class _Unsupported(Exception):
    """A schema has a field of variable width other than strings, bytes and arrays."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Adjacent fields of fixed width, then at most one field of variable width, whose length is part of `fixed`."""

    fixed: struct.Struct
    count: int
    read: ReadTail | None
    write: WriteTail | None


class SchemaCodec:
    """Encodes and decodes the values of one schema, in its order."""

    def __init__(self, fields: Sequence[Value]) -> None:
        """Raises _Unsupported."""
        self._count = len(fields)
        self._runs: list[_Run] = []
        formats = ""
        for field in fields:
            if (one := _FIXED.get(field) if isinstance(field, type) else None) is not None:
                formats += one
                continue
            length, read, write = _tail(field)
            self._runs.append(_Run(struct.Struct(f">{formats}{length}"), len(formats), read, write))
            formats = ""
        if formats:
            self._runs.append(_Run(struct.Struct(f">{formats}"), len(formats), None, None))

    def decode(self, data: bytes, offset: int) -> tuple[tuple[Value, ...], int]:
        """The values, and the offset after them. Raises ValueError and struct.error."""
        values: list[Value] = []
        for run in self._runs:
            found = run.fixed.unpack_from(data, offset)
            offset += run.fixed.size
            if run.read is None:
                values += found
            else:
                values += found[:-1]
                value, offset = run.read(data, offset, found[-1])
                values.append(value)
        return tuple(values), offset

    def encode(self, values: Sequence[Value]) -> bytes:
        """Raises ValueError and struct.error."""
        if len(values) != self._count:
            raise ValueError("the number of values is not that of the schema")
        pieces: list[bytes] = []
        offset = 0
        for run in self._runs:
            end = offset + run.count
            if run.write is None:
                pieces.append(run.fixed.pack(*values[offset:end]))
                offset = end
            else:
                length, tail = run.write(values[end])
                pieces += (run.fixed.pack(*values[offset:end], length), tail)
                offset = end + 1
        return b"".join(pieces)


def use_schema_codecs() -> None:
    """Use codecs for every message of the process whose schema allows it. Idempotent."""
    Struct.encode, Struct.decode = _encode, classmethod(_decode)


def _encode(message: Struct) -> bytes:
    codec = codec_of(type(message))
    if codec is None:
        return bytes(_plain_encode(message))
    fields = message.__dict__
    try:
        return codec.encode([fields[name] for name in message.SCHEMA.names])
    except struct.error as error:
        raise ValueError(f"{type(message).__name__}: {error}") from error


def _decode(kind: type[Struct], data: BytesIO | bytes) -> Struct:
    codec = codec_of(kind)
    if codec is None:
        return _plain_decode(kind, data)
    stream = BytesIO(data) if isinstance(data, bytes) else data
    try:
        values, end = codec.decode(stream.getvalue(), stream.tell())
    except struct.error as error:
        raise ValueError(f"{kind.__name__}: {error}") from error
    stream.seek(end)
    return kind(*values)


def codec_of(kind: type[Struct]) -> SchemaCodec | None:
    """None for a schema with fields that no codec knows."""
    if kind not in _codecs:
        _codecs[kind] = _compiled(kind)
    return _codecs[kind]


def _compiled(kind: type[Struct]) -> SchemaCodec | None:
    try:
        return SchemaCodec(kind.SCHEMA.fields)
    except _Unsupported:
        return None


def _tail(field: Value) -> tuple[str, ReadTail, WriteTail]:
    """Format of the length, reader and writer of a field of variable width. Raises _Unsupported."""
    if type(field) is String:
        return _SHORT, _string_reader(field.encoding), _string_writer(field.encoding)
    if field is Bytes:
        return _LONG, _read_bytes, _write_bytes
    if type(field) is Array:
        return _LONG, *_array(field.array_of)
    raise _Unsupported


def _read_bytes(data: bytes, offset: int, length: int) -> tuple[bytes | None, int]:
    if length < 0:
        return None, offset
    end = offset + length
    if end > len(data):
        raise ValueError("the data ends inside a field")
    return data[offset:end], end


def _write_bytes(value: bytes | None) -> tuple[int, bytes]:
    return (_NULL, b"") if value is None else (len(value), value)


def _string_reader(encoding: str) -> ReadTail:
    def read(data: bytes, offset: int, length: int) -> tuple[str | None, int]:
        found, end = _read_bytes(data, offset, length)
        return None if found is None else found.decode(encoding), end

    return read


def _string_writer(encoding: str) -> WriteTail:
    return lambda value: _write_bytes(None if value is None else str(value).encode(encoding))


def _array(item: Value) -> tuple[ReadTail, WriteTail]:
    """Reader and writer of an array; items of a schema are tuples."""
    of_schema = isinstance(item, Schema)
    codec = SchemaCodec(item.fields if of_schema else (item,))
    decode, encode = codec.decode, codec.encode

    def read(data: bytes, offset: int, length: int) -> tuple[list[Value] | None, int]:
        if length == _NULL:
            return None, offset
        items: list[Value] = []
        for _ in range(length):
            values, offset = decode(data, offset)
            items.append(values if of_schema else values[0])
        return items, offset

    def write(values: Sequence[Value] | None) -> tuple[int, bytes]:
        if values is None:
            return _NULL, b""
        return len(values), b"".join([encode(value if of_schema else (value,)) for value in values])

    return read, write
