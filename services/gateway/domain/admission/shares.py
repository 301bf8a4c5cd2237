"""Admission within an adaptive limit, with fair shares for tenants."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import median

from services.gateway.domain.errors import RequestRefused, overloaded, tenant_overloaded

GROWTH = 1.25

FORGETTING = 0.95

LEAST_FACTOR = 0.3

NEAR = 0.75

CALM = 4  # a wait below this part of the target does not show how many more requests fit


@dataclass(frozen=True, slots=True)
class AdaptiveLimitConfig:
    """Numbers of requests, except: `target_ms` is the accepted wait (0: the limit is always the ceiling); a window
    lasts `window_s` seconds and has at least `samples` ends.

    `start` is the limit until measurements exist, and again after a period of lower load.
    """

    ceiling: int = 512
    start: int = 64
    floor: int = 8
    target_ms: int = 500
    window_s: float = 0.5
    samples: int = 4


@dataclass(frozen=True, slots=True)
class FinishedRequest:
    """A request that ended. Times are seconds of one clock. `met` counts the open requests at admission, `left` those
    at the end, itself included; `waited_ms` is 0 where it was not measured."""

    admitted_at: float
    ended_at: float
    met: int
    waited_ms: int
    left: int = 0

    def headroom(self, target_ms: int) -> float:
        """The factor of open requests at which it would have waited for the target."""
        lasted_ms = max(1.0, (self.ended_at - self.admitted_at) * 1000)
        return (max(0.0, lasted_ms - self.waited_ms) + target_ms) / lasted_ms

    def fitting(self, target_ms: int) -> float:
        """The number of open requests at which it would have waited for the target."""
        most = max(self.met, self.left)  # in a burst, the first requests wait because of later ones
        return most * self.headroom(target_ms)


@dataclass(slots=True)
class _Window:
    """`loaded` are the ends of requests that met at least half of the limit."""

    peak: int = 0
    short: bool = False
    count: int = 0
    first_at: float = 0.0
    loaded: list[FinishedRequest] = field(default_factory=list)


class AdaptiveLimit:
    """The limit, always between floor and ceiling.

    The idea is CoDel's (RFC 8289): a queue that is never empty for a whole window is a standing queue, so the smallest
    wait of a window shows whether there is one. The size of a step follows Little's law: if a request met `n` open ones
    and waited for a fraction of its time, that fraction of `n` stood in queues, and the fleet works on the rest at
    once. Each change is judged by requests that were admitted after it. Unused limits are forgotten (RFC 7661): a limit
    is only valid for the load at which it was measured.

    `value` is the number of requests that may be open now.
    """

    def __init__(self, config: AdaptiveLimitConfig) -> None:
        self._rules = config
        self._limit = float(min(config.start, config.ceiling))
        self.value = int(self._limit) if config.target_ms else config.ceiling
        self._start = self._limit
        self._floor = float(min(config.floor, config.ceiling))
        self._knee = float("inf")  # where a queue stood last: above it, a whole step is too large
        self._has_stepped = False  # the last change was upwards: cut a standing queue at once
        self._changed_at = float("-inf")
        self._window = _Window()

    def admitted(self, in_flight: int) -> None:
        """Record the number of open requests, including the one that was just admitted."""
        self._window.peak = max(self._window.peak, in_flight)

    def refused(self) -> None:
        """Record a rejection for lack of permits."""
        self._window.short = True

    def is_settled(self, met: int) -> bool:
        """True when the end of a request that met `met` others would not change the limit: it is at its start, and few
        requests are open."""
        window = self._window
        return met < self._limit / 2 and self._limit == self._start and not (window.count or window.short)

    def ended(self, end: FinishedRequest) -> None:
        """Learn from the end of a request; ignores requests admitted before the last change."""
        if end.admitted_at < self._changed_at:
            return
        window = self._window
        if not window.count:
            window.first_at = end.ended_at
        window.count += 1
        if end.met >= self._limit / 2:
            window.loaded.append(end)
        if window.count >= self._rules.samples and self._is_whole(window, end.ended_at - window.first_at):
            self._set(self._judged(window), end.ended_at)
            self._window = _Window()

    def _is_whole(self, window: _Window, lasted_s: float) -> bool:
        """Where a queue may be a burst that no step caused, a window must last as long as a request."""
        if lasted_s < self._rules.window_s:
            return False
        loaded = window.loaded
        if self._has_stepped or not loaded or min(end.waited_ms for end in loaded) <= self._rules.target_ms:
            return True
        return lasted_s >= median(end.ended_at - end.admitted_at for end in loaded)

    def _judged(self, window: _Window) -> float:
        loaded = window.loaded
        if not loaded:
            return self._at_rest(window)
        target_ms = self._rules.target_ms
        least_ms = min(end.waited_ms for end in loaded)
        fitting = median(end.fitting(target_ms) for end in loaded)
        if least_ms > target_ms and len(loaded) >= self._rules.samples:  # a single wait may be due to a burst
            self._knee = max(min(self._limit, fitting), self._limit * LEAST_FACTOR)
            return self._knee
        return self._grown(loaded, fitting) if window.short else self._limit

    def _grown(self, loaded: list[FinishedRequest], fitting: float) -> float:
        """Grow only where requests nearly reached the limit."""
        near = [end for end in loaded if end.met > self._limit * NEAR]
        if not near:
            return self._limit
        if self._limit > self._knee * GROWTH:
            self._knee = float("inf")  # the fleet has grown
        more, target_ms = self._limit * GROWTH + 1, self._rules.target_ms
        if median(end.waited_ms for end in near) * CALM >= target_ms:
            return max(self._limit, min(more, fitting))
        return more if more < self._knee else min(more, self._limit * median(end.headroom(target_ms) for end in near))

    def _at_rest(self, window: _Window) -> float:
        """Approach the start from both sides under low load."""
        if self._limit < self._start:
            return min(self._start, self._limit * GROWTH + 1)
        return min(self._limit, max(self._start, self._limit * FORGETTING, 2.0 * window.peak))

    def _set(self, limit: float, now: float) -> None:
        limit = min(float(self._rules.ceiling), max(self._floor, limit))
        if limit != self._limit:
            self._has_stepped = limit > self._limit
            self._limit, self._changed_at = limit, now
            self.value = int(limit) if self._rules.target_ms else self._rules.ceiling


@dataclass(frozen=True, slots=True)
class Shares:
    """`per_tenant` bounds every tenant (0: only the fair share applies); `headroom` is a fraction of the limit. No
    headroom is reserved while `alone` reports a single tenant."""

    per_tenant: int = 0
    headroom: float = 0.2
    alone: Callable[[], bool] = lambda: False


class Admission:
    """Counts the open requests of each tenant. A decision takes microseconds and does no I/O.

    A tenant below its fair share (the limit divided by the present tenants plus one) gets any free permit. A tenant
    above it gets one only beyond the free headroom, so that a new tenant is served at once.
    """

    def __init__(self, limit: AdaptiveLimit, shares: Shares) -> None:
        self.limit = limit
        self._shares = shares
        self._open: dict[str, int] = {}  # without zeros; a Counter costs three times as much
        self._total = 0
        # After a cut more requests are open than the limit. A tenant below its share does not wait for those of others.
        self._cap = self._known_limit = limit.value
        self._usual = self._known_limit - int(self._known_limit * shares.headroom)

    def admit(self, tenant: str) -> None:
        """Acquire a permit. Raises RequestRefused: 429 when the tenant has its share, 503 when the gateway is full."""
        if not self.admit_if_free(tenant):
            raise self._refusal(tenant)

    def admit_if_free(self, tenant: str) -> bool:
        """Acquire a permit if one is free; return whether it did."""
        if not self.has_capacity(tenant):
            return False
        self._add(tenant)
        return True

    def has_capacity(self, tenant: str) -> bool:
        """True when a request would be admitted; changes no state."""
        # Asked up to four times a request. Below `_usual` any tenant is admitted; shares cost ten times as much.
        if self._total < self._usual and self.limit.value == self._known_limit and not self._shares.per_tenant:
            self._cap = self._known_limit
            return True
        return not self._has_its_own(tenant) and self._fits(tenant)

    @property
    def open(self) -> int:
        return self._total

    def open_of(self, tenant: str) -> int:
        return self._open.get(tenant, 0)

    def own_turns(self, tenant: str, waiting: int) -> float:
        """Requests of all tenants that end before this tenant gets a permit behind `waiting` others of its own.

        0 for a tenant without a bound.
        """
        bound = self._shares.per_tenant
        return (waiting + 1) * max(1, self._total) / bound if bound else 0.0

    def beside(self, most: int) -> "Admission":
        """Admission for another resource of `most` permits, shared by the same rules."""
        return Admission(
            AdaptiveLimit(AdaptiveLimitConfig(ceiling=most, target_ms=0)), replace(self._shares, per_tenant=0)
        )

    def leave(self, tenant: str) -> None:
        """Release a permit."""
        self._total -= 1
        if left := self._open[tenant] - 1:
            self._open[tenant] = left
        else:
            del self._open[tenant]

    def _add(self, tenant: str) -> None:
        self._open[tenant] = self.open_of(tenant) + 1
        self._total += 1
        self.limit.admitted(self._total)

    @property
    def _headroom(self) -> float:
        return 0.0 if self._shares.alone() else self._shares.headroom

    def _has_its_own(self, tenant: str) -> bool:
        bound = self._shares.per_tenant
        return bound > 0 and bound <= self.open_of(tenant)

    def _fits(self, tenant: str) -> bool:
        limit = self._known_limit = self.limit.value
        self._usual = limit - int(limit * self._shares.headroom)
        self._cap = limit if self._total <= limit else max(limit, self._cap)
        return self._total < self._usual or self._total < (
            limit - int(limit * self._headroom) if self._is_above(tenant) else self._cap
        )

    def _refusal(self, tenant: str) -> RequestRefused:
        if self._has_its_own(tenant):
            return tenant_overloaded()
        self.limit.refused()
        return tenant_overloaded() if self._is_above(tenant) and self._headroom else overloaded()

    def _is_above(self, tenant: str) -> bool:
        return self.open_of(tenant) >= self._fair_share(tenant, self.limit.value)

    def _fair_share(self, tenant: str, limit: int) -> int:
        tenants = len(self._open) + (tenant not in self._open) + (self._shares.headroom > 0)
        return max(1, limit // tenants)
