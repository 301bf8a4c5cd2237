"""One attempt of a handler at a message: bounded by its deadline, cancellable, outputs acknowledged."""

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
from libs.runtime.delivery.call_recorder import mark_reported, recording_calls
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.dead_letter_publisher import publish_end
from libs.runtime.delivery.outcomes import bug, expired, is_left_to_the_join, record_stage
from libs.runtime.delivery.output_metadata import OutputMetadata
from libs.runtime.service import Handler
from libs.runtime.telemetry import handled

CANCELLED = "cancelled"

log = logging.getLogger(__name__)


def is_command(message: Message) -> bool:
    """Commands request work: only they have a deadline, can be cancelled, and end by failing."""
    return isinstance(message, COMMANDS)


@dataclass(frozen=True)
class Attempts:
    """Makes attempts of one handler of one service; `stage_sha256` identifies the stage's description."""

    service: str
    handler: Handler
    deps: object
    context: RuntimeContext
    stage_sha256: str = ""

    async def make(self, message: Message, metadata: OutputMetadata) -> FleetError | None:
        """Handle a message; return None when that is done, else the outcome: Rejected, Retryable or a Bug.

        Raises CancelledError when this task is cancelled, and nothing else.
        """
        with tenant_scope(message.envelope.tenant), recording_calls() as bill:
            outcome = await self._outcome(message, metadata)
            await self._report_calls(message, metadata, bill.unreported(_inherited_calls(message, outcome)))
        if isinstance(outcome, FleetError):
            return outcome
        self.count(message, outcome)
        return None

    async def _outcome(self, message: Message, stamp: OutputMetadata) -> str | FleetError:
        record_stage(self.stage_sha256)
        try:
            return (
                await self._handle_command(message, stamp)
                if is_command(message)
                else await self._handle_fact(message, stamp)
            )
        except (Exception, asyncio.CancelledError) as error:
            if _is_being_cancelled():
                raise asyncio.CancelledError from error
            if isinstance(error, Rejected | Retryable):
                return error
            # a stray CancelledError is a bug as well: other code cancelled what the handler awaited
            log.exception("%s: a bug met %s", self.service, message.envelope.schema)
            return bug(self.service, error)

    async def _report_calls(self, message: Message, stamp: OutputMetadata, calls: tuple[ModelCall, ...]) -> None:
        """Publish the calls that no output reports, before the message that ends the work."""
        if calls:
            await publish_end(self.context, stamp.attach_to(CallsMade(calls=calls).after(message)))

    def count(self, message: Message, outcome: str) -> None:
        handled(self.service, message.envelope.schema, outcome).inc()

    async def _handle_fact(self, message: Message, stamp: OutputMetadata) -> str:
        await self._call(message, stamp, math.inf)
        return "done"

    async def _handle_command(self, message: Message, stamp: OutputMetadata) -> str:
        request = message.envelope.request
        if self.context.calls.is_cancelled(request):
            return CANCELLED
        done = False
        with self.context.calls.running(request):
            await self._within_deadline(message, stamp)
            done = True
        return "done" if done else CANCELLED

    async def _within_deadline(self, message: Message, stamp: OutputMetadata) -> None:
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

    async def _call(self, message: Message, stamp: OutputMetadata, ends_at: float) -> None:
        result = self.handler(message, self.deps)
        if inspect.isasyncgen(result):
            async with aclosing(cast(AsyncGenerator[Message, None], result)) as outputs:
                async for output in outputs:
                    await self._emit(message, stamp, [output], ends_at)
            return
        returned = await cast(Awaitable[Message | Sequence[Message] | None], result)
        if returned:
            await self._emit(message, stamp, [returned] if isinstance(returned, Message) else returned, ends_at)

    async def _emit(self, cause: Message, stamp: OutputMetadata, outputs: Sequence[Message], ends_at: float) -> None:
        """Publish outputs; raise Expired after the deadline, which binds a handler that never awaits too.

        `ends_at` is monotonic: a step of the machine's clock expires no work that began in time.
        """
        if self.context.clock.monotonic() >= ends_at:
            raise expired(cause.envelope.schema, begun=True)
        await self.context.publish(*map(stamp.attach_to, outputs))
        mark_reported(*outputs)

    def _ends_at(self, message: Message) -> float:
        return self.context.clock.monotonic() + self._seconds_left(message)

    def _seconds_left(self, message: Message) -> float:
        return message.envelope.deadline_at - self.context.clock.now()


def _inherited_calls(message: Message, outcome: str | FleetError) -> tuple[ModelCall, ...]:
    """The calls before a command that no other message reports, because none is published about its end."""
    is_silent = is_left_to_the_join(message, outcome) if isinstance(outcome, FleetError) else outcome == CANCELLED
    return reported_calls(message) if is_silent else ()


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
