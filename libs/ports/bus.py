"""Publishing, as a service that speaks outside a handler sees it (the gateway: an HTTP request is no message)."""

from typing import Protocol

from libs.contracts.message import Message


class Publisher(Protocol):
    """Signs messages and puts them on their topics."""

    async def publish(self, *messages: Message) -> None:
        """Send all at once and return when the broker has acknowledged every one. Raises Retryable when it cannot."""
        ...
