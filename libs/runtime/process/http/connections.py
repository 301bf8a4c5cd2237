"""Limits on a listener's connections: their number, and the time for a request head or an unread response."""

import asyncio
import resource
from collections.abc import Iterable, Iterator, MutableSet
from dataclasses import dataclass
from typing import TypeAlias, cast

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from libs.runtime.process.http.protocol import BoundedHttpProtocol, HeadConfig
from libs.runtime.process.http.request_bounds import ALL_BUSY

TICK_S = 0.1  # uvicorn's own
_WANTED_FILES = 65_536  # more would slow down programs that iterate over every possible descriptor
_MOST = 16_384
_MOST_METRICS = 256
_MOST_REFUSED = 64
_OTHER_FILES = 6_144  # files, stores, and a connection to a model for each of 4,096 direct requests

_UNREAD_LOOKS = 12  # a minute: a slow client may need that long for the rest of a response in the kernel's buffer

ConnectionRank: TypeAlias = tuple[RequestResponseCycle | None, int]


@dataclass(frozen=True, slots=True)
class ConnectionBounds:
    """`most` connections of one listener; `head_s` seconds for the head of a request, or at least half of them.

    An idle connection costs its client nothing, and the process a descriptor: without bounds, a thousand connections
    without any key leave none for others.
    """

    most: int
    head_s: float = 10.0

    @property
    def most_refused(self) -> int:
        """Number of connections beyond `most` that may receive a 503 at the same time."""
        return max(1, min(_MOST_REFUSED, self.most // 16))

    @classmethod
    def of_process(cls, listeners: int = 1) -> "ConnectionBounds":
        """Bounds of each of `listeners` listeners.

        Together they leave half of the process's descriptors, and at most `_OTHER_FILES`, to files, stores and models.
        """
        files = raised_file_limit()
        return cls(min(_MOST, (files - min(files // 2, _OTHER_FILES)) // max(1, listeners)))

    @classmethod
    def of_metrics(cls) -> "ConnectionBounds":
        """The listener for metrics has few clients."""
        return cls(min(_MOST_METRICS, raised_file_limit() // 16))


def raised_file_limit() -> int:
    """Raise the descriptor limit to the useful maximum and return it. Idempotent."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, _WANTED_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _WANTED_FILES if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


class ConnectionsByAge(MutableSet[asyncio.Protocol]):
    """A set that is iterated from the oldest to the newest.

    A plain set puts new items into the slots of removed ones, so that each new connection would close the previous new
    one instead of a long-idle one.
    """

    def __init__(self) -> None:
        self._connections: dict[asyncio.Protocol, None] = {}

    def __contains__(self, connection: object) -> bool:
        return connection in self._connections

    def __iter__(self) -> Iterator[asyncio.Protocol]:
        return iter(self._connections)

    def __len__(self) -> int:
        return len(self._connections)

    def add(self, value: asyncio.Protocol) -> None:
        self._connections[value] = None

    def discard(self, value: asyncio.Protocol) -> None:
        self._connections.pop(value, None)


class BoundedConfig(HeadConfig):
    """uvicorn's configuration with bounds, for `Connection`. Requests of `refused` connections are not served."""

    bounds: ConnectionBounds
    refused: "set[Connection]"


class Connection(BoundedHttpProtocol):
    """uvicorn's connection. The newest is served: at the limit, one that waits for a request is closed."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection; at the limit close an idle one. Refused (503) when all others are busy."""
        super().connection_made(transport)
        if len(self.connections) - len(self._refused) > self._bounds.most:
            self._close_spare()

    def connection_lost(self, exc: Exception | None) -> None:
        self._refused.discard(self)
        super().connection_lost(exc)

    def give_up(self) -> None:
        """Free also the place of a refused connection, whose loss comes later: else one more would be served."""
        self._refused.discard(self)
        super().give_up()

    @property
    def idle(self) -> bool:
        """Whether no request is in progress."""
        return self.cycle is None or self.cycle.response_complete or self.transport.is_closing()

    @property
    def owes(self) -> bool:
        """Whether the client has to send a head, or to read the rest of a response.

        Between two requests it owes nothing: uvicorn's own timer runs until the first byte of the next one.
        """
        return self.idle and self.timeout_keep_alive_task is None

    @property
    def rank(self) -> ConnectionRank:
        """A value that changes when the client makes progress: a whole head begins a new cycle."""
        return self.cycle, self.transport.get_write_buffer_size()

    @property
    def _bounds(self) -> ConnectionBounds:
        return cast(BoundedConfig, self.config).bounds

    @property
    def _refused(self) -> "set[Connection]":
        return cast(BoundedConfig, self.config).refused

    def _close_spare(self) -> None:
        spare = self._spare()
        if spare is not self or len(self._refused) >= self._bounds.most_refused:
            spare.give_up()
            return
        self._refused.add(self)
        self._reject(ALL_BUSY)

    def _spare(self) -> "Connection":
        """The oldest connection without any request, else one between two requests, else this one."""
        silent = (each for each in self._others() if each.cycle is None)
        return next(silent, None) or next((each for each in self._others() if each.idle), self)

    def _others(self) -> "Iterator[Connection]":
        return (each for each in _ours(self.connections) if each is not self and each not in self._refused)


class HeadWatch:
    """Closes connections whose clients make no progress, at two checks in the time for a head; no work per request.

    A connection without progress since the last check has had at least half of the time. A client that still reads a
    response has a minute for a part of it.
    """

    def __init__(self) -> None:
        self._owing: dict[Connection, tuple[ConnectionRank, int]] = {}

    def look(self, connections: Iterable[asyncio.Protocol]) -> None:
        """Close the connections that have made no progress for too long."""
        before, self._owing = self._owing, {}
        for each in [one for one in _ours(connections) if one.owes]:
            standing = each.rank
            known, looks = before.get(each, (standing, 0))
            looks = looks + 1 if known == standing else 1
            if looks > (_UNREAD_LOOKS if standing[1] else 1):
                each.give_up()
            else:
                self._owing[each] = standing, looks


def _ours(connections: Iterable[asyncio.Protocol]) -> Iterator[Connection]:
    """Yield the HTTP connections; a WebSocket has a protocol class of its own."""
    return (each for each in connections if isinstance(each, Connection))
