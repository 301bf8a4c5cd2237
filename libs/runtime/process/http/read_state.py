"""Counts of one connection of the HTTP protocol."""

from libs.runtime.process.http.request_bounds import Rejection


class ReadState:
    """What a connection has read so far.

    Slots: uvicorn's attributes nearly fill the dictionary of keys that CPython's objects share, and with more of them
    each access of a connection is slower.
    """

    __slots__ = (
        "_body_bytes",
        "_boundary",
        "_chunk_began_at",
        "_chunks",
        "_discarded",
        "_framing_bytes",
        "_head_bytes",
        "_inexact",
        "_reading_head",
        "_rejection",
        "_trailers",
        "_upgrading",
    )

    def _begin_reading(self) -> None:
        self._reading_head = True
        self._head_bytes = 0  # of an unfinished head, from segments before
        self._inexact = False  # the head began amid a segment: _head_bytes lacks its first bytes
        self._boundary = False  # a head or a message ended in this segment
        self._upgrading = False
        self._trailers = 0  # of this message
        self._body_bytes = 0
        self._chunks = 0
        self._chunk_began_at = -1  # the bytes of body before the newest chunk
        self._framing_bytes = 0
        self._discarded = 0
        self._rejection: Rejection | None = None
