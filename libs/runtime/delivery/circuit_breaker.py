"""The circuit breaker of a subscription: stops it when too many records are dead-lettered."""

from collections import deque
from dataclasses import dataclass

from libs.core.errors import FleetError


class TooManyDeadLetters(FleetError):
    """The consumer stops: nothing is committed past the record at which it did."""

    code = "too_many_dead_letters"


@dataclass(frozen=True)
class CircuitBreakerLimits:
    """At most `ratio` of the last `window` records may be dead letters, and fewer than `in_a_row` consecutive ones.

    `unsigned` bounds unsigned records at a process that has seen no signed one yet.
    """

    ratio: float = 0.5
    window: int = 200
    in_a_row: int = 50
    unsigned: int = 1000


class CircuitBreaker:
    """Counts the outcomes of one subscription.

    Only dead letters that indicate wrong code or a wrong key count: bugs, and signed records that this version cannot
    read. Records with an impossible value do not count, because their producer is at fault. Exhausted attempts do not
    count: a dependency is unavailable then, and users get errors sooner from a running service.

    Unsigned records are dead-lettered and skipped, so that a foreign producer on a topic cannot stop the service. One
    exception: a process that has not seen a good signature may have the wrong key, and stops after `unsigned` records
    in a row. Each start handles as many again, so a flood of junk delays the process but does not stop it for good.
    """

    def __init__(self, limits: CircuitBreakerLimits) -> None:
        self._limits = limits
        self._last: deque[bool] = deque(maxlen=limits.window)
        self._dead = 0
        self._in_a_row = 0
        self._unsigned = 0
        self._key_is_right = False

    def record_signed(self) -> None:
        self._key_is_right = True

    def record_success(self) -> None:
        """Record a handled record, whatever its outcome."""
        self._in_a_row = 0
        self._record(dead=False)

    def record_unsigned(self) -> None:
        """Raises TooManyDeadLetters at the limit, unless a signed record was seen before."""
        if self._key_is_right:
            return
        self._unsigned += 1
        if self._unsigned >= self._limits.unsigned:
            raise TooManyDeadLetters(
                f"{self._unsigned} records and not one with a good signature: is MOE_SIGNING_KEY the fleet's?"
            )

    def record_dead_letter(self) -> None:
        """Record a dead letter that indicates wrong code. Raises TooManyDeadLetters."""
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
