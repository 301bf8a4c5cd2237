"""Wire format of a delta: a JSON array, the same bytes in the stream and on the channel."""

from dataclasses import dataclass
from typing import get_args

import orjson

from libs.ports.deltas import Delta, DeltaKind

FIELD = b"d"  # the one field of a stream entry
KINDS: frozenset[str] = frozenset(get_args(DeltaKind))


@dataclass(frozen=True, slots=True)
class Entry:
    """A delta with its origin. The numbers of one `writer` increase: one not above the last is a duplicate."""

    response_id: str
    writer: str
    number: int
    delta: Delta


def stream_key(response_id: str) -> str:
    return f"moe:stream:{response_id}"


def channel(reply_partition: int) -> str:
    """One channel carries all responses of a gateway instance."""
    return f"moe:deltas:{reply_partition}"


def pack(entry: Entry) -> bytes:
    delta = entry.delta
    origin = [entry.response_id, entry.writer, entry.number]
    try:
        return orjson.dumps([*origin, delta.kind, delta.stream, delta.offset, delta.text])
    except orjson.JSONEncodeError:  # a lone surrogate; "?" keeps the character offsets right
        text = delta.text.encode(errors="replace").decode()
        return orjson.dumps([*origin, delta.kind, delta.stream, delta.offset, text])


def unpack(data: bytes) -> Entry | None:
    """None for bytes that are not an entry."""
    try:
        fields = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    match fields:
        case [str(response_id), str(writer), int(number), str(kind), str(stream), int(offset), str(text)]:
            if kind not in KINDS:
                return None
            # The line above proves the kind; the checker cannot follow a set.
            return Entry(response_id, writer, number, Delta(kind, stream, offset, text))  # type: ignore[arg-type]
        case _:
            return None
