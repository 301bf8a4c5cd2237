"""A gateway's share of one rate of one key: drawn from the bucket, spent here."""

import asyncio
from collections.abc import Awaitable, Callable

from libs.adapters.rates.bucket import WINDOW_S, Draw, Drawn, seconds_until
from libs.core.clock import Clock
from libs.ports.metering import Window

ASK_AGAIN_S = 0.25  # a bucket that had not enough is not asked again before, whoever comes
IDLE_S = 2.0

DrawFrom = Callable[[str, Draw], Awaitable[Drawn]]


class Allowance:
    """What is `held` may be spent. `owed` was spent beyond it and comes out of the bucket with the next draw."""

    def __init__(self, name: str, limit: int, clock: Clock) -> None:
        self.name = name
        self.limit = limit
        self._clock = clock
        self._held = 0
        self._owed = 0
        self._level = float(limit)
        self._heard_at = self._used_at = clock.monotonic()
        self._barred_until = 0.0
        self._turn = asyncio.Lock()

    def take(self, amount: int) -> bool:
        """Spend from what is held; False, and nothing spent, if that is not enough."""
        if self._held < amount:
            return False
        self._held -= amount
        self._used_at = self._clock.monotonic()
        return True

    async def draw(self, amount: int, draw: DrawFrom) -> float:
        """Draw and spend `amount`, or what the bucket can hold at most. Return 0, or the seconds until there is enough.

        Who asks for more than a minute's worth waits for a full bucket and owes the rest.
        """
        need = min(amount, self.limit)
        async with self._turn:
            if self._take_with_debt(amount, need):
                return 0.0
            if self._clock.monotonic() >= self._barred_until:
                self._heard(await draw(self.name, self._draw(need)))
                if self._take_with_debt(amount, need):
                    return 0.0
                self._barred_until = self._clock.monotonic() + ASK_AGAIN_S
            return max(0.001, seconds_until(self._now() + self._held, need, self.limit))

    def correct(self, amount: int) -> None:
        """Spend what was taken too little, or with a negative `amount` take back what was taken too much."""
        self._held -= amount
        if self._held < 0:
            self._owed, self._held = self._owed - self._held, 0

    async def settle(self, draw: DrawFrom) -> None:
        """Pay what is owed, and give back what nobody has used for a while."""
        idle = self._clock.monotonic() - self._used_at >= IDLE_S
        if not (self._owed or (self._held and idle)) or self._turn.locked():
            return
        async with self._turn:
            self._heard(await draw(self.name, self._draw(0, returning=idle)))

    def window(self) -> Window:
        """Return how the rate stands."""
        left = self._now() + self._held
        remaining = max(0, min(self.limit, int(left)))
        return Window(self.limit, remaining, (self.limit - remaining) * WINDOW_S / self.limit)

    @property
    def used_at(self) -> float:
        """Return when it was last spent from, in monotonic seconds."""
        return self._used_at

    @property
    def level(self) -> float:
        """Return what is in the bucket now, as far as is known here."""
        return self._now()

    def _draw(self, need: int, *, returning: bool = False) -> Draw:
        """Ask for what is missing beside what is held; what was owed is paid at once, as nothing is sent twice."""
        given_back = self._held if returning else 0
        owed, self._owed = self._owed - given_back, 0
        self._held -= given_back
        return Draw(self.limit, max(0, need - self._held), owed)

    def _heard(self, drawn: Drawn) -> None:
        self._held += drawn.granted
        self._level, self._heard_at = drawn.level, self._clock.monotonic()

    def _take_with_debt(self, amount: int, need: int) -> bool:
        if not self.take(need):
            return False
        self._owed += amount - need
        return True

    def _now(self) -> float:
        passed = self._clock.monotonic() - self._heard_at
        return min(self.limit, self._level + passed * self.limit / WINDOW_S) - self._owed
