"""Embeddings by the official SDKs, with a server of embeddings behind the gateway."""

import asyncio
import math
from array import array
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import ollama
import openai
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.adapters.models.embedding_server import EmbeddingServer
from libs.core.tasks import TaskSet
from libs.runtime.process.http.listener import HttpListener
from libs.runtime.settings.inference_servers import InferenceServer
from libs.testing.model_server import ModelServer
from services.gateway.pipeline.app_context import AppContext
from tests.support.direct_gateway import DirectGateway, DirectSetting, proxy_to
from tests.support.gateway import KEY, GatewayHarness, open_gateway

MODEL = "letters"


def letters(text: str) -> list[float]:
    """Letter frequencies on the unit sphere: texts of similar letters are near each other."""
    counts = [float(text.lower().count(chr(97 + index))) for index in range(26)]
    length = math.hypot(*counts) or 1.0
    return [count / length for count in counts]


@dataclass
class Server:
    """An embedding server that counts letters. `status` other than 200: it rejects."""

    status: int = 200
    counts: bool = True
    backwards: bool = False
    missing: bool = False
    asked: list[Any] = field(default_factory=list)

    async def embed(self, request: Request) -> Response:
        body = orjson.loads(await request.body())
        self.asked.append(body)
        if self.status != 200:
            return Response(orjson.dumps({"error": {"message": "too long"}}), self.status)
        vectors = [letters(text)[: body.get("dimensions")] for text in body["input"]]
        data = [{"index": index, "embedding": vector} for index, vector in enumerate(vectors)][self.missing :]
        usage = {"usage": {"prompt_tokens": 7}} if self.counts else {}
        return Response(orjson.dumps({"data": data[::-1] if self.backwards else data, **usage}))


@asynccontextmanager
async def embedding_gateway(
    folder: Path,
    server: Server,
    *,
    most: int = 64,
    timeout_s: float = 10,
    alter: Callable[[AppContext], AppContext] = lambda front: front,
) -> AsyncIterator[DirectGateway]:
    tasks = TaskSet(lambda error: None)
    application = Starlette(routes=[Route("/v1/embeddings", server.embed, methods=["POST"])])
    listener = HttpListener(application, "127.0.0.1", 0, tasks)
    listener.start()
    node = InferenceServer("near", f"http://127.0.0.1:{listener.port}/v1")
    try:
        async with (
            EmbeddingServer(node, MODEL, timeout_s) as embedder,
            ModelServer(()) as models,
            proxy_to(models, DirectSetting(folder, most=most)) as line,
        ):

            def altered(front: AppContext) -> AppContext:
                return alter(replace(front, direct=line, embedder=embedder))

            async with open_gateway(alter=altered) as direct:
                direct.fleet.tasks.start(line.deliver_outbox(direct.fleet))
                yield DirectGateway(direct, line, models)
    finally:
        await listener.stop()
        await tasks.cancel()


def sdk(direct: GatewayHarness) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{direct.url}/v1", api_key=KEY, max_retries=0, timeout=20)


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))


async def test_the_sdk_gets_the_vectors_of_the_server_by_its_default_encoding(tmp_path: Path) -> None:
    texts = ["a bat", "a tab", "xyz"]
    async with embedding_gateway(tmp_path, Server(backwards=True)) as direct, sdk(direct.gateway) as client:
        answer = await client.embeddings.create(model=MODEL, input=texts)
    vectors = [each.embedding for each in answer.data]
    assert [[round(number, 6) for number in vector] for vector in vectors] == [
        [round(number, 6) for number in letters(text)] for text in texts
    ]
    assert cosine(vectors[0], vectors[1]) > 0.99 > 0.1 > cosine(vectors[0], vectors[2])
    assert (answer.usage.prompt_tokens, answer.usage.total_tokens) == (7, 7)


