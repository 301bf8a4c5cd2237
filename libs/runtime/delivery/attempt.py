"""One attempt of a handler at a message: within its deadline, stoppable by a cancellation, outputs acknowledged."""

import asyncio
import inspect
import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from libs.contracts.catalogue import COMMANDS
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall
from libs.contracts.progress import CallsMade
from libs.contracts.reported_calls import reported_calls
from libs.core.errors import FleetError, Rejected, Retryable
from libs.core.tenancy import tenant_scope
from libs.runtime.delivery.call_recorder import billed, told
from libs.runtime.delivery.context import Workplace
from libs.runtime.delivery.dead_letter_publisher import tell
from libs.runtime.delivery.outcomes import bug, expired, is_left_to_the_join, note_stage
from libs.runtime.delivery.output_metadata import Stamp
from libs.runtime.service import Handler
from libs.runtime.telemetry import handled

CANCELLED = "cancelled"

log = logging.getLogger(__name__)


def is_command(message: Message) -> bool:
    """Return whether somebody was asked to work: only then there is a deadline, a cancelling, and an end by failing."""
    return isinstance(message, COMMANDS)


@dataclass(frozen=True)
class Attempts:
    """Makes attempts of one handler of one service; `stage_sha256` names what the service is made of."""

    service: str
    handler: Handler
    deps: object
    place: Workplace
    stage_sha256: str = ""

    async def make(self, message: Message, stamp: Stamp) -> FleetError | None:
        """Handle a message; return None when that is done, else the outcome: Rejected, Retryable or a Bug.

        Raises CancelledError when this task is cancelled, and nothing else.
        """
        with tenant_scope(message.envelope.tenant), billed() as bill:
            outcome = await self._outcome(message, stamp)
            await self._tell_of_calls(message, stamp, bill.untold(_handed_on(message, outcome)))
        if isinstance(outcome, FleetError):
            return outcome
        self.count(message, outcome)
        return None

    async def _outcome(self, message: Message, stamp: Stamp) -> str | FleetError:
        note_stage(self.stage_sha256)
        try:
            return await self._command(message, stamp) if is_command(message) else await self._fact(message, stamp)
        except (Exception, asyncio.CancelledError) as error:
            if _is_being_cancelled():
                raise asyncio.CancelledError from error
            if isinstance(error, Rejected | Retryable):
                return error
            # a stray CancelledError is a bug as well: the handler awaited something that somebody else cancelled
            log.exception("%s: a bug met %s", self.service, message.envelope.schema)
            return bug(self.service, error)

    async def _tell_of_calls(self, message: Message, stamp: Stamp, calls: tuple[ModelCall, ...]) -> None:
        """Tell of the calls that no output tells of, before whatever ends the work."""
        if calls:
            await tell(self.place, stamp.on(CallsMade(calls=calls).after(message)))

    def count(self, message: Message, outcome: str) -> None:
        """Count how a message ended here."""
        handled(self.service, message.envelope.schema, outcome).inc()

    async def _fact(self, message: Message, stamp: Stamp) -> str:
        await self._call(message, stamp, math.inf)
        return "done"

    async def _command(self, message: Message, stamp: Stamp) -> str:
        request = message.envelope.request
        if self.place.calls.is_cancelled(request):
            return CANCELLED
        done = False
        with self.place.calls.running(request):
            await self._within_deadline(message, stamp)
            done = True
        return "done" if done else CANCELLED

    async def _within_deadline(self, message: Message, stamp: Stamp) -> None:
        if self._seconds_left(message) <= 0:
            raise expired(message.envelope.schema, begun=False)
        timeout = asyncio.timeout(self._seconds_left(message))
        try:
            async with timeout:
                await self._call(message, stamp, self._ends_at(message))
        except TimeoutError as error:
            if timeout.expired():
                raise expired(message.envelope.schema, begun=True) from error
            raise

    async def _call(self, message: Message, stamp: Stamp, ends_at: float) -> None:
        result = self.handler(message, self.deps)
        if inspect.isasyncgen(result):
            async with aclosing(cast(AsyncGenerator[Message, None], result)) as outputs:
                async for output in outputs:
                    await self._emit(message, stamp, [output], ends_at)
            return
        said = await cast(Awaitable[Message | Sequence[Message] | None], result)
        if said:
            await self._emit(message, stamp, [said] if isinstance(said, Message) else said, ends_at)

    async def _emit(self, cause: Message, stamp: Stamp, outputs: Sequence[Message], ends_at: float) -> None:
        """Publish outputs. A handler that never awaits meets its deadline here: monotonic, as work that was in time
        when it began is not late because the machine's clock was set."""
        if self.place.clock.monotonic() >= ends_at:
            raise expired(cause.envelope.schema, begun=True)
        await self.place.publish(*map(stamp.on, outputs))
        told(*outputs)

    def _ends_at(self, message: Message) -> float:
        return self.place.clock.monotonic() + self._seconds_left(message)

    def _seconds_left(self, message: Message) -> float:
        return message.envelope.deadline_at - self.place.clock.now()


def _handed_on(message: Message, outcome: str | FleetError) -> tuple[ModelCall, ...]:
    """Return the calls before a command that nobody else tells of, as nothing is said about its end."""
    is_silent = is_left_to_the_join(message, outcome) if isinstance(outcome, FleetError) else outcome == CANCELLED
    return reported_calls(message) if is_silent else ()


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
