"""The whole fleet as processes on real stores, and its behaviour for a client."""

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.topics import ANSWER_FINISHED, PROGRESS, Topic
from libs.core.key_roots import DATABASE, JOURNAL, RootKeys
from libs.runtime.messaging.signing import Signer
from libs.runtime.settings import BusSettings
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.testing.http_client import crowd_client
from libs.testing.keys import API_KEY, SIGNING_KEY, roots_beside
from libs.testing.log_reader import messages_on
from libs.testing.model_server import PipelineOptions, Reply, Rule, pipeline_script
from libs.testing.model_server.pipeline import judge_text
from libs.testing.processes import ProcessContext, ServerProcess, moe, moe_process, start_all, stop_all
from libs.testing.waiting import waiting
from moe.registry import SERVICES
from tests.support.sse import Stream, read_stream

KEY = API_KEY
SLOW_S = 0.4  # a model call of this length is still running when a process is killed
WORD_S = 0.03
PUBLISHED_WITHIN_S = 30.0
REQUEST_TIMEOUT_S = 240  # a lost request fails the test instead of blocking the run


@dataclass(frozen=True)
class Stores:
    """Addresses of the real stores. `security`: further variables for a client of the broker."""

    kafka: str
    valkey_url: str
    postgres_url: str
    security: Mapping[str, str] = field(default_factory=dict)

    @property
    def broker(self) -> KafkaConnection:
        return BusSettings.read({"KAFKA_URL": self.kafka, **self.security}).connection


@dataclass(frozen=True)
class Whole:
    """An answer in one piece."""

    response_id: str
    text: str
    tokens: int


@dataclass(frozen=True)
class FleetHarness:
    """Seven processes, one for each service. `place` is the environment they share."""

    stores: Stores
    place: ProcessContext
    processes: dict[str, ServerProcess]
    http: httpx.AsyncClient

    async def ask(self, text: str) -> httpx.Response:
        return await self.http.post(f"{self.gateway}/v1/chat/completions", json=body_of(text))

    async def answer(self, text: str) -> Whole:
        """Fails the test without an answer."""
        response = await self.ask(text)
        assert response.status_code == 200, response.text
        told = response.json()
        return Whole(told["id"], told["choices"][0]["message"]["content"], told["usage"]["total_tokens"])

    async def stream(self, text: str) -> Stream:
        async with self.streaming(text) as response:
            return await read_stream(response)

    @asynccontextmanager
    async def streaming(self, text: str) -> AsyncIterator[httpx.Response]:
        """Yield the open response of a streamed question."""
        body = body_of(text) | {"stream": True, "stream_options": {"include_usage": True}}
        async with self.http.stream("POST", f"{self.gateway}/v1/chat/completions", json=body) as response:
            assert response.status_code == 200, await response.aread()
            yield response

    async def on_the_log(self, topic: Topic, response_id: str) -> list[Message]:
        """Messages of a response on a topic as of now."""
        return await messages_on(self.stores.broker, topic, response_id, Signer(SIGNING_KEY.encode()))

    async def until_on_the_log(self, topic: Topic, response_id: str) -> list[Message]:
        """Messages of a response on a topic; waits for the first."""
        async with waiting(PUBLISHED_WITHIN_S):
            while True:  # each reading takes a moment, so this does not spin
                if found := await self.on_the_log(topic, response_id):
                    return found

    async def ends(self, response_id: str) -> list[AnswerFinished]:
        """Wait for the first; every end of a response that its gateway consumed, in the order of the log."""
        found = await self.until_on_the_log(ANSWER_FINISHED, response_id)
        return [end for end in found if isinstance(end, AnswerFinished)]

    async def facts(self, response_id: str) -> list[Message]:
        """Records of a response that the join consumed, in the order of the log."""
        return await self.on_the_log(PROGRESS, response_id)

    @property
    def gateway(self) -> str:
        return self.processes["gateway"].url


def body_of(text: str) -> dict[str, object]:
    return {"model": "moe-orchestrator", "messages": [{"role": "user", "content": text}]}


@asynccontextmanager
async def whole_fleet(stores: Stores, model_url: str, folder: Path) -> AsyncIterator[FleetHarness]:
    """Create the topics and run every service as a separate process."""
    place = ProcessContext(variables_of(stores, model_url, folder), folder)
    for command in (("topics", "apply"), ("migrate",)):
        done = await moe(place, *command)
        assert done.code == 0, done.errors
    processes = {name: moe_process(place, "serve", name) for name in SERVICES}
    async with AsyncExitStack() as leaving:
        http = await leaving.enter_async_context(crowd_client())  # plain httpx fails at hundreds of concurrent requests
        http.headers["authorization"], http.timeout = f"Bearer {KEY}", httpx.Timeout(REQUEST_TIMEOUT_S + 30)
        await start_all(tuple(processes.values()))
        leaving.push_async_callback(_stop, tuple(processes.values()))
        yield FleetHarness(stores, place, processes, http)


async def _stop(processes: tuple[ServerProcess, ...]) -> None:
    """Stop all; each process must exit with 0 and without an error line in its log."""
    codes = await stop_all(processes)
    complaints = [line for process in processes for line in process.complaints()]
    assert (set(codes.values()), complaints) == ({0}, []), f"{codes}, {complaints[:6]}"


def variables_of(stores: Stores, model_url: str, folder: Path) -> dict[str, str]:
    """Environment of a process as its operator would write it."""
    server = {"name": "scripted", "url": model_url, "api_type": "openai"}
    return {
        "PATH": os.defpath,
        "KAFKA_URL": f"kafka://{stores.kafka}",
        **stores.security,
        "REDIS_URL": stores.valkey_url,
        "POSTGRES_CHECKPOINT_URL": stores.postgres_url,
        "INFERENCE_SERVERS": json.dumps([server]),
        "JUDGE_MODEL": "scripted:7b",
        "MOE_ANSWER_CACHE_SECONDS": "0",  # the same question is repeated, and each time for the fleet
        **roots_beside(SIGNING_KEY),
        "MOE_BOOTSTRAP_API_KEY": KEY,
        "MOE_QUEUE_TARGET_MS": "0",  # admits every request, also on a slow machine
        "MOE_DATA_DIR": str(folder / "data"),
        "MOE_REQUEST_TIMEOUT": str(REQUEST_TIMEOUT_S),
    }


def script() -> tuple[Rule, ...]:
    """Script selected by the token of a question.

    #slow…: every call takes `SLOW_S`; #med…: one medical task, slow too; #words…: the judge writes word by word;
    #other…: as #words…, but with another answer on a repeated call; anything else: three tasks, at once.
    """
    slow = PipelineOptions(delay_s=SLOW_S)
    medical = PipelineOptions(tasks=1, categories=("medical_consult",), delay_s=SLOW_S)
    words = PipelineOptions(piece_delay_s=WORD_S)
    said_again = Rule(Reply(text="Second thoughts. "), stage="judge", user="#other")
    first = Rule(Reply(text=judge_text, piece_delay_s=WORD_S), stage="judge", user="#other", times=1)
    chosen = (("#slow", slow), ("#med", medical), ("#words", words))
    return (
        first,
        said_again,
        *(replace(rule, user=token) for token, options in chosen for rule in pipeline_script(options)),
        *pipeline_script(),
    )


def journal_of(data_dir: Path) -> JournalSecrets:
    database, journal = (RootKeys.read((data_dir / root.file).read_text()) for root in (DATABASE, JOURNAL))
    return JournalSecrets(database.current, journal)
