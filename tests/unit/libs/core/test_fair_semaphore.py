"""A few places that tenants share."""

import asyncio
from dataclasses import dataclass, field

import pytest

from libs.core.fair_semaphore import RECENT_S, FairSemaphore, TooManyWaiters


@dataclass
class Queue:
    """Callers that acquire a permit and hold it until released."""

    turns: FairSemaphore
    entered: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def come(self, *names: str) -> None:
        """Request one permit each; the tenant is the first letter of the name."""
        for name in names:
            self.tasks[name] = asyncio.get_running_loop().create_task(self._ask(name))
            await settled()

    async def leave(self, *names: str) -> None:
        for name in names:
            self.turns.release(name[0])
            await settled()

    async def _ask(self, name: str) -> None:
        try:
            await self.turns.acquire(name[0])
        except TooManyWaiters:
            self.refused.append(name)
        else:
            self.entered.append(name)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@dataclass
class Now:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


def queue(places: int, waiting: int, now: Now | None = None) -> Queue:
    return Queue(FairSemaphore(places, waiting, now or Now()))


async def test_a_tenant_that_is_alone_has_every_place() -> None:
    line = queue(4, 0)
    await line.come("a1", "a2", "a3", "a4", "a5")
    assert (line.entered, line.refused) == (["a1", "a2", "a3", "a4"], ["a5"])


async def test_what_lasts_long_leaves_places_to_who_may_come() -> None:
    line = Queue(FairSemaphore(4, 0, Now(), lasting=True))
    await line.come("a1", "a2", "a3", "a4", "b1")
    assert (line.entered, line.refused) == (["a1", "a2", "a3", "b1"], ["a4"])


async def test_of_one_tenant_who_waits_longest_is_next() -> None:
    line = queue(1, 4)
    await line.come("a1", "a2", "a3")
    await line.leave("a1", "a2")
    assert line.entered == ["a1", "a2", "a3"]


async def test_the_tenant_with_the_fewest_places_is_next() -> None:
    line = queue(2, 8)
    await line.come("a1", "a2", "a3", "a4", "b1")
    await line.leave("a1")
    assert line.entered == ["a1", "a2", "b1"]


async def test_half_of_the_places_stay_free_of_a_tenant_where_another_one_was_lately() -> None:
    line = queue(4, 8)
    await line.come("b1")
    await line.leave("b1")
    await line.come("a1", "a2", "a3", "b2")
    assert line.entered == ["b1", "a1", "a2", "b2"]


async def test_they_are_its_own_again_when_nobody_else_has_come_for_long() -> None:
    now = Now()
    line = queue(4, 8, now)
    await line.come("b1")
    await line.leave("b1")
    now.at += RECENT_S + 1
    await line.come("a1", "a2", "a3", "a4")
    assert line.entered == ["b1", "a1", "a2", "a3", "a4"]


async def test_who_waits_while_places_are_kept_free_comes_in_when_one_of_its_own_ends() -> None:
    line = queue(4, 8)
    await line.come("b1", "a1", "a2", "a3")
    await line.leave("a1")
    assert line.entered == ["b1", "a1", "a2", "a3"]


async def test_a_full_wait_queue_is_shared_with_other_tenants() -> None:
    line = queue(1, 4)
    await line.come("a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3")
    assert line.refused == ["a5", "a4", "b3"]
    await line.leave("a1")
    assert line.entered == ["a1", "b1"]


async def test_who_is_cancelled_while_it_waits_has_no_place() -> None:
    line = queue(1, 4)
    await line.come("a1", "a2", "a3")
    line.tasks["a2"].cancel()
    await settled()
    await line.leave("a1")
    assert line.entered == ["a1", "a3"]


async def test_who_is_cancelled_as_its_turn_comes_gives_it_on() -> None:
    line = queue(1, 4)
    await line.come("a1", "a2", "a3")
    line.turns.release("a")
    line.tasks["a2"].cancel()
    await settled()
    assert line.entered == ["a1", "a3"]


async def test_a_place_is_given_back_by_a_call_that_fails() -> None:
    line = queue(1, 0)
    with pytest.raises(KeyError):
        async with line.turns.permit("a"):
            raise KeyError
    await line.come("a1")
    assert line.entered == ["a1"]
