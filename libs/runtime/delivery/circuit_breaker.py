"""When dead letters are too many: then the code is wrong or the key is, and draining a topic into letters helps nobody.

Only what says something about us counts: bugs, and signed records that we cannot read (a version that is too old). One
that holds a number, a time or a text that cannot be tells of whoever put it there, and does not count. A record that
nobody of ours has signed is written down and passed by: a stranger who may write to a topic must not be able to stop
us. There is one exception: a process that has yet to see a single record with a good signature may well have the wrong
key, and stops after many strangers in a row; each start of it gets as far again, so a flood of junk delays it but does
not keep it down. Attempts that are exhausted do not count either: the world is down then, and users hear so sooner from
a service that goes on.
"""

from collections import deque
from dataclasses import dataclass

from libs.core.errors import FleetError


class TooManyDeadLetters(FleetError):
    """The consumer stops: nothing is committed past the record at which it did."""

    code = "too_many_dead_letters"


@dataclass(frozen=True)
class CircuitBreakerLimits:
    """At most `ratio` of the last `window` records may be ours and dead, and fewer than `in_a_row` without a good one.

    `strangers` bounds unsigned records in a row at a process that has seen no signed one yet.
    """

    ratio: float = 0.5
    window: int = 200
    in_a_row: int = 50
    unsigned: int = 1000


class CircuitBreaker:
    """Watches one feed."""

    def __init__(self, limits: CircuitBreakerLimits) -> None:
        self._limits = limits
        self._last: deque[bool] = deque(maxlen=limits.window)
        self._dead = 0
        self._in_a_row = 0
        self._unsigned = 0
        self._key_is_right = False

    def record_signed(self) -> None:
        """Note a record with a good signature."""
        self._key_is_right = True

    def record_success(self) -> None:
        """Note a record that was handled, whatever its end."""
        self._in_a_row = 0
        self._record(dead=False)

    def record_unsigned(self) -> None:
        """Note a record that none of us has signed. Raises TooManyDeadLetters."""
        if self._key_is_right:
            return
        self._unsigned += 1
        if self._unsigned >= self._limits.unsigned:
            raise TooManyDeadLetters(
                f"{self._unsigned} records and not one with a good signature: is MOE_SIGNING_KEY the fleet's?"
            )

    def record_dead_letter(self) -> None:
        """Note a dead letter that says something about our code. Raises TooManyDeadLetters."""
        self._in_a_row += 1
        self._record(dead=True)
        if self._in_a_row >= self._limits.in_a_row:
            raise TooManyDeadLetters(f"{self._in_a_row} dead letters in a row")
        if len(self._last) == self._limits.window and self._dead > self._limits.ratio * self._limits.window:
            raise TooManyDeadLetters(f"{self._dead} of the last {self._limits.window} records became dead letters")

    def _record(self, *, dead: bool) -> None:
        if len(self._last) == self._limits.window:
            self._dead -= self._last[0]
        self._last.append(dead)
        self._dead += dead
