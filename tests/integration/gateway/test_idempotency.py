"""One Idempotency-Key, one answer: repeated, attached to or rejected, on any instance, and never computed twice."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path

import httpx
import pytest

from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.core.ids import new_response_id
from libs.testing.fake_key_values import FakeKeyValues
from libs.testing.waiting import eventually
from services.gateway.domain.idempotency import IdempotencyRecord, fingerprint_of
from services.gateway.telemetry import FOLLOWERS
from tests.support.cluster import (
    ADA,
    BOB,
    OURS,
    THEIRS,
    Cluster,
    Gateway,
    gateway,
    opened,
    question,
    started,
    with_key,
)
from tests.support.gateway import answered, failed

TEXT = "Water boils earlier on mountains."
ANSWER = answered(TEXT)


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


async def ask(
    instance: Gateway, text: str = "Why?", *, key: str = OURS, once: str = "k-1", **more: object
) -> httpx.Response:
    headers = {**with_key(key), "idempotency-key": once}
    return await instance.client.post("/v1/chat/completions", json=question(text, **more), headers=headers)


@pytest.mark.parametrize("stream", [False, True])
async def test_the_same_request_gets_the_same_answer_on_any_instance(cluster: Cluster, *, stream: bool) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        work = started(ask(first, stream=stream))
        await cluster.finish(await opened(cluster), ANSWER)
        one = await work
        others = [await ask(each, stream=stream) for each in (first, second)]
    for other in others:
        assert (other.status_code, other.content) == (200, one.content)
        assert other.headers["x-request-id"] == one.headers["x-request-id"]
        assert other.headers["content-type"] == one.headers["content-type"]
        assert other.headers["idempotent-replayed"] == "true"
    assert TEXT in one.text
    assert "idempotent-replayed" not in one.headers
    assert len(cluster.all(RequestOpened)) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_while_it_is_answered_a_repetition_attaches(cluster: Cluster, *, stream: bool) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        work = [started(ask(first, stream=stream))]
        request = await opened(cluster)
        work += [started(ask(second, stream=stream)) for _ in range(2)]
        await attached(2)
        await cluster.finish(request, ANSWER)
        bodies = {(await each).content for each in work}
    assert len(bodies) == len(cluster.all(RequestOpened)) == 1


async def attached(count: int) -> None:
    """Wait until so many clients follow a response that they did not open."""
    await eventually(lambda: FOLLOWERS._value.get() >= count, within_s=30)


@pytest.mark.parametrize("changed", [{"temperature": 0.5}, {"stream": True}, {"messages": question("No?")["messages"]}])
async def test_another_body_under_the_same_key_is_refused(cluster: Cluster, changed: dict[str, object]) -> None:
    async with gateway(cluster, 0) as instance:
        work = started(ask(instance))
        request = await opened(cluster)
        early = started(ask_changed(instance, changed))
        await first_of(asyncio.wait([early]), attached(1))
        waited = not early.done()
        await cluster.finish(request, ANSWER)
        await work
        late = await ask_changed(instance, changed)
    assert not waited, "a repetition with another body waits for the answer"
    for each in (await early, late):
        assert (each.status_code, each.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert len(cluster.all(RequestOpened)) == 1


async def ask_changed(instance: Gateway, changed: dict[str, object]) -> httpx.Response:
    body, headers = question("Why?") | changed, {"idempotency-key": "k-1"}
    return await instance.client.post("/v1/chat/completions", json=body, headers=headers)


@pytest.mark.parametrize("other", [BOB, THEIRS])
async def test_the_key_of_another_person_is_another_key(cluster: Cluster, other: str) -> None:
    notes = cluster.notes = WatchedNotes()
    async with gateway(cluster, 0) as instance:
        first = started(ask(instance, key=ADA))
        request = await opened(cluster)
        await cluster.finish(request, ANSWER)
        reply = await first
        notes.of_others = frozenset(notes.values)
        second = started(ask(instance, key=other))
        await first_of(notes.read.wait(), opened(cluster, 2))
        notes.away = notes.read.is_set()  # so that their reader waits until its time is over
        assert not notes.read.is_set(), "what was noted for another person was read"
        (later,) = [each for each in cluster.all(RequestOpened) if each.envelope.request != request.envelope.request]
        await cluster.finish(later, ANSWER)
        assert (await second).json()["id"] != reply.json()["id"]


class WatchedNotes(FakeKeyValues):
    """Store that signals when an entry of `of_others` is read."""

    def __init__(self) -> None:
        super().__init__()
        self.of_others: frozenset[str] = frozenset()
        self.read = asyncio.Event()

    async def get(self, name: str) -> bytes | None:
        if name in self.of_others:
            self.read.set()
        return await super().get(name)


async def first_of(*events: Coroutine[object, object, object]) -> None:
    """Wait for the first of the events."""
    waiting = [started(event) for event in events]
    try:
        await asyncio.wait(waiting, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_an_answer_that_is_an_error_is_repeated_as_it_was(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        work = started(ask(instance))
        await cluster.finish(await opened(cluster), failed("model_unavailable", "Away."))
        one, other = await work, await ask(instance)
    assert (one.status_code, other.status_code) == (503, 503)
    assert one.content == other.content


async def test_a_refused_request_is_not_repeated_but_asked_anew(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        refused = await ask(instance, "Why?", n=3)
        assert refused.status_code == 400
        work = started(ask(instance))
        await cluster.finish(await opened(cluster), ANSWER)
        assert (await work).status_code == 200


async def test_who_hangs_up_finds_the_answer_when_it_comes_back(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        headers = {"idempotency-key": "k-1"}
        body = question("Why?", stream=True)
        async with instance.client.stream("POST", "/v1/chat/completions", json=body, headers=headers):
            request = await opened(cluster)
        await cluster.finish(request, ANSWER)
        again = await ask(instance, stream=True)
    assert TEXT in again.text
    assert cluster.all(RequestCancelled) == []


async def test_a_request_whose_gateway_died_is_found_on_the_log(cluster: Cluster) -> None:
    async with gateway(cluster, 1) as second, gateway(cluster, 0) as first:
        started(ask(first)).add_done_callback(lambda work: work.exception())
        request = await opened(cluster)
        await first.bus.crash()
        nobody_is_alive(cluster)
        work = started(ask(second))
        await attached(1)
        await cluster.finish(request, ANSWER)
        reply = await work
    assert reply.json()["id"] == request.envelope.response_id


async def test_a_claim_whose_gateway_died_before_it_accepted_is_given_up(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        work = started(ask(instance, "Why not?"))  # whatever it was: its name in the store is what counts
        before = await opened(cluster)
        await cluster.finish(before, ANSWER)
        await work
        name = next(name for name in cluster.notes.values if "chatcmpl-" in name).rpartition(":chatcmpl-")[0]
        note = IdempotencyRecord(
            fingerprint_of("/v1/chat/completions", body_of("Why?")), new_response_id(0, 1_790_000_000.0)
        )
        await cluster.notes.put(name, note.note(), 60)
        work = started(ask(instance))
        await opened(cluster, 2)
        (request,) = [each for each in cluster.all(RequestOpened) if each.envelope.request != before.envelope.request]
        await cluster.finish(request, ANSWER)
        assert TEXT in (await work).text


def nobody_is_alive(cluster: Cluster) -> None:
    for name in [name for name in cluster.notes.values if "chatcmpl-" in name]:
        del cluster.notes.values[name]


def body_of(text: str) -> bytes:
    return httpx.Request("POST", "http://x", json=question(text)).content


async def test_without_a_store_for_claims_a_key_is_a_503_and_others_go_on(cluster: Cluster) -> None:
    cluster.notes.away = True
    async with gateway(cluster, 0) as instance:
        refused = await ask(instance)
        work = started(instance.ask())
        await cluster.finish(await opened(cluster), ANSWER)
        assert (await work).status_code == 200
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "idempotency_unavailable")
    assert len(cluster.all(RequestOpened)) == 1


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_what_is_no_key_is_a_400(cluster: Cluster, key: str) -> None:
    async with gateway(cluster, 0) as instance:
        assert (await ask(instance, once=key)).status_code == 400


async def test_notes_tell_nothing_of_what_was_asked_or_answered(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        work = started(ask(instance, "Secret question", once="secret-key"))
        await cluster.finish(await opened(cluster), answered("Secret answer"))
        await work
    kept = repr(cluster.notes.values).lower()
    assert kept
    assert "secret" not in kept


async def test_who_asked_in_the_background_is_told_where_it_is_now(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        body = {"model": "moe-orchestrator", "input": "Why?", "background": True}
        headers = {"idempotency-key": "k-1"}
        one, other = [await instance.client.post("/v1/responses", json=body, headers=headers) for _ in range(2)]
        await cluster.finish(await opened(cluster), ANSWER)
        await ended(instance, one.json()["id"])
        last = await instance.client.post("/v1/responses", json=body, headers=headers)
    assert one.json()["id"] == other.json()["id"] == last.json()["id"]
    assert one.json()["status"] in {"queued", "in_progress"}
    assert other.json()["status"] in {"queued", "in_progress"}
    assert last.json()["status"] == "completed"
    assert len(cluster.all(RequestOpened)) == 1


async def ended(instance: Gateway, response_id: str) -> None:
    async def completed() -> bool:
        return bool((await instance.get(response_id)).json()["status"] == "completed")

    await eventually(completed, within_s=30)
