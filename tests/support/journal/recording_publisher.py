"""A publisher that records its messages, and can be unavailable."""

from libs.contracts.message import Message
from libs.core.errors import Retryable


class RecordingPublisher:
    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.away = False

    async def publish(self, *messages: Message) -> None:
        if self.away:
            raise Retryable("away")
        self.messages += messages
