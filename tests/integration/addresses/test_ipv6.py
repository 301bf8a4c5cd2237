"""Listening and connecting on IPv6 alone: gateway, tool server, model servers, Valkey and Postgres on [::1]."""

import json
import socket
from pathlib import Path

import asyncpg
import httpx
import pytest

from libs.adapters.journal.writer import PostgresJournal
from libs.core.key_roots import RootKeys
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.forwarding import forwarder
from libs.testing.keys import SIGNING_KEY
from libs.testing.model_server import ModelServer, pipeline_script
from libs.testing.stores import postgres, valkey
from tests.support.fleet import KEY, THINKING, Stores, process

pytestmark = pytest.mark.embedded
LOOPBACK = "::1"
SECRETS = JournalSecrets(SIGNING_KEY, RootKeys(SIGNING_KEY))
QUESTION = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "Why is the sky blue?"}]}


async def test_a_fleet_on_ipv6_alone_answers(tmp_path: Path) -> None:
    async with (
        valkey() as redis_url,
        ModelServer(pipeline_script()) as models,
        forwarder(LOOPBACK, redis_url) as cache,
        forwarder(LOOPBACK, models.url) as models_6,
    ):
        stores = Stores(models_6.url_for(models.url), cache.url_for(redis_url), tmp_path, {"MOE_HOST": LOOPBACK})
        bus = MemoryBus(MemoryBroker())
        async with process(("gateway", "mcp", *(name for name in THINKING)), bus, stores) as fleet:
            gateway, tools = (f"http://[::1]:{port}" for port in fleet.ports[:2])
            headers = {"authorization": f"Bearer {KEY}"}
            async with httpx.AsyncClient(headers=headers, timeout=120, trust_env=False) as http:
                assert (await http.get(f"{gateway}/ready")).status_code == 200
                answered = await http.post(f"{gateway}/v1/chat/completions", json=QUESTION)
                listed = await http.get(f"{tools}/tools")
            assert (answered.status_code, listed.status_code) == (200, 200)
            assert json.loads(answered.content)["choices"][0]["message"]["content"]
        with pytest.raises(OSError, match=r"refused"):
            socket.create_connection(("127.0.0.1", fleet.ports[0]), timeout=5)
        assert min(cache.accepted, models_6.accepted) > 0


async def test_a_journal_in_a_postgres_on_ipv6_is_migrated_and_written() -> None:
    async with postgres() as url, forwarder(LOOPBACK, url) as database:
        async with PostgresJournal(database.url_for(url), SECRETS) as journal:
            assert await journal.problem() is None
        connection = await asyncpg.connect(database.url_for(url))
        assert await connection.fetchval("SELECT count(*) FROM moe.migrations") > 10
        await connection.close()
