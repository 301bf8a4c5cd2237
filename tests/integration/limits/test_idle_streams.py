"""Thousands of open streams without an answer yet: the cost of each, and the memory that remains after all."""

import gc
import json
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
import psutil
import pytest

from libs.contracts.question import QuestionAsked
from libs.testing.keys import API_KEY
from libs.testing.model_server import ModelServer, Reply, Rule, server_entry
from libs.testing.stores import valkey
from libs.testing.waiting import eventually
from services.gateway.domain.request_limits import RequestLimits
from services.gateway.pipeline.answer import StreamReply
from services.gateway.replies.pending_replies import PendingReply
from tests.support.gateway import KEY, Fleet, answered, open_gateway, pending_replies_for, wait_idle
from tests.support.idle_streams import ClientProcess, IdleClients, client_process
from tests.support.raw_client import request_of
from tests.support.up_fleet import MOE, UpFleet, running

FLEET_MODEL, ONE_MODEL = "moe-orchestrator", "judge@scripted"
MANY, SOME = 10_000, 200
OTHER_FILES = 6_144  # that a process needs besides its connections
MOST_KB = 64  # of memory for a stream; 42 kB were measured
MOST_CPU = 0.25  # of a core for 10,000 idle streams; 0.06 were measured
KEEP_ALIVE_S = RequestLimits().keep_alive_s


@dataclass
class Gateway:
    """A gateway in a separate process, and the resources of that process."""

    fleet: UpFleet
    http: httpx.AsyncClient

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self.fleet.running.pid)

    @property
    def memory_kb(self) -> float:
        return float(self.process.memory_info().rss) / 1024

    @property
    def cpu_s(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)

    async def ask(self, model: str) -> httpx.Response:
        body = {"model": model, "stream": model == FLEET_MODEL, "messages": [{"role": "user", "content": "Why?"}]}
        return await self.http.post(f"{self.fleet.url}/v1/chat/completions", json=body)

    async def open_requests(self) -> float:
        """Number of open requests, as the gateway counts them."""
        lines = (await self.http.get(self.fleet.metrics_url)).text.splitlines()
        return float(next(line for line in lines if line.startswith("moe_requests_in_flight ")).split()[1])


@asynccontextmanager
async def gateway(folder: Path, most: int) -> AsyncIterator[Gateway]:
    """Run a gateway with nothing behind it but one model: whatever is for the fleet waits."""
    async with valkey() as redis_url, ModelServer((Rule(Reply("Sunny.")),)) as models:
        entry = server_entry(models)
        variables = {
            "INFERENCE_SERVERS": json.dumps([{"name": entry.name, "url": entry.url, "api_type": "openai"}]),
            "JUDGE_MODEL": ONE_MODEL,
            "REDIS_URL": redis_url,
            "MOE_BOOTSTRAP_API_KEY": API_KEY,
            "MOE_MAX_IN_FLIGHT": str(most),
            "MOE_QUEUE_TARGET_MS": "0",  # a limit that learns would begin with 64
            "MOE_MAX_WAITING": "0",  # one more than the limit is rejected at once
        }
        headers = {"authorization": f"Bearer {API_KEY}"}
        fleet = UpFleet(folder, variables, command=(str(MOE), "up", "gateway"))
        async with running(fleet), httpx.AsyncClient(trust_env=False, timeout=120, headers=headers) as http:
            yield Gateway(fleet, http)


async def kept_open(served: Gateway, clients: ClientProcess, keep_alives: int) -> float:
    """Wait until every stream has had so many keep-alives; return the CPU seconds of the gateway in a second."""
    began, cpu_s = time.monotonic(), served.cpu_s

    async def have_come() -> bool:
        return (await clients.ask("look")).fewest_keep_alives >= keep_alives

    await eventually(have_come, within_s=(keep_alives + 8) * KEEP_ALIVE_S, look_every_s=1)
    return (served.cpu_s - cpu_s) / (time.monotonic() - began)


async def forgotten(served: Gateway) -> float:
    """Wait until no request is open; return how long the gateway took to show that, at most, in seconds."""
    took: list[float] = []

    async def is_empty() -> bool:
        began = time.monotonic()
        number = await served.open_requests()
        took.append(time.monotonic() - began)
        return number == 0

    await eventually(is_empty, within_s=120)
    return max(took)


