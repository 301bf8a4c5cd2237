"""A gateway's share of one rate of one key: drawn from the bucket, spent here."""

import asyncio
from collections.abc import Awaitable, Callable

from libs.adapters.quota.rates.token_bucket import LONGEST_DEBT_S, WINDOW_S, Draw, Drawn, seconds_until
from libs.core.clock import Clock
from libs.ports.quota import RateStatus

REFUSAL_CACHE_S = 0.25  # a bucket that had not enough is not asked again before, whoever comes
IDLE_S = 2.0
_SHORTEST_WAIT_S = 0.001

DrawFrom = Callable[[str, Draw], Awaitable[Drawn]]


class RateLease:
    """What is drawn and not spent is the `balance`; below zero it is owed, and comes out of the bucket with the next
    draw. What was paid too much is the `refund`: it goes back to the bucket before anybody spends it, for the bucket
    may have paid with what it did not have."""

    def __init__(self, name: str, limit: int, clock: Clock) -> None:
        self.name = name
        self.limit = limit
        self._clock = clock
        self._balance = self._refund = 0
        self._level = float(limit)
        self._drawn_at = self._used_at = clock.monotonic()
        self._refused_until, self._refused_need = 0.0, 0
        self._turn = asyncio.Lock()

    @property
    def most(self) -> int:
        """Return how much one request is counted with at most; its end tells what it took."""
        return int(self.limit * LONGEST_DEBT_S / WINDOW_S)

    def take(self, amount: int) -> bool:
        """Spend of what was drawn; False, and nothing spent, if that is not enough."""
        return self._take(amount, amount)

    async def draw(self, amount: int, draw: DrawFrom) -> float:
        """Draw and spend `amount`, or what the bucket can hold at most. Return 0, or the seconds until there is enough
        and the bucket is queried again.

        Who asks for more than a minute's worth waits for a full bucket and owes the rest.
        """
        need = min(amount, self.limit)
        async with self._turn:
            if self._take(amount, need):
                return 0.0
            if not self._is_refused(need):
                self._apply_draw(await draw(self.name, self._draw_request(need)))
                if self._take(amount, need):
                    return 0.0
                self._refused_until, self._refused_need = self._clock.monotonic() + REFUSAL_CACHE_S, need
            barred_s = self._refused_until - self._clock.monotonic()
            return max(barred_s, seconds_until(self.left, need, self.limit), _SHORTEST_WAIT_S)

    def put_back(self, amount: int) -> None:
        """Undo a take: what was drawn for it may be spent again, what was owed beyond the limit is a refund."""
        drawn = min(amount, self.limit)
        self._balance += drawn
        self.correct(drawn - amount)

    def correct(self, amount: int) -> None:
        """Spend what was taken too little, or with a negative `amount` return what was taken too much: here that only
        pays what is still owed."""
        spent = max(amount, min(0, self._balance))
        self._balance -= spent
        self._refund += spent - amount

    async def settle(self, draw: DrawFrom) -> None:
        """Pay what is owed, and give back what was paid too much or has not been used for a while."""
        idle = self._clock.monotonic() - self._used_at >= IDLE_S
        if self._turn.locked() or not (self._balance < 0 or self._refund or (self._balance and idle)):
            return
        async with self._turn:
            self._apply_draw(await draw(self.name, self._draw_request(0, returning=idle)))

    def window(self) -> RateStatus:
        """Return how the rate stands."""
        remaining = max(0, min(self.limit, int(self.left)))
        return RateStatus(self.limit, remaining, (self.limit - remaining) * WINDOW_S / self.limit)

    @property
    def used_at(self) -> float:
        """Return when it was last spent from, in monotonic seconds."""
        return self._used_at

    @property
    def left(self) -> float:
        """Return what there is now, as far as is known here: what the bucket holds, and what was drawn from it."""
        passed = self._clock.monotonic() - self._drawn_at
        return min(self.limit, self._level + passed * self.limit / WINDOW_S + self._refund) + self._balance

    def _is_refused(self, need: int) -> bool:
        """Return whether the bucket had not enough for as much a moment ago; it may have enough for less."""
        return need >= self._refused_need and self._clock.monotonic() < self._refused_until

    def _take(self, amount: int, need: int) -> bool:
        if self._balance < need:
            return False
        self._balance -= amount
        self._used_at = self._clock.monotonic()
        return True

    def _draw_request(self, need: int, *, returning: bool = False) -> Draw:
        """Ask for what is missing beside the balance; debt and refund count as paid at once: nothing is sent twice."""
        owed, self._refund = -self._refund, 0
        if returning or self._balance < 0:
            owed, self._balance = owed - self._balance, 0
        return Draw(self.limit, max(0, need - self._balance), owed)

    def _apply_draw(self, drawn: Drawn) -> None:
        self._balance += drawn.granted
        self._level, self._drawn_at = drawn.level, self._clock.monotonic()
