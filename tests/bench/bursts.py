"""Clients that ask at the same time, and what each of them saw."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from libs.testing.ports import own_port
from libs.testing.processes import Program, ServerProcess
from tests.e2e.house import KEY

TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]


@dataclass
class Seen:
    """What one client saw: `first_s` until the first byte, `took_s` until the last."""

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


def gateway_rss(url: str) -> int:
    """Return the resident bytes of the process that listens at an address."""
    port = int(url.rpartition(":")[2])
    connections = psutil.net_connections("tcp")
    (pid,) = {
        each.pid for each in connections if each.status == psutil.CONN_LISTEN and tuple(each.laddr)[1:] == (port,)
    }
    return int(psutil.Process(pid).memory_info().rss)


@asynccontextmanager
async def bare_streams(folder: Path) -> AsyncIterator[str]:
    port = own_port()
    command = (sys.executable, "-m", "uvicorn", "tests.bench.bare_stream:application", f"--port={port}")
    variables = {"PATH": os.defpath}
    program = Program("bare-stream", (*command, "--log-level=error"), variables, ready_path="/")
    server = ServerProcess(program, folder, port)
    await server.start()
    try:
        yield server.url
    finally:
        await server.stop()
