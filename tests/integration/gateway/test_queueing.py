"""Requests that wait for a permit of the fleet, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.ports.erasures import RequestRef
from libs.ports.quota import BudgetUnknown, QuotaRequest, Reservation
from libs.ports.unlimited_quota import UnlimitedQuota
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from libs.testing.waiting import eventually
from services.gateway.admission.queued_requests import QueueLimits, WaitingRequests
from services.gateway.domain.admission.shares import AdaptiveLimit, AdaptiveLimitConfig, Admission, Shares
from services.gateway.domain.request_limits import RequestLimits
from services.gateway.replies.pending_replies import PendingReplies
from tests.support.gateway import KEY, Fleet, GatewayHarness, answered, answering, cancelled, open_gateway

QUESTION: dict[str, object] = {
    "model": "moe-orchestrator",
    "messages": [{"role": "user", "content": "Hi"}],
    "stream": True,
}


def queueing_replies(permits: int, limits: QueueLimits | None = None) -> PendingReplies:
    admission = Admission(AdaptiveLimit(AdaptiveLimitConfig(ceiling=permits, target_ms=0)), Shares(headroom=0))
    limits = limits or QueueLimits(most=100)
    return PendingReplies(admission, waiting=WaitingRequests(limits, admission.beside(limits.most)))


async def echo(fleet: Fleet, question: QuestionAsked) -> None:
    await fleet.finish(question, answered(f"You said: {question.question.text}"))


def task_of(gateway: GatewayHarness, text: str = "Hi", **fields: object) -> asyncio.Task[httpx.Response]:
    return asyncio.get_running_loop().create_task(gateway.ask(text, **fields))


@asynccontextmanager
async def busy_gateway(
    limits: QueueLimits | None = None, **options: object
) -> AsyncIterator[tuple[GatewayHarness, Callable[[], Awaitable[None]]]]:
    """Run a gateway with one permit, which a request holds; yield what ends that request."""
    async with open_gateway(pending_replies=queueing_replies(1, limits), **options) as gateway:  # type: ignore[arg-type]
        first = task_of(gateway, "first")
        (question,) = await gateway.fleet.wait_for(QuestionAsked)

        async def finish() -> None:
            await gateway.fleet.finish(question, answered("done"))
            await first

        yield gateway, finish
        if not first.done():
            await finish()


async def waiting_in(gateway: GatewayHarness, count: int) -> None:
    await eventually(lambda: len(gateway.fleet.pending_replies.queue) == count, within_s=30)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_burst_is_answered_and_each_client_has_its_own_answer(stream: bool) -> None:
    async with open_gateway(echo, pending_replies=queueing_replies(4)) as gateway:
        responses = await asyncio.gather(*(gateway.ask(f"number {i}.", stream=stream) for i in range(40)))
        assert {each.status_code for each in responses} == {200}
        assert all(f"You said: number {i}." in each.text for i, each in enumerate(responses))
        assert (len(gateway.fleet.pending_replies.queue), gateway.fleet.pending_replies.in_flight) == (0, 0)


async def test_nothing_of_a_request_is_published_while_it_waits() -> None:
    async with busy_gateway() as (gateway, finish):
        waiting = task_of(gateway)
        await waiting_in(gateway, 1)
        assert len(gateway.fleet.all(RequestOpened)) == 1
        gateway.fleet.react = echo
        await finish()
        assert (await waiting).status_code == 200


async def test_a_client_that_leaves_while_it_waits_is_never_accepted() -> None:
    async with busy_gateway() as (gateway, finish):
        waiting = [task_of(gateway, stream=stream) for stream in (True, False)]
        await waiting_in(gateway, 2)
        for task in waiting:
            task.cancel()
        await waiting_in(gateway, 0)
        await finish()
        await eventually(lambda: gateway.fleet.pending_replies.in_flight == 0, within_s=30)
        assert len(gateway.fleet.all(RequestOpened)) == 1
        assert gateway.fleet.all(RequestCancelled) == []


@pytest.mark.parametrize(
    ("path", "body", "line"),
    [
        ("/v1/chat/completions", QUESTION, ": queue position 2"),
        ("/v1/responses", {"model": "moe-orchestrator", "input": "Hi", "stream": True}, ": queue position 2"),
        ("/v1/messages", {**QUESTION, "max_tokens": 100}, ": queue position 2"),
        ("/api/chat", QUESTION, ""),
        ("/api/generate", {"model": "moe-orchestrator", "prompt": "Hi"}, ""),
    ],
)
async def test_a_stream_begins_at_once_and_shows_its_position(path: str, body: dict[str, object], line: str) -> None:
    async with busy_gateway() as (gateway, finish):
        before = task_of(gateway)
        await waiting_in(gateway, 1)
        async with gateway.client.stream("POST", path, json=body) as response:
            assert response.status_code == 200
            lines = response.aiter_lines()
            first = await anext(lines)
            assert first == line if line else json.loads(first)["queue_position"] == 2
            gateway.fleet.react = echo
            await finish()
            rest = "\n".join([each async for each in lines])
        assert "You said" in rest
        assert (await before).status_code == 200


async def test_an_error_after_the_beginning_of_a_stream_is_an_event_of_it() -> None:
    async with busy_gateway() as (gateway, finish):
        waiting = task_of(gateway, stream=True)
        await waiting_in(gateway, 1)
        gateway.fleet.refusing = (RequestOpened,)
        await finish()
        response = await waiting
        assert response.status_code == 200
        assert '"code":"not_accepted"' in response.text
        assert "[DONE]" not in response.text


class CountedEntries(UnlimitedQuota):
    """Counts the requests for which something was reserved."""

    def __init__(self) -> None:
        self.count = 0

    async def reserve(self, request: QuotaRequest) -> Reservation:
        self.count += 1
        return await super().reserve(request)


async def test_nothing_is_reserved_for_what_the_queue_rejects_and_one_that_waits_is_reserved_once() -> None:
    metering = CountedEntries()
    counted = busy_gateway(QueueLimits(most=1), alter=lambda front: replace(front, quota=metering))
    async with counted as (gateway, finish):
        waiting = task_of(gateway)
        await waiting_in(gateway, 1)
        await eventually(lambda: metering.count == 2, within_s=30)
        assert (await gateway.ask()).status_code == 503
        assert metering.count == 2
        gateway.fleet.react = echo
        await finish()
        assert (await waiting).status_code == 200
        assert metering.count == 2


class OneEntry(CountedEntries):
    """Rejects every entry after the first one."""

    async def reserve(self, request: QuotaRequest) -> Reservation:
        if self.count:
            raise BudgetUnknown("the store of budgets is away")
        return await super().reserve(request)


async def test_a_request_whose_budget_is_unknown_leaves_the_queue_that_it_joined() -> None:
    metering = OneEntry()
    async with busy_gateway(alter=lambda front: replace(front, quota=metering)) as (gateway, _):
        assert (await gateway.ask()).status_code == 503
        assert len(gateway.fleet.pending_replies.queue) == 0


async def test_a_full_queue_rejects_with_retry_after() -> None:
    async with busy_gateway(QueueLimits(most=1)) as (gateway, finish):
        waiting = task_of(gateway)
        await waiting_in(gateway, 1)
        rejected = await gateway.ask()
        assert (rejected.status_code, rejected.json()["error"]["code"]) == (503, "overloaded")
        assert 1 <= int(rejected.headers["retry-after"]) <= 60
        gateway.fleet.react = echo
        await finish()
        assert (await waiting).status_code == 200


async def test_a_gateway_that_stops_rejects_what_waits() -> None:
    async with busy_gateway() as (gateway, _):
        whole, stream = task_of(gateway), task_of(gateway, stream=True)
        await waiting_in(gateway, 2)
        draining = asyncio.get_running_loop().create_task(gateway.fleet.pending_replies.drain(30))
        rejected, streamed = await asyncio.gather(whole, stream)
        assert (rejected.status_code, rejected.json()["error"]["code"]) == (503, "stopping")
        assert rejected.headers["retry-after"] == "1"
        assert '"code":"stopping"' in streamed.text
        draining.cancel()


async def test_a_request_whose_key_is_revoked_while_it_waits_is_not_answered() -> None:
    ring = StaticKeys.of({KEY: owner_of("default")})

    class Revocable:
        revoked = False

        def authenticate(self, key: str) -> object:
            return None if self.revoked else ring.authenticate(key)

    revocable = Revocable()
    async with busy_gateway(alter=lambda front: replace(front, authenticator=revocable)) as (gateway, finish):
        waiting = task_of(gateway)
        await waiting_in(gateway, 1)
        revocable.revoked = True
        assert (await waiting).status_code == 401
        await finish()
        assert len(gateway.fleet.all(RequestOpened)) == 1


async def test_an_erasure_ends_the_wait_of_its_request() -> None:
    async with busy_gateway() as (gateway, _):
        waiting = task_of(gateway)
        await waiting_in(gateway, 1)
        (ref,) = gateway.fleet.pending_replies.queue.refs()
        assert ref == RequestRef("default", ref.response_id, ref.subject)
        assert ref.subject
        gateway.fleet.pending_replies.queue.end_erased([ref])
        response = await waiting
        assert (response.status_code, response.json()["error"]["code"]) == (404, "erased")


async def test_the_time_in_the_queue_counts_against_the_deadline() -> None:
    async with busy_gateway(rules=RequestLimits(request_timeout_s=0.5)) as (gateway, _):
        response = await gateway.ask()
        assert response.status_code in {503, 504}
        assert len(gateway.fleet.all(RequestOpened)) == 1


async def test_a_stream_with_an_idempotency_key_waits_without_a_beginning() -> None:
    """Its answer may be that of another request with the same key, in which case it has another head."""
    async with busy_gateway() as (gateway, finish):
        headers = {"idempotency-key": "k1"}
        asking = gateway.client.post("/v1/chat/completions", json=QUESTION, headers=headers)
        waiting = asyncio.get_running_loop().create_task(asking)
        await waiting_in(gateway, 1)
        gateway.fleet.refusing = (RequestOpened,)
        await finish()
        assert (await waiting).status_code == 503


async def test_large_bodies_that_wait_are_bounded_together() -> None:
    async with busy_gateway(QueueLimits(most=100, body_bytes=3_000)) as (gateway, finish):
        waiting = task_of(gateway, "x" * 2_000)
        await waiting_in(gateway, 1)
        assert (await gateway.ask("x" * 2_000)).status_code == 503
        small = task_of(gateway)
        await waiting_in(gateway, 2)
        gateway.fleet.react = answering("ok")
        await finish()
        assert {each.status_code for each in await asyncio.gather(waiting, small)} == {200}
        assert cancelled(gateway) == []
