"""Clients with a fixed request rate, whatever the outcome, in a separate process: `python -m … URL KEY RATE
SECONDS` prints how long each request took."""

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass, field

import httpx

BODY = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "How large should pools be?"}]}


@dataclass
class Told:
    """Replies to clients: seconds of answers and of refusals, statuses of all others."""

    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    other: list[int] = field(default_factory=list)

    def add(self, status: int, took: float) -> None:
        if status == 200:
            self.answered.append(took)
        elif status in {429, 503}:
            self.refused.append(took)
        else:
            self.other.append(status)

    def __str__(self) -> str:
        answers = f"answered {len(self.answered):5} p50 {quantile(self.answered, 0.5):.3f} s p95 {self.p95:.3f} s"
        waits = [quantile(self.refused, part) * 1000 for part in (0.5, 0.95, 0.99)]
        return f"{answers}   refused {len(self.refused):5} p50 {waits[0]:.1f} p95 {waits[1]:.1f} p99 {waits[2]:.1f} ms"

    @property
    def p95(self) -> float:
        return quantile(self.answered, 0.95)


@dataclass(frozen=True)
class Crowd:
    """The clients of one tenant, asking `rate` times a second in the manner of a Poisson process."""

    key: str
    rate: float

    async def ask_for(self, seconds: float, url: str) -> Told:
        """Send requests for so many seconds, in another process, and wait for every answer."""
        arguments = ("-m", "tests.bench.crowd", url, self.key, str(self.rate), str(seconds))
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        assert process.returncode == 0
        return Told(**json.loads(output))

    async def run(self, seconds: float, url: str) -> Told:
        """Send requests for so many seconds, in this process."""
        told = Told()
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
        headers = {"authorization": f"Bearer {self.key}"}
        async with (
            httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=120) as client,
            asyncio.TaskGroup() as group,
        ):
            until = time.perf_counter() + seconds
            while time.perf_counter() < until:
                group.create_task(_ask(client, told))
                await asyncio.sleep(random.expovariate(self.rate))
        return told


async def _ask(client: httpx.AsyncClient, told: Told) -> None:
    began = time.perf_counter()
    response = await client.post("/v1/chat/completions", json=BODY)
    told.add(response.status_code, time.perf_counter() - began)


def quantile(values: list[float], part: float) -> float:
    """Quantile, 0 for no values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


if __name__ == "__main__":
    address, api_key, per_second, duration = sys.argv[1:]
    print(json.dumps(asdict(asyncio.run(Crowd(api_key, float(per_second)).run(float(duration), address)))))
