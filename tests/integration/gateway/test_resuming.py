"""A response outlives the gateway that opened it: any instance serves its status and resumes its stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.envelope import Envelope
from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.contracts.question import QuestionAsked
from libs.core.ids import new_response_id
from libs.core.subjects import pseudonym
from libs.ports.deltas import Delta
from libs.testing.keys import SIGNING_KEY, every_root
from services.gateway.replies.pending_replies import MAX_FOLLOWERS
from tests.support.cluster import THEIRS, Cluster, Gateway, gateway, opened, question, started
from tests.support.gateway import PARTITION, answered, failed, open_gateway, pieces
from tests.support.sse import Event, Stream, events_of, read_stream

WORDS = ["Water ", "boils ", "earlier ", "on ", "mountains."]
TEXT = "".join(WORDS)


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


@asynccontextmanager
async def streaming(instance: Gateway) -> AsyncIterator[httpx.Response]:
    async with instance.client.stream("POST", "/v1/chat/completions", json=question("Why?", stream=True)) as response:
        yield response


async def told(cluster: Cluster, cause: Message, words: list[str]) -> None:
    for delta in (Delta("promote", "p1.aa"), *pieces("p1.aa", words)):
        await cluster.deltas.append(cause.envelope.response_id, delta)


async def events_until(response: httpx.Response, text: str) -> list[Event]:
    seen = Stream()
    async for event in events_of(response):
        seen.events.append(event)
        if seen.text == text:
            return seen.events
    raise AssertionError(f"the stream ended with {seen.text!r}")


async def resumed(instance: Gateway, event_id: str) -> Stream:
    path = f"/v1/responses/{event_id.partition('/')[0]}?stream=true"
    async with instance.client.stream("GET", path, headers={"last-event-id": event_id}) as response:
        assert response.status_code == 200, await response.aread()
        return await read_stream(response)


async def test_a_stream_whose_gateway_died_goes_on_exactly_where_it_broke_off(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second, streaming(first) as response:
        request = await opened(cluster)
        await told(cluster, request, WORDS[:2])
        seen = await events_until(response, "Water boils ")
        await first.bus.crash()
        rest = started(resumed(second, seen[-1].id))
        await told(cluster, request, WORDS)
        await cluster.finish(request, answered(TEXT))
        stream = await rest
    assert stream.text == "earlier on mountains."
    assert stream.done
    numbers = [int(event.id.split("/")[1]) for event in [*seen, *stream.events]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {"role": "assistant", "content": ""} not in stream.deltas


@pytest.mark.parametrize("away", [False, True])
async def test_what_ended_meanwhile_comes_in_one_piece(cluster: Cluster, *, away: bool) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second, streaming(first) as response:
        request = await opened(cluster)
        await told(cluster, request, WORDS[:3])
        seen = await events_until(response, "Water boils earlier ")
        await first.bus.crash()
        await cluster.finish(request, answered(TEXT))
        cluster.deltas.away = away
        stream = await resumed(second, seen[-1].id)
    assert (stream.text, stream.done, stream.finish_reasons) == ("on mountains.", True, ["stop"])


async def test_a_client_that_has_everything_gets_the_end_alone(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second, streaming(first) as response:
        request = await opened(cluster)
        await cluster.finish(request, answered(TEXT))
        whole = await read_stream(response)
        stream = await resumed(second, whole.events[-1].id)
    assert (stream.text, stream.done) == ("", True)


async def test_the_gateway_that_opened_it_takes_it_up_as_well(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, streaming(first) as response:
        request = await opened(cluster)
        await told(cluster, request, WORDS[:1])
        seen = await events_until(response, "Water ")
        rest = started(resumed(first, seen[-1].id))
        await told(cluster, request, WORDS)
        await cluster.finish(request, answered(TEXT))
        assert (await rest).text == TEXT.removeprefix("Water ")


async def test_who_leaves_a_resumed_stream_cancels_nothing(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second, streaming(first) as response:
        request = await opened(cluster)
        path = f"/v1/responses/{request.envelope.response_id}?stream=true"
        async with second.client.stream("GET", path) as other:
            await anext(other.aiter_lines())
        await told(cluster, request, WORDS)
        await cluster.finish(request, answered(TEXT))
        assert (await read_stream(response)).text == TEXT


async def test_another_text_than_the_one_that_was_sent_is_never_spliced_in(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second, streaming(first) as response:
        request = await opened(cluster)
        await told(cluster, request, WORDS[:2])
        seen = await events_until(response, "Water boils ")
        await cluster.finish(request, answered("Steam boils at the same temperature."))
        cluster.deltas.written.clear()
        stream = await resumed(second, seen[-1].id)
    assert [error["code"] for error in stream.errors] == ["stream_diverged"]
    assert (stream.text, stream.done) == ("", False)


async def test_an_event_id_of_another_response_is_refused(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first:
        asked = started(first.ask())
        response_id = (await opened(cluster)).envelope.response_id
        wrong = await first.get(response_id, "?stream=true&starting_after=chatcmpl-0/1/2/00000000")
        await cluster.finish(await opened(cluster), answered(TEXT))
        await asked
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "starting_after")


@pytest.mark.parametrize("ordinal", [0, 1])
async def test_every_instance_tells_how_a_response_stands(cluster: Cluster, ordinal: int) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        teller = (first, second)[ordinal]
        asked = started(first.ask())
        request = await opened(cluster)
        response_id = request.envelope.response_id
        before = (await teller.get(response_id)).json()
        await cluster.finish(request, answered(TEXT))
        await asked
        after = (await teller.get(response_id)).json()
    assert (before["status"], before["output"]) == (("in_progress", "queued")[ordinal], [])
    assert "usage" not in before
    assert (after["id"], after["object"], after["status"]) == (response_id, "response", "completed")
    assert after["output"][0]["content"][0]["text"] == after["output_text"] == TEXT
    usage = after["usage"]
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (30, 12, 42)
    assert after["model"] == "moe-orchestrator"


async def test_an_id_that_nobody_had_takes_no_place_of_those_that_come_back() -> None:
    async with open_gateway() as harness:
        pending_replies, never = harness.fleet.pending_replies, new_response_id(PARTITION, 1_790_000_000.0)
        with ExitStack() as visits:
            for _ in range(MAX_FOLLOWERS):
                visits.enter_context(pending_replies.follow(never, "default"))
            answer = await harness.client.get(f"/v1/responses/{never}?stream=true")
    assert answer.status_code == 404


async def test_a_failure_is_told_as_one(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first:
        asked = started(first.ask())
        request = await opened(cluster)
        await cluster.finish(request, failed("model_unavailable", "No model answers."))
        await asked
        told_as = (await first.get(request.envelope.response_id)).json()
    error = told_as["error"]
    assert (told_as["status"], error["code"], error["type"]) == ("failed", "server_error", "model_unavailable")
    assert told_as["output"] == []


async def test_the_first_end_is_the_answer_for_good(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        asked = started(first.ask())
        request = await opened(cluster)
        await cluster.finish(request, answered("first"))
        await cluster.finish(request, answered("second"))
        assert (await asked).json()["choices"][0]["message"]["content"] == "first"
        response_id = request.envelope.response_id
        assert [(await each.get(response_id)).json()["output_text"] for each in (first, second)] == ["first"] * 2
        assert (await resumed(second, f"{response_id}/1/0/00000000")).text == "first"


async def test_somebody_elses_response_looks_like_one_that_never_was(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        asked = started(first.ask())
        request = await opened(cluster)
        response_id = request.envelope.response_id
        never = f"{response_id[:-4]}{'0000' if response_id[-4:] != '0000' else '1111'}"
        theirs = {"authorization": f"Bearer {THEIRS}"}
        answers: list[httpx.Response] = []
        paths = (response_id, f"{response_id}?stream=true", never, "chatcmpl-nonsense", "x")
        for client in (first.client, second.client):
            answers += [await answer_or_begin(client, f"/v1/responses/{path}", theirs) for path in paths]
        if all(answer.status_code == 404 for answer in answers):  # else it would wait for the end
            both = (first.client, second.client)
            answers += [await client.post(f"/v1/responses/{response_id}/cancel", headers=theirs) for client in both]
        await cluster.finish(request, answered(TEXT))
        assert (await asked).status_code == 200
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


async def answer_or_begin(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> httpx.Response:
    """Refusal, or the head of what may be a stream without end."""
    async with client.stream("GET", path, headers=headers) as response:
        if response.is_error:
            await response.aread()
        return response


async def test_another_tenants_end_does_not_answer_a_request(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first:
        asked = started(first.ask())
        request = await opened(cluster)
        forged = AnswerFinished(outcome="answered", text="forged").after(request)
        await cluster.fleet.publish(forged.bound(_of_tenant(forged, "other")))
        await cluster.finish(request, answered(TEXT))
        assert (await asked).json()["choices"][0]["message"]["content"] == TEXT


def _of_tenant(message: Message, tenant: str) -> Envelope:
    return replace(message.envelope, tenant=tenant)


async def test_a_stopping_gateway_says_how_to_go_on_and_another_one_does(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.gateway.admission.queue.CLOSING_S", 20.0)
    async with gateway(cluster, 1) as second:
        async with gateway(cluster, 0) as first:
            reading = started(_whole_stream(first))
            request = await opened(cluster)
            await told(cluster, request, WORDS[:2])
        broken = await reading
        await cluster.finish(request, answered(TEXT))
        rest = await resumed(second, broken.events[-1].id)
    assert [error["code"] for error in broken.errors] == ["stopping"]
    assert f"GET /v1/responses/{request.envelope.response_id}?stream=true" in broken.errors[0]["message"]
    assert (broken.text + rest.text, rest.done) == (TEXT, True)


async def _whole_stream(instance: Gateway) -> Stream:
    async with streaming(instance) as response:
        return await read_stream(response)


async def test_every_message_of_a_request_names_its_persons_by_pseudonyms(cluster: Cluster) -> None:
    async with gateway(cluster, 0, None, **every_root(SIGNING_KEY)) as instance:
        asked = [started(instance.ask(user="anna")), started(instance.ask())]
        await opened(cluster, 2)
        for request in cluster.all(RequestOpened):
            await cluster.finish(request, answered("Hi"))
        await asyncio.gather(*asked)
    asked_by = {message.envelope.subject for message in (*cluster.all(RequestOpened), *cluster.all(QuestionAsked))}
    owner = pseudonym(SIGNING_KEY, "default", "default")
    assert asked_by == {f"{owner}.{pseudonym(SIGNING_KEY, 'default', 'anna')}", owner}
