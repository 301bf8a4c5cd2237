"""All calls to the scripted model server: prompt, time, concurrency."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from libs.core.clock import SystemClock
from libs.ports.llm import ChatMessage
from libs.testing.model_server.script import Prompt, Stage
from libs.testing.waiting import waiting

WAIT_TIMEOUT_S = 30.0  # ends a hang; not a limit of the test


@dataclass(frozen=True, slots=True)
class Call:
    """One chat completion. Times are monotonic seconds; `disconnected`: the client left before the reply ended.

    Calls with the same `connection`, an address of the client, share a socket. `headers` have lower-case names, without
    the key.
    """

    started: float
    ended: float
    model: str
    messages: tuple[ChatMessage, ...]
    stream: bool
    stage: Stage
    category: str
    token: str
    status: int
    connection: str
    disconnected: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class CallLog:
    """Calls as they begin and end; waiting for them needs no polling."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.max_in_flight = 0
        self._clock = SystemClock()
        self._ended: list[Call] = []
        self._started = 0
        self._changed = asyncio.Condition()

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call that has ended, in the order in which they ended."""
        return tuple(self._ended)

    async def begin(self, prompt: Prompt, status: int, connection: str) -> Call:
        self._started += 1
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        await self._notify()
        now = self._clock.monotonic()
        return Call(
            started=now,
            ended=now,
            model=prompt.model,
            messages=prompt.messages,
            stream=prompt.stream,
            stage=prompt.stage,
            category=prompt.category,
            token=prompt.token,
            status=status,
            connection=connection,
        )

    async def end(self, call: Call) -> None:
        self.in_flight -= 1
        self._ended.append(replace(call, ended=self._clock.monotonic()))
        await self._notify()

    async def wait_started(self, count: int, timeout_s: float = WAIT_TIMEOUT_S) -> None:
        """Wait for `count` calls since the last `forget`. Raises TimeoutError."""
        await self._wait_for(lambda: self._started >= count, timeout_s)

    async def wait_ended(self, count: int, timeout_s: float = WAIT_TIMEOUT_S) -> None:
        """Wait for the end of `count` calls since the last `forget`. Raises TimeoutError."""
        await self._wait_for(lambda: len(self._ended) >= count, timeout_s)

    def forget(self) -> None:
        """Clear the log; calls in flight still count as such."""
        self._ended.clear()
        self._started, self.max_in_flight = self.in_flight, self.in_flight

    async def _wait_for(self, condition: Callable[[], bool], timeout_s: float) -> None:
        async with waiting(timeout_s), self._changed:
            await self._changed.wait_for(condition)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()
