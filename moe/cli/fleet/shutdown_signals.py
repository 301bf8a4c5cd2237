"""Shutdown of a process: in order on the first signal, at once on the second, always within a time limit."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from libs.core.errors import FleetError

STOP_WITHIN_S = 9.5  # the documented limit is ten seconds
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(FleetError):
    """A signal arrived during the start."""

    code = "interrupted"


class ShutdownSignals:
    """Requests of SIGINT and SIGTERM.

    `leave` ends the process without clean-up, with an exit code. Embedded stores and tool workers detect the end of
    their owner and stop, so nothing stays behind.
    """

    def __init__(self, leave: Callable[[int], object] = os._exit) -> None:
        self.requested = asyncio.Event()
        self._leave = leave
        self._starting: asyncio.Task[object] | None = None

    @classmethod
    def on_signals(cls) -> "ShutdownSignals":
        """Register the signal handlers of this process."""
        stop = cls()
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, stop.request, number)
        return stop

    def request(self, number: signal.Signals) -> None:
        """Start the shutdown; the second call exits at once."""
        if self.requested.is_set():
            self._leave_now("stopped at once", number)
            return
        self.requested.set()
        asyncio.get_running_loop().call_later(STOP_WITHIN_S, self._leave_now, "stopping took too long", number)
        if self._starting is not None:
            self._starting.cancel()

    def _leave_now(self, why: str, number: signal.Signals) -> None:
        click.echo(why, err=True)
        self._leave(128 + number)

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Work in the block is abandoned on a signal. Raises Interrupted."""
        if self.requested.is_set():
            raise Interrupted("interrupted")
        self._starting = task = asyncio.current_task()
        try:
            yield
        except asyncio.CancelledError:
            if task is None or not self.requested.is_set() or task.uncancel() > 0:
                raise
            raise Interrupted("interrupted") from None
        finally:
            self._starting = None
