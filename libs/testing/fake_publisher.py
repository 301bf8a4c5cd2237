"""A publisher without a bus."""

import asyncio

from libs.contracts.audit import AuditRecorded
from libs.contracts.dead_letter import DeadLettered
from libs.contracts.message import Message
from libs.core.errors import Retryable
from libs.runtime.messaging.codec import Outgoing


class FakePublisher:
    """Records published messages.

    `gate` delays acknowledgements while it is cleared; the first `away` publishes fail.
    """

    def __init__(self, *, away: int = 0) -> None:
        self.published: list[Message] = []
        self.forwarded: list[Outgoing] = []
        self.waiting = 0
        self.away = away
        self.gate = asyncio.Event()
        self.gate.set()

    async def publish(self, *messages: Message) -> None:
        """Wait for the gate."""
        if self.away > 0:
            self.away -= 1
            raise Retryable("the broker is away")
        self.waiting += 1
        try:
            await self.gate.wait()
        finally:
            self.waiting -= 1
        self.published.extend(messages)

    async def forward(self, *records: Outgoing) -> None:
        """Wait for the gate."""
        if self.away > 0:
            self.away -= 1
            raise Retryable("the broker is away")
        await self.gate.wait()
        self.forwarded.extend(records)

    @property
    def letters(self) -> list[DeadLettered]:
        return [message for message in self.published if isinstance(message, DeadLettered)]

    @property
    def acts(self) -> list[AuditRecorded]:
        return [message for message in self.published if isinstance(message, AuditRecorded)]

    @property
    def messages(self) -> list[Message]:
        """Published messages, without dead letters and audit events."""
        return [message for message in self.published if not isinstance(message, DeadLettered | AuditRecorded)]

    def schemas(self) -> list[str]:
        """Schemas of the published messages, in order, without dead letters and audit events."""
        return [message.envelope.schema for message in self.messages]
