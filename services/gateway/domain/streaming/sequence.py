"""Sequence numbers of a stream that encode the position in it."""

from dataclasses import dataclass

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
