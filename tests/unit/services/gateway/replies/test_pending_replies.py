import asyncio
import gc
import weakref
from contextlib import ExitStack
from dataclasses import replace

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.core.ids import new_response_id
from libs.testing.fake_clock import run_jumping
from services.gateway.domain.admission.shares import AdaptiveLimit, AdaptiveLimitConfig, Admission, Shares
from services.gateway.domain.errors import RequestRefused
from services.gateway.replies.pending_replies import MAX_FOLLOWERS, Ending, PendingReplies
from tests.support.gateway import pending_replies_for

TENANT = "default"
R1, R2 = new_response_id(1, 1_700_000_000.0), new_response_id(1, 1_700_000_000.0)


def end(response_id: str, text: str = "") -> AnswerFinished:
    event = AnswerFinished(outcome="answered", text=text)
    return event.opening(Origin(response_id, TENANT))


async def test_an_end_reaches_its_own_request_and_the_first_one_wins() -> None:
    replies = pending_replies_for(8)
    with replies.pending(R1, TENANT) as first, replies.pending(R2, TENANT):
        replies.deliver(end(R1, "one"))
        replies.deliver(end(R1, "two"))
        first.resolve(Ending.CLIENT_GONE)
        assert await first.end() == end(R1, "one")


async def test_an_end_that_nobody_waits_for_is_ignored() -> None:
    replies = pending_replies_for(8)
    replies.deliver(end(R1))
    with replies.pending(R1, TENANT):
        pass
    replies.deliver(end(R1))
    assert replies.in_flight == 0


async def test_requests_over_the_limit_are_told_to_come_back() -> None:
    replies = pending_replies_for(1)
    with replies.pending(R1, TENANT), pytest.raises(RequestRefused) as caught, replies.pending(R2, TENANT):
        pass
    assert (caught.value.error.status, caught.value.error.retry_after_s) == (503, 1)
    with replies.pending(R2, TENANT):
        assert replies.in_flight == 1


def test_a_request_ends_by_itself_when_its_time_is_over() -> None:
    async def scenario() -> tuple[object, float]:
        with pending_replies_for(8).pending(R1, TENANT) as pending:
            pending.expire_in(605)
            return await pending.end(), asyncio.get_running_loop().time()

    assert run_jumping(scenario()) == (Ending.TIMED_OUT, 605)


async def test_a_request_that_left_is_not_kept_by_its_timer() -> None:
    replies = pending_replies_for(8)
    with replies.pending(R1, TENANT) as pending:
        pending.expire_in(605)
        kept = weakref.ref(pending)
    del pending
    gc.collect()
    assert kept() is None


def test_draining_refuses_new_requests_and_waits_for_open_ones() -> None:
    async def scenario() -> tuple[object, float]:
        loop, replies = asyncio.get_running_loop(), pending_replies_for(8)
        with replies.pending(R1, TENANT) as pending:
            draining = loop.create_task(replies.drain(10))
            await asyncio.sleep(1)
            with pytest.raises(RequestRefused), replies.pending(R2, TENANT):
                pass
            replies.deliver(end(R1, "in time"))
            answer = await pending.end()
        await draining
        return answer, loop.time()

    answer, at = run_jumping(scenario())
    assert (answer, at) == (end(R1, "in time"), 1)


def test_draining_ends_what_is_left_after_the_grace() -> None:
    async def scenario() -> tuple[object, float]:
        loop, replies = asyncio.get_running_loop(), pending_replies_for(8)
        with replies.pending(R1, TENANT) as pending:
            draining = loop.create_task(replies.drain(10))
            ending = await pending.end()
        await draining
        return ending, loop.time()

    assert run_jumping(scenario()) == (Ending.STOPPING, 10)


def test_draining_does_not_wait_for_ever() -> None:
    async def scenario() -> float:
        replies = pending_replies_for(8)
        with replies.pending(R1, TENANT):
            await replies.drain(10)
        return asyncio.get_running_loop().time()

    assert run_jumping(scenario()) == pytest.approx(10.5)


