"""Starting a fleet for a test, and asking it."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from libs.contracts.message import Message
from libs.contracts.topics import RETRY_5M, RETRY_5S, RETRY_30S
from libs.core.ids import SYSTEM_TENANT
from libs.runtime.delivery.backoff import Backoff
from libs.runtime.delivery.retry_policy import RetryPolicy
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.bus import Bus
from libs.runtime.messaging.codec import decode, verified_envelope
from libs.runtime.messaging.signing import Signer
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.testing.keys import API_KEY, SIGNING_KEY
from libs.testing.waiting import eventually
from moe.registry import SERVICES, build_service

KEY = API_KEY
SIGNER = Signer(SIGNING_KEY.encode())
STAGES = tuple(name for name in SERVICES if name not in {"gateway", "journal"})
THINKING = tuple(name for name in STAGES if name != "mcp")  # whose workers take longer to start than most tests last
BACKOFF = Backoff(first_s=0.01, cap_s=0.05)
PATIENCE_S = 120.0  # ends a hang; not a limit of the test
RETRIES = RetryPolicy(quick=BACKOFF, waits=((RETRY_5S, 0.05), (RETRY_30S, 0.1), (RETRY_5M, 0.2)))


@dataclass(frozen=True)
class Stores:
    """Configuration of the services of a test fleet. `extra` variables win."""

    model_url: str
    valkey_url: str
    data_dir: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        server = {"name": "scripted", "url": self.model_url, "api_type": "openai"}
        return {
            "INFERENCE_SERVERS": json.dumps([server]),
            "JUDGE_MODEL": "scripted:7b",
            "MOE_ANSWER_CACHE_SECONDS": "0",  # the fleet must answer the same question again and again
            "REDIS_URL": self.valkey_url,
            "MOE_DATA_DIR": str(self.data_dir),
            "MOE_BOOTSTRAP_API_KEY": KEY,
            "MOE_PORT": "0",
            "MOE_QUEUE_TARGET_MS": "0",  # every request is admitted, however slow a busy machine is
            "MOE_MCP_PORT": "0",
            **self.extra,
        }


@asynccontextmanager
async def process(names: Sequence[str], bus: Bus, stores: Stores) -> AsyncIterator[Fleet]:
    """Run services on a bus as one process."""
    services = [build_service(name, stores.variables) for name in names]
    async with Fleet(services, bus, ProcessOptions(SIGNER, backoff=BACKOFF, retries=RETRIES)) as fleet:
        yield fleet


@asynccontextmanager
async def whole_fleet(stores: Stores, *, tools: bool = False) -> AsyncIterator["Client"]:
    """Run gateway and stages in one process, the tool server only for `tools`; yield a client of it."""
    broker = MemoryBroker()
    async with (
        process(("gateway", *(STAGES if tools else THINKING)), MemoryBus(broker), stores) as fleet,
        gateway_client(fleet.ports[0], broker) as client,
    ):
        yield client


@asynccontextmanager
async def gateway_client(port: int, broker: MemoryBroker) -> AsyncIterator["Client"]:
    """Yield a client of the gateway on a port."""
    headers = {"authorization": f"Bearer {KEY}"}
    limits = httpx.Limits(max_connections=500)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=PATIENCE_S, limits=limits
    ) as http:
        yield Client(http, broker)


@dataclass(frozen=True)
class Frame:
    """One SSE data frame, already parsed. `done` is the final `[DONE]`."""

    content: str = ""
    reasoning: str = ""
    finish: str = ""
    error: str = ""
    usage: int = 0
    done: bool = False


@dataclass(frozen=True)
class Client:
    """Sends requests to the gateway, and reads the log."""

    http: httpx.AsyncClient
    broker: MemoryBroker

    async def ask(self, text: str, *, model: str = "moe-orchestrator") -> httpx.Response:
        return await self.http.post("/v1/chat/completions", json=_body(text, model))

    async def answer(self, text: str, *, model: str = "moe-orchestrator") -> str:
        """Answer to a question; fails the test when there is none."""
        response = await self.ask(text, model=model)
        assert response.status_code == 200, response.text
        content: str = response.json()["choices"][0]["message"]["content"]
        return content

    async def stream(self, text: str, *, model: str = "moe-orchestrator") -> AsyncGenerator[Frame, None]:
        """Yield the frames of a streamed answer."""
        body = _body(text, model) | {"stream": True, "stream_options": {"include_usage": True}}
        async with self.http.stream("POST", "/v1/chat/completions", json=body) as response:
            assert response.status_code == 200, await response.aread()
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    yield _frame(line.removeprefix("data: "))

    def events(self, kind: type[Message] | None = None) -> list[Message]:
        """Messages about requests in the order of log time, optionally of one kind."""
        records = sorted(self.broker.records(), key=lambda record: record.timestamp_ms)
        messages = [decode(record, verified_envelope(record, SIGNER)) for record in records]
        return [
            message for message in messages if isinstance(message, kind or Message) and _is_about_a_request(message)
        ]

    async def event(self, kind: type[Message], timeout_s: float = PATIENCE_S) -> Message:
        """First message of a kind, waiting for it."""
        await eventually(lambda: self.events(kind), within_s=timeout_s)
        return self.events(kind)[0]


def _is_about_a_request(message: Message) -> bool:
    return message.envelope.tenant != SYSTEM_TENANT


def _body(text: str, model: str) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": text}]}


def _frame(data: str) -> Frame:
    if data == "[DONE]":
        return Frame(done=True)
    body = json.loads(data)
    if "error" in body:
        return Frame(error=body["error"]["code"])
    usage = (body.get("usage") or {}).get("total_tokens", 0)
    if not body["choices"]:
        return Frame(usage=usage)
    choice = body["choices"][0]
    delta = choice["delta"]
    return Frame(
        content=delta.get("content") or "",
        reasoning=delta.get("reasoning_content") or "",
        finish=choice["finish_reason"] or "",
        usage=usage,
    )
