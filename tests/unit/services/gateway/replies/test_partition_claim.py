"""Claiming a reply partition, and hearing of other claims in the order of the log."""

import asyncio

import pytest

from libs.contracts.reply_partition import ReplyPartitionTaken
from libs.core.errors import Retryable
from libs.core.ids import new_response_id, reply_partition_of
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.publisher import BusPublisher
from libs.testing.fake_clock import LoopClock, run_jumping
from libs.testing.records import SIGNER
from services.gateway.replies.partition_claim import PartitionClaim
from services.gateway.replies.pending_replies import PendingReplies
from tests.support.gateway import pending_replies_for


def hold_of(replies: PendingReplies) -> PartitionClaim:
    return PartitionClaim(5, replies, grace_s=30.0, clock=LoopClock())


def claim(hold: PartitionClaim) -> ReplyPartitionTaken:
    return ReplyPartitionTaken.by(hold.instance, 5, 0.0)


def other() -> ReplyPartitionTaken:
    return ReplyPartitionTaken.by("another gateway", 5, 0.0)


def test_a_claim_lies_on_the_partition_that_it_is_about() -> None:
    assert reply_partition_of(other().envelope.response_id) == 5


async def test_it_holds_from_its_own_claim_on() -> None:
    hold = hold_of(pending_replies_for(8))
    hold.observe(other())
    assert await hold() == "not_claimed"
    hold.observe(claim(hold))
    assert await hold() is None


async def test_its_own_claim_again_changes_nothing() -> None:
    hold = hold_of(pending_replies_for(8))
    hold.observe(claim(hold))
    hold.observe(claim(hold))
    assert await hold() is None


def test_who_lost_it_gives_up_when_open_requests_have_ended_or_their_time_is_over() -> None:
    async def given_up_after(leaves_at: float) -> float:
        bus, replies = MemoryBus(MemoryBroker()), pending_replies_for(8)
        async with hold_of(replies) as hold:
            await hold.acquire(BusPublisher(bus, SIGNER))
            hold.observe(claim(hold))
            with replies.pending(new_response_id(5, 0.0), "default"):
                hold.observe(other())
                await asyncio.wait([_begun(bus.failed)], timeout=leaves_at)
            await bus.failed.wait()
            return asyncio.get_running_loop().time()

    assert run_jumping(given_up_after(7.0)) == pytest.approx(7.0)
    assert run_jumping(given_up_after(90.0)) == pytest.approx(30.0)


def _begun(event: asyncio.Event) -> asyncio.Task[bool]:
    return asyncio.get_running_loop().create_task(event.wait())


def test_a_log_that_is_away_for_a_while_is_waited_for_and_no_longer() -> None:
    async def taken_after(away_s: float) -> float:
        broker = MemoryBroker(available=False)
        asyncio.get_running_loop().call_later(away_s, setattr, broker, "available", True)
        await hold_of(pending_replies_for(8)).acquire(BusPublisher(MemoryBus(broker), SIGNER))
        return asyncio.get_running_loop().time()

    assert run_jumping(taken_after(3.0)) == pytest.approx(3.0, abs=0.25)
    with pytest.raises(Retryable):
        run_jumping(taken_after(60.0))
