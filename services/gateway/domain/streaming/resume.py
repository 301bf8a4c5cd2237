"""Event ids and sequence numbers, and resumption of a stream after the last one that the client received."""

import re
from dataclasses import dataclass
from zlib import crc32

from libs.core.ids import response_id_in
from services.gateway.domain.errors import invalid

_STATE_BITS = 4

_COUNT_BITS = 4

_TICK_BITS = 20

CHECKSUM_MASK = 0xFFFF


@dataclass(slots=True)
class Sequence:
    """The numbers of one stream, from `last` on; 0 before the first.

    The integer that a client of OpenAI's Responses sends is enough for another gateway to resume the stream. From the
    highest bit: characters of the answer sent so far, 16 bits of their CRC-32, 4 bits that count the events since then,
    4 bits of state. Numbers increase; while no text was sent, the events have 20 bits. They stay below 2^53, the exact
    range of every client's numbers, while an answer has less than half a billion characters.
    """

    last: int = 0
    characters: int = 0
    checksum: int = 0

    def next(self, state: int) -> int:
        """The number of the next event; `state` is the state after it, less than 16."""
        first = (self.checksum & CHECKSUM_MASK) << _COUNT_BITS if self.characters else 0
        tick = max(self.characters << _TICK_BITS | first, (self.last >> _STATE_BITS) + 1)
        self.last = tick << _STATE_BITS | state
        return self.last


def state_of(number: int) -> int:
    return number & (1 << _STATE_BITS) - 1


def characters_of(number: int) -> int:
    """The characters of the answer sent so far."""
    return number >> _TICK_BITS + _STATE_BITS


def checksum_in(number: int) -> int:
    """The lower 16 bits of their CRC-32, 0 for none."""
    return number >> _STATE_BITS + _COUNT_BITS & CHECKSUM_MASK if characters_of(number) else 0


_EVENT_ID = re.compile(
    r"(?P<response>[^/]{1,80})/(?P<number>[0-9]{1,16})/(?P<characters>[0-9]{1,9})/(?P<sum>[0-9a-f]{8})"
)

_NUMBER = re.compile(r"[0-9]{1,16}")

WHOLE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """The client's state: events, characters of the answer, and the CRC-32 of these, as far as `mask` has bits."""

    number: int = 0
    characters: int = 0
    checksum: int = 0
    mask: int = WHOLE

    @property
    def is_number(self) -> bool:
        """True when the client sent only a sequence number."""
        return self.mask != WHOLE


START = ResumePoint()


def read_resume_point(response_id: str, last_event_id: str) -> ResumePoint:
    """Parse an event id or a sequence number; the start for an empty one. Raises RequestRefused (400)."""
    if not last_event_id:
        return START
    if _NUMBER.fullmatch(last_event_id):
        number = int(last_event_id)
        return ResumePoint(number, characters_of(number), checksum_in(number), CHECKSUM_MASK)
    match = _EVENT_ID.fullmatch(last_event_id)
    if match is None or response_id_in(match["response"]) != response_id:
        raise invalid("The event id does not belong to this response.", param="starting_after", code="invalid_value")
    return ResumePoint(int(match["number"]), int(match["characters"]), int(match["sum"], 16))


def checksum_of(text: str, before: int = 0) -> int:
    """The CRC-32 of a text that continues one with the CRC-32 `before`."""
    return crc32(text.encode(errors="replace"), before)


class Skipped:
    """Drops the text that the client has, and detects when this text begins otherwise."""

    def __init__(self, point: ResumePoint) -> None:
        self.missing = point.characters
        self._expected = point.checksum
        self._mask = point.mask
        self._checksum = 0

    @property
    def differs(self) -> bool:
        """True when the client has another text; known once all of it was dropped."""
        return not self.missing and self._checksum & self._mask != self._expected

    def rest_of(self, text: str) -> str:
        """The part of the next piece that the client does not have."""
        if not self.missing:
            return text
        dropped = text[: self.missing]
        self.missing -= len(dropped)
        self._checksum = checksum_of(dropped, self._checksum)
        return text[len(dropped) :]


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