async def ten_thousand(served: Gateway, clients: ClientProcess, before_kb: float) -> tuple[float, float]:
    """Open the streams, measure, and close them; return the kB of memory for each, and the memory that remains."""
    began = time.monotonic()
    seen = await clients.ask(f"open {MANY}")
    took_s = time.monotonic() - began
    assert seen.statuses == {"200": MANY}
    assert await served.open_requests() == MANY
    cpu = await kept_open(served, clients, keep_alives=2)
    stream_kb = (served.memory_kb - before_kb) / MANY
    refused = await served.ask(FLEET_MODEL)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
    assert (await served.ask(ONE_MODEL)).json()["choices"][0]["message"]["content"] == "Sunny."
    seen = await clients.ask("close")
    assert seen.closed == 0
    assert max(seen.silences) < 2 * KEEP_ALIVE_S
    began, cpu_s = time.monotonic(), served.cpu_s
    slowest_s = await forgotten(served)
    print(  # noqa: T201 - figures
        f"\n{MANY} streams opened in {took_s:.1f} s: {stream_kb:.1f} kB each, {cpu:.3f} s of CPU a second while idle; "
        f"silence of one at most {max(seen.silences):.1f} s, median {median(seen.silences):.1f} s; "
        f"all forgotten {time.monotonic() - began:.1f} s after their clients had gone "
        f"({served.cpu_s - cpu_s:.1f} s of CPU, another request took {slowest_s:.1f} s at most)"
    )
    assert cpu < MOST_CPU
    return stream_kb, (served.memory_kb - before_kb) / MANY


@pytest.mark.siege
@pytest.mark.slow
@pytest.mark.embedded
async def test_one_gateway_holds_ten_thousand_idle_streams_and_forgets_them(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] > MANY + OTHER_FILES, "needs more descriptors"
    async with gateway(tmp_path, MANY) as served, client_process(served.fleet.port, of_fleet(API_KEY)) as clients:
        await clients.ask("open 100")
        await clients.ask("close")
        await forgotten(served)
        before_kb, files = served.memory_kb, served.process.num_fds()
        first_kb, left_kb = await ten_thousand(served, clients, before_kb)
        again_kb, left_again_kb = await ten_thousand(served, clients, before_kb)
        print(  # noqa: T201 - figures
            f"memory for each stream, first and second time: {first_kb:.1f} and {again_kb:.1f} kB open, "
            f"{left_kb:.1f} and {left_again_kb:.1f} kB when all had gone"
        )
        assert first_kb < MOST_KB
        assert again_kb < left_kb * 1.1  # Python keeps freed memory for the next allocation; the second time uses it
        await eventually(lambda: served.process.num_fds() <= files + 8)
        assert (await served.ask(ONE_MODEL)).status_code == 200
        assert "Traceback" not in served.fleet.errors


async def test_some_hundred_idle_streams_get_keep_alives_and_leave_nothing() -> None:
    async def react(fleet: Fleet, question: QuestionAsked) -> None:
        if "now" in question.question.text:
            await fleet.finish(question, answered("42"))

    async with open_gateway(
        react, rules=RequestLimits(keep_alive_s=0.5), pending_replies=pending_replies_for(SOME + 1)
    ) as harness:
        await harness.ask("now")
        files = psutil.Process().num_fds()
        with closing(IdleClients(int(harness.url.rpartition(":")[2]), of_fleet(KEY))) as clients:
            assert (await clients.open(SOME)).statuses == {"200": SOME}
            assert harness.fleet.pending_replies.in_flight == SOME
            await eventually(lambda: clients.look().fewest_keep_alives >= 2)
            assert (await harness.ask("now")).json()["choices"][0]["message"]["content"] == "42"
            assert (await clients.open(2)).statuses == {"200": SOME + 1, "503": 1}
        await wait_idle(harness)
        await eventually(lambda: psutil.Process().num_fds() <= files)
        gc.collect()
        assert [each for each in gc.get_objects() if isinstance(each, PendingReply | StreamReply)] == []


def of_fleet(key: str) -> bytes:
    return request_of(FLEET_MODEL, key, stream=True)
