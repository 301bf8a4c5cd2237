"""The one way to say something: encode, sign, send, count."""

from libs.contracts.message import Message
from libs.runtime.bus import Bus
from libs.runtime.codec import encode
from libs.runtime.signing import Signer
from libs.runtime.telemetry import PUBLISHED


class BusPublisher:
    """The port `Publisher` on a bus."""

    def __init__(self, bus: Bus, signer: Signer) -> None:
        self._bus = bus
        self._signer = signer

    async def publish(self, *messages: Message) -> None:
        """Send all at once; see `Publisher`."""
        await self._bus.send([record for message in messages for record in encode(message, self._signer)])
        for message in messages:
            PUBLISHED.labels(message.schema_name()).inc()
