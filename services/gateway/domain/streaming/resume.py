"""Resumption of a stream after the last event that the client received."""

import re
from dataclasses import dataclass
from zlib import crc32

from libs.core.ids import response_id_in
from services.gateway.domain.errors import invalid
from services.gateway.domain.streaming.sequence import CHECKSUM_MASK, characters_of, checksum_in

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
