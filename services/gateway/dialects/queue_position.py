"""The position in the queue as progress of a stream: what every client of its protocol skips that does not know it."""

import orjson

from services.gateway.dialects.dialect import Dialect
from services.gateway.domain.streaming.reply import ReplyHead

_EVENTS = b"text/event-stream"


def position_frame(dialect: Dialect, head: ReplyHead, position: int) -> bytes:
    """Return a comment where the stream has comments, which event streams do; else a line with an empty piece of the
    answer and one field more."""
    if dialect.stream_type.startswith(_EVENTS):
        return b": queue position %d\n\n" % position
    line: dict[str, object] = orjson.loads(dialect.frames(head).keep_alive())
    return orjson.dumps({**line, "queue_position": position}) + b"\n"
