"""Simultaneous clients, and the observations of each."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from libs.testing.ports import own_port
from libs.testing.processes import Program, ServerProcess
from tests.support.fleet_processes import KEY

LOOK_S = 0.25
SETTLES_S = 5.0  # connections are closed, and what was freed is returned
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]


@dataclass
class Seen:
    """Observations of one client: `first_s` until the first byte, `took_s` until the last."""

    status: int
    first_s: float
    took_s: float
    text: str
    retry_after: str = ""


async def ask(http: aiohttp.ClientSession, url: str, body: dict[str, object]) -> Seen:
    began = time.perf_counter()
    async with http.post(url, json=body) as response:
        first = await response.content.readany()
        first_s = time.perf_counter() - began
        rest = await response.content.read()
        text = (first + rest).decode()
        return Seen(
            response.status, first_s, time.perf_counter() - began, text, response.headers.get("retry-after", "")
        )


def question(number: int, *, direct: bool) -> dict[str, object]:
    words = f"What do you think about pools, question #q{number}?"
    body: dict[str, object] = {
        "model": "moe-orchestrator",
        "messages": [{"role": "user", "content": words}],
        "stream": True,
    }
    return {**body, "tools": TOOLS} if direct else body


async def burst(url: str, count: int, *, direct: bool) -> list[Seen]:
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"authorization": f"Bearer {KEY}"}
    timeout = aiohttp.ClientTimeout(total=600)
    async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=timeout) as http:
        path = f"{url}/v1/chat/completions"
        return list(await asyncio.gather(*(ask(http, path, question(i, direct=direct)) for i in range(count))))


@dataclass
class Memory:
    """Resident bytes of a process: before, at most, and shortly after the measurement."""

    before: int
    most: int
    after: int = 0


@asynccontextmanager
async def memory_of(url: str) -> AsyncIterator[Memory]:
    """Measure the process that listens at an address while the block runs."""
    port = int(url.rpartition(":")[2])
    connections = psutil.net_connections("tcp")
    (pid,) = {
        each.pid for each in connections if each.status == psutil.CONN_LISTEN and tuple(each.laddr)[1:] == (port,)
    }
    process = psutil.Process(pid)
    memory = Memory(process.memory_info().rss, process.memory_info().rss)

    async def watch() -> None:
        while True:
            memory.most = max(memory.most, process.memory_info().rss)
            await asyncio.sleep(LOOK_S)

    watching = asyncio.get_running_loop().create_task(watch())
    try:
        yield memory
    finally:
        watching.cancel()
        await asyncio.sleep(SETTLES_S)
        memory.after = process.memory_info().rss


def bare_streams(folder: Path) -> AbstractAsyncContextManager[str]:
    """Run bare ASGI streams; yield their address."""
    return bare_application("tests.bench.bare_stream:application", folder)


@asynccontextmanager
async def bare_application(application: str, folder: Path) -> AsyncIterator[str]:
    """Run an ASGI application by uvicorn alone; yield its address."""
    port = own_port()
    command = (sys.executable, "-m", "uvicorn", application, f"--port={port}", "--log-level=error")
    program = Program("bare", command, {"PATH": os.defpath}, ready_path="/")
    server = ServerProcess(program, folder, port)
    await server.start()
    try:
        yield server.url
    finally:
        await server.stop()
