"""Ids of the events of a stream.

An id is `<response id>/<number of the event>/<characters of the answer sent so far>/<their CRC-32>`: all that another
gateway needs to go on, and to notice that it would go on with another text.
"""

from services.gateway.domain.streaming.resume import START, ResumePoint, checksum_of


class EventIds:
    """Counts events and characters of one stream, on from where it was broken off."""

    def __init__(self, response_id: str, point: ResumePoint = START) -> None:
        self._prefix = f"id: {response_id}/".encode()
        self.number = point.number
        self.characters = point.characters
        self._checksum = point.checksum

    def sent(self, text: str) -> None:
        """Note a piece of the answer that goes into the next event."""
        self.characters += len(text)
        self._checksum = checksum_of(text, self._checksum)

    def next_line(self) -> bytes:
        """Return the `id:` line of the next event."""
        return self.line(self.number + 1)

    def line(self, number: int) -> bytes:
        """Return the `id:` line of the next event in a protocol that numbers them otherwise, always upwards."""
        self.number = number
        return b"%b%d/%d/%08x\n" % (self._prefix, self.number, self.characters, self._checksum)
