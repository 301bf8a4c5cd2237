"""Publishing without a bus."""

import asyncio

from libs.contracts.message import Message
from libs.core.errors import Retryable


class FakePublisher:
    """Keeps what was said. `gate` holds acknowledgements back while it is cleared; `away` publishes fail first."""

    def __init__(self, *, away: int = 0) -> None:
        self.said: list[Message] = []
        self.waiting = 0
        self.away = away
        self.gate = asyncio.Event()
        self.gate.set()

    async def publish(self, *messages: Message) -> None:
        """Take all messages once the gate is open."""
        if self.away > 0:
            self.away -= 1
            raise Retryable("the broker is away")
        self.waiting += 1
        try:
            await self.gate.wait()
        finally:
            self.waiting -= 1
        self.said.extend(messages)

    def schemas(self) -> list[str]:
        """Return the names of what was said, in order."""
        return [message.envelope.schema for message in self.said]
