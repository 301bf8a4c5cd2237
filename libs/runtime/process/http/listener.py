"""HTTP listeners inside a running loop: the process handles signals, not the server."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from libs.core.errors import ConfigurationError
from libs.core.tasks import TaskSet
from libs.runtime.process.http.connections import (
    TICK_S,
    BoundedConfig,
    Connection,
    ConnectionBounds,
    ConnectionsByAge,
    HeadWatch,
)
from libs.runtime.process.http.request_bounds import (
    DISCARD_PAUSE_S,
    REJECTION_DELAY_S,
    Pace,
    UnfinishedHeads,
)

BACKLOG = 2048
KEEP_ALIVE_S = 75  # longer than common client pools, so that no connection closes under a request


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, head_s: float) -> None:
        super().__init__(config)
        self.server_state.connections = cast(set[Any], ConnectionsByAge())
        self._watch = HeadWatch()
        self._look_every = max(1, round(head_s / 2 / TICK_S))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """Check the connections periodically: one timer for all of them."""
        if counter % self._look_every == 0:
            self._watch.look(self.server_state.connections)
        return await super().on_tick(counter)


class HttpListener:
    """One application on one port, bound at construction so that a taken port stops the start with one line."""

    def __init__(
        self, app: ASGIApp, host: str, port: int, tasks: TaskSet, *, bounds: ConnectionBounds | None = None
    ) -> None:
        bounds = bounds or ConnectionBounds.of_process()
        self._socket = _bound(host, port)
        self.port: int = self._socket.getsockname()[1]
        config = BoundedConfig(
            app,
            http=Connection,
            ws="none",  # no listener needs WebSockets, and their parsers have bounds of their own
            interface="asgi3",
            proxy_headers=False,  # forwarded headers are ignored: `client` is the peer
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=1,
            server_header=False,
            log_config=None,
        )
        config.bounds, config.refused = bounds, set()
        config.unfinished = UnfinishedHeads()
        config.rejections, config.discards = Pace(REJECTION_DELAY_S), Pace(DISCARD_PAUSE_S)
        self._server = _Server(config, bounds.head_s)
        self._tasks = tasks
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = self._tasks.start(self._server.serve(sockets=[self._socket]), name=f"http/{self.port}")

    async def stop(self) -> None:
        """Close the port; connections that remain after a second are closed."""
        self._server.should_exit = True
        if self._task is not None:
            await asyncio.wait([self._task])
        self._socket.close()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off; left on, a short answer waits 40 ms for its body.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)  # a client that connects right after the start waits instead of being refused
    except OSError as error:
        listener.close()
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}; choose another port") from error
    listener.setblocking(False)
    return listener
