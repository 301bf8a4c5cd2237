"""Proxies of the environment are ignored: prompts, keys and addresses inside the network never leave by another way."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from libs.adapters.identity.oidc_keys import IssuerKeys
from libs.adapters.models.embedding_server import EmbeddingServer
from libs.adapters.models.listing import listed_models
from libs.adapters.models.openai_chat import open_llm
from libs.adapters.web.fetcher import Reach, WebFetcher
from libs.ports.fetching import FetchRequest
from libs.testing.model_server import ModelServer, Reply, Rule, chat_request, server_entry
from libs.testing.scripted_web import ScriptedWeb, reply, reply_sequence
from libs.testing.waiting import eventually
from moe.cli.context.cli_context import CliContext
from moe.cli.context.embedded_stores import EmbeddedSettings
from moe.cli.doctor.gateway import check_gateway
from tests.support.identity.issuer import running_issuer

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest_asyncio.fixture
async def proxied(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """Set every proxy variable to a listener; yield the first lines that it is sent."""
    seen: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await reader.readline()).decode())
        writer.transport.abort()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    for name in VARIABLES:
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield seen
    server.close()


async def test_model_servers_are_called_directly(proxied: list[str]) -> None:
    async with ModelServer([Rule(Reply("Sunny."))]) as models:
        server = server_entry(models)
        async with open_llm([server]) as llm, EmbeddingServer(server, "letters", 30) as embeddings:
            assert (await llm.complete(chat_request("Weather?", timeout_s=30))).text == "Sunny."
            assert await listed_models(server)
            assert len((await embeddings.embed(["Weather?"])).vectors) == 1
    assert proxied == []


async def test_the_keys_of_an_issuer_are_fetched_directly(proxied: list[str]) -> None:
    async with running_issuer() as issuer, IssuerKeys(issuer.url) as keys:
        await eventually(lambda: keys.trouble is None)
    assert proxied == []


async def test_doctor_asks_the_gateway_directly(proxied: list[str]) -> None:
    place = CliContext(EmbeddedSettings.read(), {}, {}, gateway="http://127.0.0.1:9")
    (finding,) = await check_gateway(place)
    assert finding.state == "fail"
    assert proxied == []


async def test_pages_are_fetched_directly(proxied: list[str]) -> None:
    async with ScriptedWeb(reply_sequence(reply(200, b"own"))) as web:
        url = f"http://127.0.0.1:{web.port}/"
        page = await WebFetcher(Reach.of_service(url)).fetch(FetchRequest(url))
    assert (page.body, proxied) == (b"own", [])
