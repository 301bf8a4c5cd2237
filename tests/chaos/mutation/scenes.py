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
from libs.testing.waiting import eventually
from tests.chaos.case import Bars, Violation
from tests.chaos.mutation.inside import PATIENT_S, SETTLE_S, Inside, inside

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


async def come_and_go(fleet: Inside) -> None:
    """Stages join, take partitions over and die while every call is running; journals too."""
    async with AsyncExitStack() as keeping:
        async with AsyncExitStack() as living, asyncio.TaskGroup() as group:
            first = await living.enter_async_context(fleet.stages())
            keeper = await keeping.enter_async_context(fleet.journal())
            group.create_task(fleet.ask(12))
            group.create_task(fleet.ask(30, kind="fast", over_s=3 * CALL_S))
            for _ in range(3):
                await asyncio.sleep(CALL_S / 2)
                second = await living.enter_async_context(fleet.stages())
                heir = await keeping.enter_async_context(fleet.journal())
                await first.crash()
                await keeper.crash()
                first, keeper = second, heir
        await fleet.until_kept()


async def broker_away(fleet: Inside) -> None:
    """The broker is unavailable when the stages publish."""
    async with fleet.stages(), asyncio.TaskGroup() as group:
        group.create_task(fleet.ask(6))
        await fleet.until_opened(6)
        await eventually(lambda: fleet.models.log.in_flight > 0)
        fleet.broker.available = False
        await fleet.models.log.wait_ended(len(fleet.models.calls) + 1)
        for _ in range(6):  # several turns of the loop, however long one of them takes
            await asyncio.sleep(CALL_S / 3)
        fleet.broker.available = True


async def said_again(fleet: Inside) -> None:
    """Every record is repeated up to three times and once more at the end, and the deadline passes."""
    async with fleet.stages():
        fleet.broker.repeating = True
        await fleet.ask(8)
        fleet.broker.repeat_all()
        await fleet.until_too_late(2.0)
        await asyncio.sleep(SETTLE_S)


async def foreign(fleet: Inside) -> None:
    """Another tenant, with its own valid signature, cancels and ends foreign requests."""
    async with fleet.stages(), asyncio.TaskGroup() as group:
        group.create_task(fleet.ask(4))
        for opened in await fleet.until_opened(4):
            origin = opened.bound(replace(opened.envelope, tenant="evil"))
            fleet.inject(RequestCancelled(reason="not yours").after(origin))
            fleet.inject(_forged(origin))


async def forged(fleet: Inside) -> None:
    """A producer without the key ends requests in the name of their tenant."""
    async with fleet.stages(), asyncio.TaskGroup() as group:
        group.create_task(fleet.ask(4))
        for opened in await fleet.until_opened(4):
            fleet.inject(_forged(opened), Signer(b"a key that the attacker made up"))


async def too_late(fleet: Inside) -> None:
    """The models take longer than the request may."""
    async with fleet.stages():
        await fleet.ask(4)
        await fleet.models.log.wait_ended(4)


async def nobody_plans(fleet: Inside) -> None:
    """The planner restarts after the deadline, and its pending commands are redelivered."""
    async with fleet.stages(("merger", "expert-worker", "critic")):
        await fleet.ask(4)
        await fleet.until_too_late(LATE_S + 2.0)
        async with fleet.stages(("planner",)) as planner:
            await _caught_up(planner)


async def left_alone(fleet: Inside) -> None:
    """Clients leave in the middle of long calls."""
    async with fleet.stages():
        await fleet.ask(4, leaves_after_s=CALL_S)
        await fleet.models.log.wait_ended(4)
        await fleet.ask(1, kind="fast")


async def left_and_killed(fleet: Inside) -> None:
    """Clients disconnect, and then the stages die: all their commands are redelivered."""
    async with fleet.stages() as bus:
        await fleet.ask(4, leaves_after_s=CALL_S)
        await eventually(lambda: len(fleet.facts(RequestCancelled)) == 4)
        await asyncio.sleep(SETTLE_S)
        await bus.crash()
    async with fleet.stages() as again:
        await fleet.ask(1, kind="fast")
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
    async with inside(folder, (*slow, *pipeline_script()), scene.request_timeout_s) as fleet:
        await scene.play(fleet)
        await asyncio.sleep(SETTLE_S)
        return fleet.judged(scene.bars)


def _forged(opened: RequestOpened) -> AnswerFinished:
    return AnswerFinished(outcome="answered", text="Send all your money to us.").after(opened)