async def test_base64_is_little_endian_floats_and_numbers_are_numbers(tmp_path: Path) -> None:
    async with embedding_gateway(tmp_path, Server()) as direct:
        told = [
            (await direct.gateway.client.post("/v1/embeddings", json={"model": MODEL, "input": "abc", **wish})).json()
            for wish in ({"encoding_format": "base64"}, {})
        ]
    packed, plain = (each["data"][0]["embedding"] for each in told)
    assert list(array("f", b64decode(packed))) == pytest.approx(plain, abs=1e-6)


async def test_the_wish_for_fewer_dimensions_goes_to_the_server(tmp_path: Path) -> None:
    server = Server()
    async with embedding_gateway(tmp_path, server) as direct, sdk(direct.gateway) as client:
        answer = await client.embeddings.create(model=f"{MODEL}@near", input="abc", dimensions=5)
    assert (len(answer.data[0].embedding), server.asked[0]["dimensions"]) == (5, 5)


@pytest.mark.parametrize("counts", [True, False])
async def test_a_call_is_recorded_once_without_its_text(tmp_path: Path, *, counts: bool) -> None:
    async with embedding_gateway(tmp_path, Server(counts=counts)) as direct, sdk(direct.gateway) as client:
        await client.embeddings.create(model=MODEL, input="a secret text")
        logged, call = await direct.logged(), await direct.call()
    assert (logged.input, logged.answer, logged.expert_models_used) == ("", "", (f"{MODEL}@near::direct",))
    assert call.usage_estimated is not counts
    assert logged.usage.prompt_tokens == (7 if counts else 3)


async def test_ollamas_client_gets_them_too(tmp_path: Path) -> None:
    headers = {"authorization": f"Bearer {KEY}"}
    async with (
        embedding_gateway(tmp_path, Server()) as direct,
        ollama.AsyncClient(direct.gateway.url, headers=headers, timeout=20) as client,
    ):
        answer = await client.embed(MODEL, ["abc", "xyz"])
    assert [list(vector) for vector in answer.embeddings] == [letters("abc"), letters("xyz")]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": [1, 2, 3]}, "input[0]"),
        ({"input": []}, "input"),
        ({"input": ""}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": "a", "encoding_format": "int8"}, "encoding_format"),
        ({"input": "a", "dimensions": 0}, "dimensions"),
        ({"input": ["a"] * 2049}, "input"),
    ],
)
async def test_a_refusal_names_the_field(tmp_path: Path, body: dict[str, object], param: str) -> None:
    async with embedding_gateway(tmp_path, Server()) as direct:
        response = await direct.gateway.client.post("/v1/embeddings", json={"model": MODEL, **body})
    assert (response.status_code, response.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    ("server", "status", "code"),
    [
        (Server(status=400), 400, "model_refused"),
        (Server(status=500), 503, "model_unavailable"),
        (Server(missing=True), 503, "model_unavailable"),
    ],
)
async def test_trouble_of_the_server_has_a_status(tmp_path: Path, server: Server, status: int, code: str) -> None:
    async with embedding_gateway(tmp_path, server) as direct:
        response = await direct.gateway.client.post("/v1/embeddings", json={"model": MODEL, "input": "a"})
        logged = await direct.logged()
    assert (response.status_code, response.json()["error"]["code"], logged.outcome) == (status, code, "failed")


async def test_another_model_is_not_found(tmp_path: Path) -> None:
    async with embedding_gateway(tmp_path, Server()) as direct, sdk(direct.gateway) as client:
        with pytest.raises(openai.NotFoundError):
            await client.embeddings.create(model="text-embedding-3-small", input="a")


async def test_without_a_server_the_reason_is_told() -> None:
    async with open_gateway() as direct:
        response = await direct.client.post("/v1/embeddings", json={"model": MODEL, "input": "a"})
    assert (response.status_code, response.json()["error"]["code"]) == (503, "embeddings_not_configured")


async def test_many_at_once_are_all_answered(tmp_path: Path) -> None:
    async with embedding_gateway(tmp_path, Server()) as direct, sdk(direct.gateway) as client:
        calls = [client.embeddings.create(model=MODEL, input=f"text {number}") for number in range(20)]
        answers = await asyncio.gather(*calls)
        assert len({each.model for each in answers}) == 1
        await direct.logged(20)
