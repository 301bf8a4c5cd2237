"""The machine's clock steps by an hour, forwards or back: running work ends when it would have ended."""

import asyncio
from dataclasses import replace

import pytest

from libs.contracts.question import QuestionAsked
from libs.contracts.topics import RETRY_5S
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.outcomes import Stage
from libs.runtime.delivery.relay import Relay
from libs.runtime.delivery.retry_headers import RetryHeaders, to_retry_topic
from libs.runtime.messaging.bus import Delivery
from libs.runtime.watchdog.work import Watchdog, WatchdogTimeouts
from libs.testing.fake_clock import TEST_TIME_S, JumpingLoop, LoopClock
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, lying, record_of, request
from tests.support.runtime.handler_run import PLAN, QUESTION, Scene, Script
from tests.support.runtime.small_join import Scene as JoinScene
from tests.support.runtime.small_join import Talk, clocked

loop_factory = JumpingLoop
HOUR_S = 3600.0


def asked(seconds: float) -> QuestionAsked:
    return QuestionAsked(question=QUESTION).opening(request(deadline_at=TEST_TIME_S + seconds))


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
async def test_a_join_expires_after_its_time_whatever_the_clock_shows(step_s: float) -> None:
    scene, talk = JoinScene(), Talk(seconds=60)
    async with clocked(scene):
        await scene.take(talk.opened())
        await asyncio.sleep(20)
        scene.clock.step(step_s)
        await scene.take(talk.part("a"))  # its due time is looked at again
        await asyncio.sleep(39)
        assert scene.published == ["after opened", "after a"]
        await asyncio.sleep(2)
        assert scene.published == ["after opened", "after a", "expired"]


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
async def test_a_request_that_opens_after_a_step_has_all_of_its_time(step_s: float) -> None:
    scene, talk = JoinScene(), Talk(seconds=60 + step_s)
    async with clocked(scene):
        scene.clock.step(step_s)
        await scene.take(talk.opened())
        await asyncio.sleep(59)
        assert scene.published == ["after opened"]
        await asyncio.sleep(2)
        assert scene.published == ["after opened", "expired"]


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
async def test_work_that_began_in_time_is_published_and_work_that_is_late_is_not(step_s: float) -> None:
    async def compute(seconds: float) -> None:
        scene.clock.step(step_s)
        scene.clock.skip(seconds)

    scene = Scene(Script(lambda: compute(1.0)).handle)
    await scene.take(asked(60))
    assert (scene.publisher.messages, scene.failure_code) == ([scene.publisher.messages[0]], "")
    assert isinstance(scene.publisher.messages[0], type(PLAN))
    scene = Scene(Script(lambda: compute(61.0)).handle)
    await scene.take(asked(60))
    assert scene.failure_code == "deadline_exceeded"


async def test_a_retry_waits_no_longer_than_its_topic_says_when_the_clock_goes_back() -> None:
    clock, publisher, message = LoopClock(), FakePublisher(), asked(2 * HOUR_S)
    relay = Relay(Stage("merger", "ab" * 32), 5.0, RuntimeContext(SIGNER, publisher, clock))
    wait = RetryHeaders(RETRY_5S, 2, TEST_TIME_S - 1, TEST_TIME_S + 5)
    record = replace(lying(to_retry_topic(record_of(message), message, wait)), timestamp_ms=int(TEST_TIME_S * 1000))
    clock.step(-HOUR_S)
    await relay(Delivery(record, lambda: None))
    assert len(publisher.forwarded) == 1
    assert asyncio.get_running_loop().time() <= 6.0  # 5 s and a fifth


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
@pytest.mark.parametrize("kind", ["command", "fact"])
async def test_no_step_makes_work_stuck_or_hides_that_it_is(step_s: float, kind: str) -> None:
    failures: list[BaseException] = []
    clock = LoopClock()
    watchdog = Watchdog(failures.append, clock, WatchdogTimeouts(command_s=10, fact_s=40, fail_after_s=50))
    message = asked(30) if kind == "command" else Talk(seconds=30).opened()
    with watchdog.working(record_of(message)):
        clock.step(step_s)
        clock.skip(89)
        watchdog.check()
        assert failures == []
        clock.skip(2)
        watchdog.check()
        assert len(failures) == 1
