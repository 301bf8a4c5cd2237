"""A response is named as its protocol names responses, and found by that name wherever an id is accepted."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.contracts.records import FeedbackGiven
from libs.core.ids import is_response_id, response_id_in
from libs.testing.model_server import Reply, Rule
from tests.support.cluster import Cluster, Gateway, gateway, opened, started
from tests.support.direct_cluster import MODEL, WEATHER, two_gateways
from tests.support.gateway import answered

FLEET = "moe-orchestrator"
_TURNS = [{"role": "user", "content": "Weather?"}]
_PARAMETERS = {"type": "object", "properties": {}}
QUESTIONS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "chatcmpl-": (
        "/v1/chat/completions",
        {"messages": _TURNS},
        {"tools": [{"type": "function", "function": {"name": "weather", "parameters": _PARAMETERS}}]},
    ),
    "msg_": (
        "/v1/messages",
        {"messages": _TURNS, "max_tokens": 50},
        {"tools": [{"name": "weather", "input_schema": _PARAMETERS}]},
    ),
    "resp_": ("/v1/responses", {"input": "Weather?"}, {"tools": [WEATHER]}),
}
WAYS = pytest.mark.parametrize("prefix", QUESTIONS)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setattr("services.gateway.lookup.direct_lookup.ON_ITS_WAY_S", 20.0)  # as long as a machine may pause
    return Cluster(tmp_path)


async def by_fleet(cluster: Cluster, instance: Gateway, prefix: str, **more: object) -> httpx.Response:
    path, body, _ = QUESTIONS[prefix]
    asked = started(instance.client.post(path, json={"model": FLEET, **body, **more}))
    await cluster.finish(await opened(cluster), answered("Sunny."))
    return await asked


async def by_model(instance: Gateway, prefix: str, **more: object) -> httpx.Response:
    path, body, tools = QUESTIONS[prefix]
    return await instance.client.post(path, json={"model": MODEL, **body, **tools, **more})


def assert_named(reply: httpx.Response, prefix: str) -> str:
    name = reply.headers["x-request-id"]
    assert name.startswith(prefix)
    assert is_response_id(response_id_in(name))
    assert reply.headers["request-id"] == reply.headers["x-moe-response-id"] == name
    assert f'"{name}"' in reply.text
    others = {other for other in QUESTIONS if other != prefix}
    assert not any(f'{other}{name.removeprefix(prefix)}"' in reply.text for other in others - {"msg_"})  # an item's
    return name


async def assert_found(instance: Gateway, name: str) -> None:
    shown = await instance.get(name)
    assert (shown.status_code, shown.json()["id"], shown.headers["x-request-id"]) == (200, name, name)
    assert (await instance.get(response_id_in(name))).json() == shown.json()  # as it was named before
    rated = await instance.client.post("/v1/feedback", json={"response_id": name, "rating": 5})
    assert (rated.status_code, rated.json()["response_id"]) == (200, name)
    ended = await instance.client.post(f"/v1/responses/{name}/cancel")
    assert ended.json() == shown.json()


@WAYS
async def test_an_answer_of_the_fleet_is_named_like_its_protocol(cluster: Cluster, prefix: str) -> None:
    async with gateway(cluster, 0) as one, gateway(cluster, 1) as other:
        name = assert_named(await by_fleet(cluster, one, prefix), prefix)
        for instance in (one, other):
            await assert_found(instance, name)
    assert {given.response_id for given in cluster.all(FeedbackGiven)} == {response_id_in(name)}


@WAYS
async def test_an_answer_of_one_model_is_named_like_its_protocol(cluster: Cluster, prefix: str) -> None:
    async with two_gateways(cluster, Rule(Reply("Sunny."))) as (one, other, _):
        name = assert_named(await by_model(one, prefix), prefix)
        for instance in (one, other):
            await assert_found(instance, name)


@WAYS
async def test_a_stream_of_the_fleet_goes_on_by_either_name(cluster: Cluster, prefix: str) -> None:
    async with gateway(cluster, 0) as one, gateway(cluster, 1) as other:
        streamed = await by_fleet(cluster, one, prefix, stream=True)
        name = assert_named(streamed, prefix)
        events = re.findall(r"^id: (.*)$", streamed.text, re.MULTILINE)
        assert events[0].startswith(f"{name}/")
        for path, event in (
            (name, events[0]),
            (response_id_in(name), events[0]),
            (name, events[0].replace(name, response_id_in(name))),
        ):
            rest = await other.get(path, "?stream=true", **{"last-event-id": event})
            assert (rest.status_code, rest.headers["x-request-id"]) == (200, name)
            assert re.findall(r"^id: (.*)$", rest.text, re.MULTILINE)[-1] == events[-1]


@WAYS
async def test_a_stream_of_one_model_is_named_like_its_protocol(cluster: Cluster, prefix: str) -> None:
    async with two_gateways(cluster, Rule(Reply("Sunny."))) as (one, _, _):
        assert_named(await by_model(one, prefix, stream=True), prefix)


@pytest.mark.parametrize("written", ["resp_", "chatcmpl-"])
async def test_a_conversation_goes_on_by_either_name(cluster: Cluster, written: str) -> None:
    async with two_gateways(cluster, Rule(Reply("Sunny."))) as (one, other, models):
        name = (await by_model(one, "resp_")).json()["id"]
        previous = name.replace("resp_", written)
        reply = await by_model(other, "resp_", previous_response_id=previous)
        assert (reply.status_code, reply.json()["previous_response_id"]) == (200, previous)
        assert len(models.calls) == 2


async def test_in_the_background_it_has_its_name_from_the_start(cluster: Cluster) -> None:
    async with two_gateways(cluster, Rule(Reply("Sunny."))) as (one, other, _):
        name = assert_named(await by_model(one, "resp_", background=True), "resp_")
        assert (await other.get(name)).json()["id"] == name


@pytest.mark.parametrize("name", ["resp_", "resp_42", "msg_resp_1", "resp_chatcmpl-1", "item_1"])
async def test_what_is_no_id_is_not_found(cluster: Cluster, name: str) -> None:
    async with gateway(cluster, 0) as one:
        assert (await one.get(name)).json()["error"]["code"] == "response_not_found"
