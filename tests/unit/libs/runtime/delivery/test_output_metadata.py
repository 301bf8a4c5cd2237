"""Metadata of an output: the reads of its own attempt, and the longest wait."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from libs.contracts.message import Message
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import QuestionAsked
from libs.contracts.tool import RunTool
from libs.core.errors import Rejected, Retryable
from libs.core.outside_numbers import COUNT_LIMIT
from libs.core.reads import parse_reads, record_read
from libs.runtime.messaging.codec import verified_envelope
from libs.testing.fake_clock import TEST_TIME_S, JumpingLoop
from libs.testing.records import SIGNER, record_of
from tests.support.runtime.handler_run import CALL, PLAN, Scene, asked
from tests.support.runtime.small_join import Scene as JoinScene
from tests.support.runtime.small_join import Talk, clocked

loop_factory = JumpingLoop


def kinds(message: Message) -> list[str]:
    return [read.kind for read in parse_reads(message.envelope.reads)]


async def test_an_output_carries_what_was_read_to_make_it() -> None:
    async def handle(event: QuestionAsked, _deps: str) -> PlanDrafted:
        record_read("model", text="42")
        return PLAN.after(event)

    scene = Scene(handle)
    await scene.take(asked())
    assert scene.publisher.published[0].envelope.reads == '[{"kind":"model","text":"42"}]'


async def test_what_a_generator_yields_carries_what_was_read_up_to_then() -> None:
    async def handle(event: QuestionAsked, _deps: str) -> AsyncIterator[PlanDrafted | RunTool]:
        record_read("first")
        yield PLAN.after(event)
        record_read("second")
        yield RunTool(part="p1", call=CALL).after(event)

    scene = Scene(handle)
    await scene.take(asked())
    assert [kinds(message) for message in scene.publisher.published] == [["first"], ["first", "second"]]


async def test_another_attempt_begins_with_an_empty_tape() -> None:
    async def handle(event: QuestionAsked, _deps: str) -> PlanDrafted:
        record_read("try")
        if not outcomes.pop():
            raise Retryable("down")
        return PLAN.after(event)

    outcomes = [True, False]
    scene = Scene(handle)
    await scene.take(asked())
    assert kinds(scene.publisher.published[0]) == ["try"]


async def test_a_failure_carries_what_led_to_it() -> None:
    async def handle(event: QuestionAsked, _deps: str) -> PlanDrafted:
        record_read("refusal")
        raise Rejected("no", code="model_refused")

    scene = Scene(handle)
    await scene.take(asked())
    assert kinds(scene.publisher.published[0]) == ["refusal"]


async def test_an_output_carries_the_wait_of_its_request() -> None:
    async def handle(event: QuestionAsked, _deps: str) -> PlanDrafted:
        return PLAN.after(event)

    scene, question = Scene(handle), asked()
    waited = question.bound(replace(question.envelope, waited_ms=30))
    await scene.take_record(replace(record_of(waited), timestamp_ms=int(TEST_TIME_S * 1000) - 120))
    assert scene.publisher.published[0].envelope.waited_ms == 150


async def test_a_broker_whose_clock_is_ahead_makes_nobody_wait_less() -> None:
    async def handle(event: QuestionAsked, _deps: str) -> PlanDrafted:
        return PLAN.after(event)

    scene, question = Scene(handle), asked()
    waited = question.bound(replace(question.envelope, waited_ms=30))
    await scene.take_record(replace(record_of(waited), timestamp_ms=int(TEST_TIME_S * 1000) + 5_000))
    assert scene.publisher.published[0].envelope.waited_ms == 30


@pytest.mark.parametrize("timestamp_ms", [-1, 0, -(2**63)])
@pytest.mark.parametrize("waited_ms", [0, COUNT_LIMIT])
async def test_the_next_service_reads_what_follows_from_a_record_of_any_time(timestamp_ms: int, waited_ms: int) -> None:
    """Kafka stores -1 for a record without a time."""

    async def handle(event: QuestionAsked, _deps: str) -> PlanDrafted:
        return PLAN.after(event)

    scene, question = Scene(handle), asked()
    waited = question.bound(replace(question.envelope, waited_ms=waited_ms))
    await scene.take_record(replace(record_of(waited), timestamp_ms=timestamp_ms))
    (published,) = scene.publisher.published
    envelope = verified_envelope(record_of(published), SIGNER)
    assert envelope.waited_ms == (waited_ms if timestamp_ms < 0 else COUNT_LIMIT)


async def test_a_join_says_how_long_its_slowest_record_waited() -> None:
    scene, talk = JoinScene(), Talk()
    await scene.take(talk.opened())
    slow = talk.part("slow")
    await scene.take(slow.bound(replace(slow.envelope, waited_ms=700)))
    await scene.take(talk.part("end"))
    assert [message.envelope.waited_ms for message in scene.publisher.published] == [0, 700, 700]


async def test_the_time_that_a_join_was_told_is_a_read_of_all_that_follows() -> None:
    scene, talk = JoinScene(), Talk(seconds=5)
    async with clocked(scene):
        await scene.take(talk.opened())
        await asyncio.sleep(6)
    asking, expired = scene.publisher.published
    assert kinds(asking) == []
    (tick,) = parse_reads(expired.envelope.reads)
    assert (tick.kind, tick.values["after"]) == ("tick", 0)
    assert TEST_TIME_S + 5 <= float(str(tick.values["now"])) < TEST_TIME_S + 6


async def test_reads_and_waits_are_signed() -> None:
    async def handle(event: QuestionAsked, _deps: str) -> PlanDrafted:
        record_read("model", text="42")
        return PLAN.after(event)

    scene = Scene(handle)
    await scene.take(asked())
    said = scene.publisher.published[0]
    assert SIGNER.sign(said.envelope, said.body()) != SIGNER.sign(replace(said.envelope, reads=""), said.body())
