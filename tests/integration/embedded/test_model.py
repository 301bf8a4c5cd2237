"""The embedded model, by HTTP."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from libs.embedded.choice import EmbeddedChoice, EmbeddedStores
from libs.embedded.supervisor import Supervisor
from libs.testing.waiting import eventually, waiting
from tests.support.embedded.stores import Heard

pytestmark = pytest.mark.embedded

QUESTION = [{"role": "user", "content": "Tell me a long story about a whale."}]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def model(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedStores]:
    choice = EmbeddedChoice(Path(tmp_path_factory.mktemp("model")), model="default")
    async with Supervisor(choice, on_event=Heard().say) as stores:
        yield stores


def client(model: EmbeddedStores, key: str | None = None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key or model.model_api_key}"}
    return httpx.AsyncClient(base_url=str(model.model_url), headers=headers, timeout=60)


async def test_it_answers_under_the_name_it_gives(model: EmbeddedStores) -> None:
    async with client(model) as http:
        body = {"model": model.model_name, "messages": QUESTION, "max_tokens": 8}
        answer = (await http.post("/chat/completions", json=body)).json()
    assert answer["model"] == model.model_name == "SmolLM2-135M-Instruct.Q4_1"
    assert answer["choices"][0]["message"]["content"]
    assert answer["usage"]["completion_tokens"] == 8


async def test_it_streams_and_counts_when_asked(model: EmbeddedStores) -> None:
    body = {"messages": QUESTION, "max_tokens": 8, "stream": True, "stream_options": {"include_usage": True}}
    async with client(model) as http, http.stream("POST", "/chat/completions", json=body) as answer:
        lines = [line async for line in answer.aiter_lines() if line]
    assert len(lines) > 8
    assert '"completion_tokens":8' in lines[-2]
    assert lines[-1] == "data: [DONE]"


@pytest.mark.slow
async def test_a_model_that_does_not_find_its_end_is_stopped(model: EmbeddedStores) -> None:
    async with client(model) as http:
        answer = (await http.post("/chat/completions", json={"messages": QUESTION, "ignore_eos": True})).json()
    assert answer["usage"]["completion_tokens"] == 512
    assert answer["choices"][0]["finish_reason"] == "length"


async def test_a_closed_connection_stops_the_work(model: EmbeddedStores) -> None:
    async with client(model) as http:
        left = await eventually(partial(broken_off, http), within_s=180)  # one that is over before does not count
        async with waiting(180):
            while now := await tokens_to_come(http):
                left = now
    assert left > [2000]  # half of them are never written


async def test_nobody_uses_it_without_the_key(model: EmbeddedStores) -> None:
    async with client(model, key="guess") as http:
        assert (await http.get("/models")).status_code == 401
        assert (await http.post("/chat/completions", json={"messages": QUESTION})).status_code == 401


async def test_no_web_page_is_invited(model: EmbeddedStores) -> None:
    async with client(model) as http:
        answer = await http.get("/models", headers={"Origin": "http://somewhere.example"})
    assert not answer.headers.get("access-control-allow-origin")


async def broken_off(http: httpx.AsyncClient) -> list[int]:
    """Begin an answer and close the connection; what was still to come then."""
    body = {"messages": QUESTION, "max_tokens": 4000, "stream": True, "ignore_eos": True}
    async with http.stream("POST", "/chat/completions", json=body) as answer:
        await anext(answer.aiter_lines())
        return await tokens_to_come(http)


async def tokens_to_come(http: httpx.AsyncClient) -> list[int]:
    slots = (await http.get(str(http.base_url.copy_with(path="/slots")))).json()
    return [int(slot["next_token"][0]["n_remain"]) for slot in slots if slot["is_processing"]]
