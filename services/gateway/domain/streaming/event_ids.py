"""Event ids of a stream."""

from services.gateway.domain.streaming.resume import START, ResumePoint, checksum_of


class EventIds:
    """Counts events and characters of one stream, from its resume point on.

    An id is `<response id>/<number of the event>/<characters of the answer sent so far>/<their CRC-32>`. That is enough
    for another gateway to resume the stream, and to detect that its text differs.
    """

    def __init__(self, response_id: str, point: ResumePoint = START) -> None:
        self._prefix = f"id: {response_id}/".encode()
        self.number = point.number
        self.characters = point.characters
        self._checksum = point.checksum

    def sent(self, text: str) -> None:
        """Count a piece of the answer that the next event contains."""
        self.characters += len(text)
        self._checksum = checksum_of(text, self._checksum)

    def next_line(self) -> bytes:
        """The `id:` line of the next event."""
        return self.line(self.number + 1)

    def line(self, number: int) -> bytes:
        """The `id:` line of the next event in a protocol with numbers of its own, which must increase."""
        self.number = number
        return b"%b%d/%d/%08x\n" % (self._prefix, self.number, self.characters, self._checksum)
