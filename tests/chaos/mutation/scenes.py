"""Short scenes in one process, each made to show the loss of certain guards. A sound product passes all of them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.runtime.memory import MemoryBus
from libs.runtime.messaging.signing import Signer
from libs.testing.model_server import PipelineOptions, pipeline_script
from tests.chaos.case import Bars, Violation
from tests.chaos.mutation.inside import PATIENT_S, SETTLE_S, Inside, eventually, inside

CALL_S = 0.3
LONG_S = 12.0  # a call that exceeds every timeout
STOP_S = 6.0  # a busy machine may take this long to cancel one
LATE_S = 4.0  # and this long to finish due work
CRASH = Bars(repeats=True)


@dataclass(frozen=True)
class Scene:
    """`play` does it; afterwards the checker speaks, with these bars. A request may take `request_timeout_s`."""

    play: Callable[[Inside], Awaitable[None]]
    bars: Bars
    request_timeout_s: float = 8.0
    call_s: float = CALL_S


async def come_and_go(house: Inside) -> None:
    """Stages join, take partitions over and die while every call is running; journals too."""
    async with AsyncExitStack() as keeping:
        async with AsyncExitStack() as living, asyncio.TaskGroup() as group:
            first = await living.enter_async_context(house.stages())
            keeper = await keeping.enter_async_context(house.journal())
            group.create_task(house.ask(12))
            group.create_task(house.ask(30, kind="fast", over_s=3 * CALL_S))
            for _ in range(3):
                await asyncio.sleep(CALL_S / 2)
                second = await living.enter_async_context(house.stages())
                heir = await keeping.enter_async_context(house.journal())
                await first.crash()
                await keeper.crash()
                first, keeper = second, heir
        await house.until_kept()


async def broker_away(house: Inside) -> None:
    """The broker is unavailable when the stages publish."""
    async with house.stages(), asyncio.TaskGroup() as group:
        group.create_task(house.ask(6))
        await house.until_opened(6)
        await eventually(lambda: house.models.log.in_flight > 0)
        house.broker.available = False
        await house.models.log.wait_ended(len(house.models.calls) + 1)
        for _ in range(6):  # several turns of the loop, however long one of them takes
            await asyncio.sleep(CALL_S / 3)
        house.broker.available = True


async def said_again(house: Inside) -> None:
    """Every record is repeated up to three times and once more at the end, and the deadline passes."""
    async with house.stages():
        house.broker.repeating = True
        await house.ask(8)
        house.broker.repeat_all()
        await house.until_too_late(2.0)
        await asyncio.sleep(SETTLE_S)


async def foreign(house: Inside) -> None:
    """Another tenant, with its own valid signature, cancels and ends foreign requests."""
    async with house.stages(), asyncio.TaskGroup() as group:
        group.create_task(house.ask(4))
        for opened in await house.until_opened(4):
            origin = opened.bound(replace(opened.envelope, tenant="evil"))
            house.inject(RequestCancelled(reason="not yours").after(origin))
            house.inject(_forged(origin))


async def forged(house: Inside) -> None:
    """A producer without the key ends requests in the name of their tenant."""
    async with house.stages(), asyncio.TaskGroup() as group:
        group.create_task(house.ask(4))
        for opened in await house.until_opened(4):
            house.inject(_forged(opened), Signer(b"a key that the attacker made up"))


async def too_late(house: Inside) -> None:
    """The models take longer than the request may."""
    async with house.stages():
        await house.ask(4)
        await house.models.log.wait_ended(4)


async def nobody_plans(house: Inside) -> None:
    """The planner restarts after the deadline, and its pending commands are redelivered."""
    async with house.stages(("merger", "expert-worker", "critic")):
        await house.ask(4)
        await house.until_too_late(LATE_S + 2.0)
        async with house.stages(("planner",)) as planner:
            await _caught_up(planner)


async def left_alone(house: Inside) -> None:
    """Clients leave in the middle of long calls."""
    async with house.stages():
        await house.ask(4, leaves_after_s=CALL_S)
        await house.models.log.wait_ended(4)
        await house.ask(1, kind="fast")


async def left_and_killed(house: Inside) -> None:
    """Clients disconnect, and then the stages die: all their commands are redelivered."""
    async with house.stages() as bus:
        await house.ask(4, leaves_after_s=CALL_S)
        await eventually(lambda: len(house.facts(RequestCancelled)) == 4)
        await asyncio.sleep(SETTLE_S)
        await bus.crash()
    async with house.stages() as again:
        await house.ask(1, kind="fast")
        await _caught_up(again)


async def _caught_up(bus: MemoryBus) -> None:
    """Wait until the planner has dealt with every command."""
    assert await bus.caught_up("planner", PATIENT_S)


SCENES = {
    "come-and-go": Scene(come_and_go, replace(CRASH, answered=42), request_timeout_s=20.0),
    "broker-away": Scene(broker_away, Bars(answered=6), request_timeout_s=15.0),
    "said-again": Scene(said_again, Bars(answered=8, race_s=1.0), request_timeout_s=12.0),
    "foreign": Scene(foreign, Bars(answered=4), request_timeout_s=15.0),
    "forged": Scene(forged, Bars(answered=4), request_timeout_s=15.0),
    "too-late": Scene(too_late, Bars(answered=0, stop_s=STOP_S), request_timeout_s=1.0, call_s=LONG_S),
    "nobody-plans": Scene(nobody_plans, Bars(answered=0, stop_s=1.0, slack_s=LATE_S), request_timeout_s=1.0),
    "left-and-killed": Scene(left_and_killed, replace(CRASH, stop_s=STOP_S), request_timeout_s=20.0, call_s=LONG_S),
    "left-alone": Scene(left_alone, Bars(stop_s=STOP_S), request_timeout_s=20.0, call_s=LONG_S),
}


async def judged(name: str, folder: Path) -> tuple[Violation, ...]:
    """Play a scene and return the checker's violations."""
    scene = SCENES[name]
    slow = [replace(rule, user="#slow") for rule in pipeline_script(PipelineOptions(delay_s=scene.call_s))]
    async with inside(folder, (*slow, *pipeline_script()), scene.request_timeout_s) as house:
        await scene.play(house)
        await asyncio.sleep(SETTLE_S)
        return house.judged(scene.bars)


def _forged(opened: RequestOpened) -> AnswerFinished:
    return AnswerFinished(outcome="answered", text="Send all your money to us.").after(opened)
