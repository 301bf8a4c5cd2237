"""Sequence numbers of a stream that tell by themselves where it was: the integer that a client of OpenAI's Responses
sends is all that another gateway needs to go on.

From the highest bit: characters of the answer sent so far, 16 bits of their CRC-32, 4 bits that count the events since
then, 4 bits of state. Numbers grow; while nothing was sent, the events have 20 bits. They stay below 2^53, up to which
every client counts, as long as an answer has less than half a billion characters.
"""

from dataclasses import dataclass

_STATE_BITS = 4
_COUNT_BITS = 4
_TICK_BITS = 20
CHECKSUM_MASK = 0xFFFF


@dataclass(slots=True)
class Sequence:
    """The numbers of one stream, on from `last`; 0 before the first."""

    last: int = 0
    characters: int = 0
    checksum: int = 0

    def next(self, state: int) -> int:
        """Return the number of the next event; `state` is what holds after it, less than 16."""
        first = (self.checksum & CHECKSUM_MASK) << _COUNT_BITS if self.characters else 0
        tick = max(self.characters << _TICK_BITS | first, (self.last >> _STATE_BITS) + 1)
        self.last = tick << _STATE_BITS | state
        return self.last


def state_of(number: int) -> int:
    """Return the state that a number tells."""
    return number & (1 << _STATE_BITS) - 1


def characters_of(number: int) -> int:
    """Return how many characters of the answer were sent."""
    return number >> _TICK_BITS + _STATE_BITS


def checksum_in(number: int) -> int:
    """Return the lower 16 bits of their CRC-32, 0 for none."""
    return number >> _STATE_BITS + _COUNT_BITS & CHECKSUM_MASK if characters_of(number) else 0