def test_an_idle_gateway_drains_at_once() -> None:
    async def scenario() -> float:
        await pending_replies_for(8).drain(10)
        return asyncio.get_running_loop().time()

    assert run_jumping(scenario()) == 0


def end_for(tenant: str) -> AnswerFinished:
    return AnswerFinished(outcome="answered", text=tenant).opening(Origin(R1, tenant))


async def test_an_end_of_another_tenant_is_none() -> None:
    replies = pending_replies_for(8)
    with replies.pending(R1, TENANT) as pending, replies.follow(R1, TENANT) as visitor:
        replies.deliver(end_for("other"))
        assert (pending.ended, visitor.ended) == (False, False)
        replies.deliver(end_for(TENANT))
        assert await pending.end() == await visitor.end() == end_for(TENANT)


async def test_who_comes_back_hears_the_end_and_takes_no_place_of_others() -> None:
    replies = pending_replies_for(1)
    with replies.pending(R1, TENANT), replies.follow(R1, TENANT) as one, replies.follow(R1, TENANT) as other:
        assert (replies.in_flight, replies.followers) == (1, 2)
        replies.deliver(end(R1, "for all"))
        assert await one.end() == await other.end() == end(R1, "for all")
    assert replies.followers == 0


async def test_no_tenant_that_comes_back_takes_the_places_of_others() -> None:
    replies = pending_replies_for(8, Shares())
    with ExitStack() as visits:
        for _ in range(MAX_FOLLOWERS - MAX_FOLLOWERS // 5):
            visits.enter_context(replies.follow(R1, TENANT))
        with pytest.raises(RequestRefused) as caught:
            visits.enter_context(replies.follow(R1, TENANT))
        with replies.follow(R2, "other"):
            assert (caught.value.error.status, caught.value.error.code) == (429, "rate_limit_exceeded")
    assert replies.followers == 0


async def test_an_open_request_is_known_to_its_tenant_until_it_ends() -> None:
    replies = pending_replies_for(8)
    request = RequestOpened(question=Question(text="Why?"), model="m", accepted_at=0.0)
    with replies.pending(R1, TENANT) as pending:
        assert replies.opened(R1, TENANT) is None
        pending.opened = request
        assert replies.opened(R1, TENANT) is request
        assert replies.opened(R1, "other") is None
        replies.deliver(end(R1))
        assert replies.opened(R1, TENANT) is None


async def test_closed_replies_admit_no_request_and_let_open_ones_continue() -> None:
    replies = pending_replies_for(8)
    with replies.pending(R1, TENANT) as pending:
        replies.close()
        with pytest.raises(RequestRefused) as caught, replies.pending(R2, TENANT):
            pass
        assert (caught.value.error.status, caught.value.error.code) == (503, "instance_replaced")
        assert not await replies.wait_idle(0)
        replies.deliver(end(R1, "still heard"))
        assert await pending.end() == end(R1, "still heard")
    assert await replies.wait_idle(0)


def test_the_limit_learns_from_the_waits_that_ends_tell() -> None:
    limit = AdaptiveLimit(AdaptiveLimitConfig(target_ms=100, start=64))
    replies = PendingReplies(Admission(limit, Shares(headroom=0)))

    async def scenario() -> None:
        ids = [new_response_id(1, 1_700_000_000.0) for _ in range(64)]
        with ExitStack() as opened:
            for response_id in ids:
                opened.enter_context(replies.pending(response_id, TENANT))
            await asyncio.sleep(2)
            for number, response_id in enumerate(reversed(ids)):
                replies.deliver(waited(response_id, 1900 + 100 * number))
                await asyncio.sleep(0.1)

    run_jumping(scenario())
    assert limit.value < 32


def waited(response_id: str, waited_ms: int) -> AnswerFinished:
    event = end(response_id)
    return event.bound(replace(event.envelope, waited_ms=waited_ms))
