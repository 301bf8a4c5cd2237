"""A gateway's share of one rate of one key: drawn from the bucket, spent locally."""

import asyncio
from collections.abc import Awaitable, Callable

from libs.adapters.quota.rates.token_bucket import LONGEST_DEBT_S, WINDOW_S, Draw, Drawn, seconds_until
from libs.core.clock import Clock
from libs.ports.quota import RateStatus

REFUSAL_CACHE_S = 0.25  # after a refusal, no request draws as much again before
IDLE_S = 2.0
_SHORTEST_WAIT_S = 0.001

DrawFrom = Callable[[str, Draw], Awaitable[Drawn]]


class RateLease:
    """`_balance` is drawn and not spent; a negative balance is debt, which the next draw pays.

    `_refund` was overpaid. It returns to the bucket before it can be spent, because the bucket may have been below zero
    when it paid.
    """

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
        """Maximum amount reserved for one request; its end settles the actual use."""
        return int(self.limit * LONGEST_DEBT_S / WINDOW_S)

    def take(self, amount: int) -> bool:
        """Spend `amount` of the balance; False, and nothing spent, if the balance is too small."""
        return self._take(amount, amount)

    async def draw(self, amount: int, draw: DrawFrom) -> float:
        """Draw and spend `amount`. Return 0, or the seconds until the bucket holds enough and is queried again.

        More than one minute's worth needs a full bucket; the rest becomes debt.
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
        """Undo a take: the drawn part becomes spendable again, the part beyond the limit a refund."""
        drawn = min(amount, self.limit)
        self._balance += drawn
        self.correct(drawn - amount)

    def correct(self, amount: int) -> None:
        """Spend what was reserved too little; a negative `amount` returns what was reserved too much.

        A return first pays the debt here; the rest becomes a refund.
        """
        spent = max(amount, min(0, self._balance))
        self._balance -= spent
        self._refund += spent - amount

    async def settle(self, draw: DrawFrom) -> None:
        """Pay the debt, and return refunds and a balance unused for IDLE_S. No-op while another draw runs."""
        idle = self._clock.monotonic() - self._used_at >= IDLE_S
        if self._turn.locked() or not (self._balance < 0 or self._refund or (self._balance and idle)):
            return
        async with self._turn:
            self._apply_draw(await draw(self.name, self._draw_request(0, returning=idle)))

    def window(self) -> RateStatus:
        remaining = max(0, min(self.limit, int(self.left)))
        return RateStatus(self.limit, remaining, (self.limit - remaining) * WINDOW_S / self.limit)

    @property
    def used_at(self) -> float:
        """In monotonic seconds."""
        return self._used_at

    @property
    def left(self) -> float:
        """Estimate: the last known bucket level, refilled since, plus the balance."""
        passed = self._clock.monotonic() - self._drawn_at
        return min(self.limit, self._level + passed * self.limit / WINDOW_S + self._refund) + self._balance

    def _is_refused(self, need: int) -> bool:
        """A smaller need may still be granted."""
        return need >= self._refused_need and self._clock.monotonic() < self._refused_until

    def _take(self, amount: int, need: int) -> bool:
        if self._balance < need:
            return False
        self._balance -= amount
        self._used_at = self._clock.monotonic()
        return True

    def _draw_request(self, need: int, *, returning: bool = False) -> Draw:
        """Counts debt and refund as paid at once, so that neither is sent twice."""
        owed, self._refund = -self._refund, 0
        if returning or self._balance < 0:
            owed, self._balance = owed - self._balance, 0
        return Draw(self.limit, max(0, need - self._balance), owed)

    def _apply_draw(self, drawn: Drawn) -> None:
        self._balance += drawn.granted
        self._level, self._drawn_at = drawn.level, self._clock.monotonic()
