"""`moe replay` verifies, simulates and inspects requests of a whole fleet that a journal has stored."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from libs.contracts.records import RequestLogged
from libs.contracts.topics import DEAD_LETTERS, REQUESTS
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.signing import Signer
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S
from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.model_server import ModelServer
from libs.testing.poison import Dose, Poison, poisons
from libs.testing.stores import valkey
from libs.testing.waiting import eventually
from tests.support.fleet import STAGES, Stores, gateway_client, process

pytestmark = pytest.mark.embedded
KEY = SIGNING_KEY  # the test fleet's own
QUESTIONS = ("How large should connection pools be, see #r1?", "What is 17 * 23?", "Who asked, see #r2?")


@dataclass(frozen=True)
class Kept:
    """A journal with a few requests, the models that answered them, and an id that only a dead letter has."""

    url: str
    models: ModelServer
    ids: tuple[str, ...]
    dead_lettered: str

    async def moe_replay(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        server = {"name": "scripted", "url": self.models.url, "api_type": "openai"}
        variables = {
            "PATH": os.defpath,
            "POSTGRES_CHECKPOINT_URL": self.url,
            **every_root(KEY),
            "INFERENCE_SERVERS": json.dumps([server]),
            "JUDGE_MODEL": "scripted:7b",
        }
        command = [sys.executable, "-m", "moe", "replay", *arguments]
        return await asyncio.to_thread(_run, command, variables)


@pytest_asyncio.fixture
async def kept(owner_url: str, tmp_path: Path) -> AsyncIterator[Kept]:
    broker = MemoryBroker()
    async with valkey() as valkey_url, ModelServer() as models:
        extra = {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(KEY)}
        stores = Stores(models.url, valkey_url, tmp_path, extra)
        async with (
            process(("gateway", *STAGES, "journal"), MemoryBus(broker), stores) as fleet,
            gateway_client(fleet.ports[0], broker) as client,
        ):
            await asyncio.gather(*(client.answer(question) for question in QUESTIONS))
            await eventually(lambda: len(client.events(RequestLogged)) == len(QUESTIONS))
            logged = client.events(RequestLogged)
            forged = next(each for each in _poisons() if each.kind == "bad signature").outgoing
            broker.append(forged)
            await eventually(lambda: any(log.records for log in broker.logs[DEAD_LETTERS.name]))
            await _all_kept(owner_url, broker)
        ids = tuple(event.envelope.response_id for event in logged)
        yield Kept(owner_url, models, ids, forged.key.decode())


def _poisons() -> Iterator[Poison]:
    return poisons(REQUESTS, Dose(Signer(KEY.encode()), time.time()))


def _run(command: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=180, check=False)


async def _all_kept(url: str, broker: MemoryBroker) -> None:
    """Wait until the journal has the whole log: a fleet that stops waits for it only briefly."""

    async def all_kept() -> bool:
        return await _rows(url) >= len(broker.records())

    await eventually(all_kept, within_s=WAIT_TIMEOUT_S, look_every_s=0.05)


async def _rows(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        count: int = await connection.fetchval("SELECT count(*) FROM moe.journal")
        return count
    finally:
        await connection.close()


async def test_what_a_fleet_said_is_verified_from_its_journal(kept: Kept) -> None:
    ran = await kept.moe_replay("--all", "--since", "1h", "--verify", "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
    statuses = {verdict["response_id"]: verdict["status"] for verdict in verdicts}
    assert statuses == dict.fromkeys(kept.ids, "verified") | {kept.dead_lettered: "unknown"}
    one = await kept.moe_replay("--response-id", kept.ids[0], "--verify")
    assert one.returncode == 0, one.stderr
    assert one.stdout.startswith(f"{kept.ids[0]}  verified, ")


async def test_what_if_asks_the_models_and_writes_nothing(kept: Kept) -> None:
    before, asked = await _rows(kept.url), len(kept.models.calls)
    shown = [await kept.moe_replay("--response-id", each, "--show") for each in kept.ids]
    number = next(index for index, each in enumerate(shown) if "#r1" in each.stdout)
    ran = await kept.moe_replay("--response-id", kept.ids[number], "--what-if", "--model", "other:1b")
    assert ran.returncode == 0, ran.stderr
    assert "the answer is the same" in ran.stdout
    assert len(kept.models.calls) == asked + 5
    assert {call.model for call in kept.models.calls[asked:]} == {"other:1b"}
    assert await _rows(kept.url) == before


async def test_one_record_is_looked_into(kept: Kept) -> None:
    shown = await kept.moe_replay("--response-id", kept.ids[0], "--show")
    lines = [line for line in shown.stdout.splitlines() if "plan-drafted" in line]
    number = lines[0].split()[0]
    ran = await kept.moe_replay("--response-id", kept.ids[0], "--at", number, "--json")
    assert ran.returncode == 0, ran.stderr
    view = json.loads(ran.stdout)
    assert (view["index"], view["stage"]["stage"]) == (int(number), "planner")
    assert all(prompt["equal"] for prompt in view["prompts"])
    absent = await kept.moe_replay("--response-id", kept.ids[0], "--at", "999")
    assert absent.returncode == 1
    assert "no readable record 999" in absent.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--verify",), ("--response-id", "x", "--all", "--verify"), ("--all", "--show"), ("--response-id", "x")],
)
async def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], owner_url: str) -> None:
    variables = {"PATH": os.defpath, "POSTGRES_CHECKPOINT_URL": owner_url, **every_root(KEY)}
    ran = await asyncio.to_thread(_run, [sys.executable, "-m", "moe", "replay", *arguments], variables)
    assert ran.returncode == 2
    assert ran.stderr.startswith("Usage: moe replay")
