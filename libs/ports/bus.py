"""Publishing outside a handler, as the gateway does: an HTTP request is not a message."""

from typing import Protocol

from libs.contracts.message import Message


class Publisher(Protocol):
    """Signs messages and publishes them to their topics."""

    async def publish(self, *messages: Message) -> None:
        """Send all messages concurrently; return once the broker has acknowledged each one. Raises Retryable."""
        ...
