"""Whatever is sent: the right status, an OpenAI error object, no trace, and nothing on the log."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator

import httpx
import pytest

from libs.testing.waiting import waiting
from services.gateway.domain.body.json import read_json
from services.gateway.domain.request_limits import MAX_BODY_BYTES
from tests.support.gateway import GatewayHarness, answering, open_gateway

CHAT = "/v1/chat/completions"
GOOD = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "Hi"}]}
JSON = {"content-type": "application/json"}


@pytest.fixture
async def gateway() -> AsyncIterator[GatewayHarness]:
    async with open_gateway(answering("Hi")) as opened:
        yield opened
        assert opened.fleet.published == []


def assert_error(response: httpx.Response, status: int, code: str, param: str | None = None) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert (body["error"]["code"], body["error"]["param"]) == (code, param)
    assert body["error"]["type"] in {"invalid_request_error", "server_error"}
    assert "Traceback" not in response.text


@pytest.mark.parametrize("path", [CHAT, "/v1/models", "/v1/models/moe-orchestrator", "/nowhere"])
@pytest.mark.parametrize("authorization", ["", "Bearer wrong-key", "Basic dGVzdDp0ZXN0", "Bearer"])
async def test_without_the_key_every_path_says_the_same(gateway: GatewayHarness, path: str, authorization: str) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as unauthenticated:
        response = await unauthenticated.post(path, json=GOOD, headers={"authorization": authorization})
        missing = await unauthenticated.post(path, json=GOOD)
    assert_error(response, 401, "invalid_api_key")
    assert response.content == missing.content


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v1/chat/completions/", "/%00"])
async def test_an_unknown_path_is_a_404(gateway: GatewayHarness, path: str) -> None:
    assert_error(await gateway.client.post(path, json=GOOD), 404, "unknown_url")


@pytest.mark.parametrize(("method", "path"), [("GET", CHAT), ("PUT", CHAT), ("POST", "/v1/models"), ("DELETE", CHAT)])
async def test_a_wrong_method_is_a_405_that_names_the_right_one(
    gateway: GatewayHarness, method: str, path: str
) -> None:
    response = await gateway.client.request(method, path)
    assert_error(response, 405, "method_not_allowed")
    assert response.headers["allow"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/jsonish"},
        {**JSON, "content-encoding": "gzip"},
    ],
)
async def test_what_does_not_claim_to_be_json_is_a_415(gateway: GatewayHarness, headers: dict[str, str]) -> None:
    response = await gateway.client.post(CHAT, content=json.dumps(GOOD).encode(), headers=headers)
    assert_error(response, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"hello", "invalid_json"),
        (b'{"model": "moe-orchestrator", "messages": [', "invalid_json"),
        (b'{"temperature": NaN}', "invalid_json"),
        (b'{"temperature": -Infinity}', "invalid_json"),
        (b'{"messages": "\\ud800"}', "invalid_json"),
        (b'{"messages": "\xed\xa0\x80"}', "invalid_json"),
        (b"\x00\x01\x02", "invalid_json"),
        (b"[]", "invalid_request"),
        (b"[" * 10_000 + b"]" * 10_000, "nesting_too_deep"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "nesting_too_deep"),
        (b"[" * 1_000_000, "too_many_values"),
    ],
)
async def test_what_is_not_json_or_too_deep_is_a_400(gateway: GatewayHarness, body: bytes, code: str) -> None:
    assert_error(await gateway.client.post(CHAT, content=body, headers=JSON), 400, code)


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"messages": []}, "invalid_value", "messages"),
        ({"messages": [{"role": "assistant", "content": "Hi"}]}, "invalid_request", "messages[0].role"),
        ({"messages": [{"role": "user", "content": ""}]}, "invalid_request", "messages[0].content"),
        ({"messages": 5}, "invalid_value", "messages"),
        ({"max_tokens": -1}, "invalid_value", "max_tokens"),
        ({"n": 2}, "unsupported_parameter", "n"),
        ({"logprobs": True}, "unsupported_parameter", "logprobs"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "unsupported_parameter", "tools"),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}]}
                ]
            },
            "unsupported_content",
            "messages[0].content[0].type",
        ),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_wrong_field_is_a_400_that_names_it(
    gateway: GatewayHarness, fields: dict[str, object], code: str, param: str, *, stream: bool
) -> None:
    response = await gateway.client.post(CHAT, json={**GOOD, **fields, "stream": stream})
    assert_error(response, 400, code, param)


async def test_stream_options_without_stream_are_a_400(gateway: GatewayHarness) -> None:
    response = await gateway.client.post(CHAT, json={**GOOD, "stream_options": {"include_usage": True}})
    assert_error(response, 400, "invalid_request", "stream_options")


async def test_an_unknown_model_is_a_404(gateway: GatewayHarness) -> None:
    assert_error(await gateway.client.post(CHAT, json={**GOOD, "model": "gpt-x"}), 404, "model_not_found", "model")
    assert_error(await gateway.client.get("/v1/models/gpt-x"), 404, "model_not_found", "model")


async def test_seventeen_megabytes_are_a_413(gateway: GatewayHarness) -> None:
    body = b'{"messages":"' + b"x" * (17 * 1024 * 1024) + b'"}'
    assert_error(await gateway.client.post(CHAT, content=body, headers=JSON), 413, "request_too_large")


async def test_a_body_that_does_not_say_its_length_is_counted(gateway: GatewayHarness) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 65_536 + 1):
            yield b"x" * 65_536

    assert_error(await gateway.client.post(CHAT, content=endless(), headers=JSON), 413, "request_too_large")


async def test_an_announced_length_over_the_limit_is_refused_without_reading(gateway: GatewayHarness) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
    lines = (
        f"POST {CHAT} HTTP/1.1",
        "host: x",
        f"authorization: {gateway.client.headers['authorization']}",
        "content-type: application/json",
        "content-length: 99999999999",
    )
    writer.write("\r\n".join((*lines, "", "")).encode())
    async with waiting(30):
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_after_bad_input_the_connection_still_serves_good_input() -> None:
    async with open_gateway(answering("Fine")) as gateway:
        for body in (b"{", b"x" * (17 * 1024 * 1024)):
            await gateway.client.post(CHAT, content=body, headers=JSON)
        assert (await gateway.ask()).json()["choices"][0]["message"]["content"] == "Fine"


async def test_a_large_hostile_body_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own loop turns while 16 MB of brackets are looked at."""
    loop, turned = asyncio.get_running_loop(), threading.Event()
    went_on: list[bool] = []

    def looked_at(body: bytes) -> object:
        try:
            return read_json(body)
        finally:
            loop.call_soon_threadsafe(turned.set)
            went_on.append(turned.wait(20))

    monkeypatch.setattr("services.gateway.pipeline.endpoint.read_json", looked_at)
    async with open_gateway() as gateway:
        body = b'{"a":[' + b"[]," * 5_000_000 + b"[]]}"
        assert_error(await gateway.client.post(CHAT, content=body, headers=JSON), 400, "too_many_values")
    assert went_on == [True]


async def test_a_bug_is_a_500_without_its_trace(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    async with open_gateway() as gateway:
        monkeypatch.setattr("services.gateway.pipeline.dispatch.decide", broken)
        response = await gateway.client.post(CHAT, json=GOOD)
        assert_error(response, 500, "internal_error")
        assert "secret detail" not in response.text
        assert gateway.fleet.pending_replies.in_flight == 0
    assert "secret detail" in caplog.text
