"""The queue position as progress of a stream, in a form that clients without support for it skip."""

import orjson

from services.gateway.dialects.dialect import Dialect
from services.gateway.domain.streaming.reply import ReplyHead

_EVENTS = b"text/event-stream"


def position_frame(dialect: Dialect, head: ReplyHead, position: int) -> bytes:
    """A comment in event streams, which have comments; else a line with an empty piece of the answer and an extra
    field."""
    if dialect.stream_type.startswith(_EVENTS):
        return b": queue position %d\n\n" % position
    line: dict[str, object] = orjson.loads(dialect.frames(head).keep_alive())
    return orjson.dumps({**line, "queue_position": position}) + b"\n"
