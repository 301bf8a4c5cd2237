"""`python -m tests.chaos.arriving URL KEY SEED WAVE…`: the clients of some waves; prints a JSON line for each."""

import asyncio
import random
import re
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict

import aiohttp
import orjson
import uvloop

from libs.core.clock import SystemClock
from tests.chaos.arrivals import ANSWERED, Arrival, Wave, question

PATIENCE_S = 120.0
_CLOCK = SystemClock()


async def come(url: str, key: str, waves: Sequence[Wave], seed: int) -> list[Arrival]:
    """Send requests at the times of the waves and return their results when the last one is over."""
    session = aiohttp.ClientSession(
        url,
        headers={"authorization": f"Bearer {key}"},
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=4.0),
        timeout=aiohttp.ClientTimeout(total=PATIENCE_S),
    )
    tasks: list[asyncio.Task[Arrival]] = []
    async with session, asyncio.TaskGroup() as group:
        async for wave, token, late_s in due(waves, seed):
            tasks.append(group.create_task(_ask(session, wave, token, late_s)))
    return [task.result() for task in tasks]


async def due(waves: Sequence[Wave], seed: int) -> AsyncIterator[tuple[str, str, float]]:
    """Yield name of the wave, mark and lateness in seconds of each client when it is its time."""
    chance = random.Random(seed)
    starts = _CLOCK.monotonic()
    for wave in waves:
        at, number = starts + chance.expovariate(wave.rate), 0
        while at < starts + wave.seconds:
            await asyncio.sleep(max(0.0, at - _CLOCK.monotonic()))
            number += 1
            yield wave.name, f"#{wave.name}{number}", _CLOCK.monotonic() - at
            at += chance.expovariate(wave.rate)
        starts += wave.seconds


async def _ask(session: aiohttp.ClientSession, wave: str, token: str, late_s: float) -> Arrival:
    asked, began = _CLOCK.now(), _CLOCK.monotonic()
    body = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": question(token)}]}
    try:
        async with session.post("/v1/chat/completions", json=body) as response:
            told, status, headers = await response.read(), response.status, response.headers
    except (aiohttp.ClientError, TimeoutError):
        return Arrival(wave, token, asked, _CLOCK.monotonic() - began, 0, late_s=late_s)
    return Arrival(
        wave,
        token,
        asked,
        _CLOCK.monotonic() - began,
        status,
        headers.get("x-moe-response-id", ""),
        _text(told) if status == ANSWERED else "",
        headers.get("retry-after", ""),
        late_s,
        _queued_s(headers.get("server-timing", "")),
    )


def _queued_s(timing: str) -> float:
    found = re.search(r"queue;dur=([0-9.]+)", timing)
    return float(found[1]) / 1000 if found else 0.0


def _text(body: bytes) -> str:
    return str(orjson.loads(body)["choices"][0]["message"]["content"])


if __name__ == "__main__":
    _, address, api_key, number, *told = sys.argv
    waves_told = [Wave.of(text) for text in told]
    came = uvloop.run(come(address, api_key, waves_told, int(number)))
    sys.stdout.buffer.writelines(orjson.dumps(asdict(each)) + b"\n" for each in came)
