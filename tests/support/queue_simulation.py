"""A fleet that consists of a queue and some workers, with a separate clock, behind a real admission."""

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from services.gateway.domain.admission.shares import Admission, FinishedRequest
from services.gateway.domain.errors import RequestRefused


@dataclass(frozen=True)
class Arrivals:
    """Requests of one tenant: so many a second, from one moment to another."""

    tenant: str
    rate: float
    begin_s: float
    until_s: float

    def times(self, random: Random) -> Iterator[float]:
        now = self.begin_s
        while (now := now + random.expovariate(self.rate)) < self.until_s:
            yield now


@dataclass
class Told:
    """Observations of clients: seconds from request to answer by tenant, and the number of rejections."""

    lasted: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    peak: int = 0

    def p95(self, tenant: str, since_s: float = 0.0) -> float:
        lasted = sorted(seconds for at, seconds in self.lasted[tenant] if at >= since_s)
        return lasted[int(len(lasted) * 0.95)]

    def count(self, tenant: str, begin_s: float, until_s: float) -> int:
        return sum(begin_s <= at < until_s for at, _ in self.lasted[tenant])


def simulate(admission: Admission, arrivals: tuple[Arrivals, ...], workers: int, service_s: float) -> Told:
    """Queue requests for a worker in order of arrival; each takes around `service_s`, and ends."""
    random, told, turn = Random(7), Told(), itertools.count()
    events: list[tuple[float, int, str, FinishedRequest | None]] = [
        (at, next(turn), each.tenant, None) for each in arrivals for at in each.times(random)
    ]
    heapq.heapify(events)
    free_at = [0.0] * workers
    in_flight = 0
    while events:
        now, _, tenant, ended = heapq.heappop(events)
        if ended is not None:
            in_flight -= 1
            admission.leave(tenant)
            admission.limit.ended(ended)
            continue
        try:
            admission.admit(tenant)
        except RequestRefused:
            told.refused[tenant] = told.refused.get(tenant, 0) + 1
            continue
        in_flight += 1
        told.peak = max(told.peak, in_flight)
        start = max(now, heapq.heappop(free_at))
        end = start + service_s * random.uniform(0.7, 1.3)
        heapq.heappush(free_at, end)
        heapq.heappush(
            events, (end, next(turn), tenant, FinishedRequest(now, end, in_flight, int((start - now) * 1000)))
        )
        told.lasted.setdefault(tenant, []).append((now, end - now))
    return told
