"""Submissions are collected, handed over together, and each learns its own outcome."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

import pytest

from libs.core.batching import Batches, BatchLimits, Outcomes
from libs.core.errors import Rejected, Retryable, Unstorable
from libs.testing.waiting import waiting


class Recorder:
    """Records its batches; items that begin with `bad` are rejected, and a closed gate makes it wait."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()

    async def flush(self, items: Sequence[str]) -> Outcomes:
        self.batches.append(list(items))
        self.began.set()
        await self.gate.wait()
        return [Rejected(item) if item.startswith("bad") else None for item in items]


def batches_to(recorder: Recorder, limits: BatchLimits) -> Batches[str]:
    return Batches(recorder.flush, len, limits)


async def test_what_comes_together_leaves_together() -> None:
    recorder = Recorder()
    async with batches_to(recorder, BatchLimits()) as batches:
        await asyncio.gather(*(batches.submit(str(number)) for number in range(20)))
    assert recorder.batches == [[str(number) for number in range(20)]]


async def test_a_lone_item_leaves_when_its_patience_ends() -> None:
    recorder = Recorder()
    async with waiting(30), batches_to(recorder, BatchLimits(linger_s=0.01)) as batches:
        await batches.submit("alone")
    assert recorder.batches == [["alone"]]


async def test_a_batch_never_has_more_items_than_its_limit() -> None:
    recorder = Recorder()
    async with batches_to(recorder, BatchLimits(items=3)) as batches:
        await asyncio.gather(*(batches.submit(str(number)) for number in range(7)))
    assert [len(batch) for batch in recorder.batches] == [3, 3, 1]


async def test_a_batch_is_full_when_its_bytes_are() -> None:
    recorder = Recorder()
    async with batches_to(recorder, BatchLimits(size=10)) as batches:
        await asyncio.gather(*(batches.submit("x" * 6) for _ in range(4)))
    assert [len(batch) for batch in recorder.batches] == [2, 2]


async def test_each_submitter_learns_its_own_outcome() -> None:
    recorder = Recorder()
    async with batches_to(recorder, BatchLimits()) as batches:
        good, bad = await asyncio.gather(batches.submit("good"), batches.submit("bad 1"), return_exceptions=True)
    assert good is None
    assert isinstance(bad, Rejected)


async def test_a_flush_that_fails_fails_for_all_and_the_next_one_runs() -> None:
    calls: list[int] = []

    async def flush(items: Sequence[str]) -> Outcomes:
        calls.append(len(items))
        if len(calls) == 1:
            raise Retryable("away")
        return [None] * len(items)

    async with Batches(flush, len, BatchLimits()) as batches:
        first = await asyncio.gather(batches.submit("a"), batches.submit("b"), return_exceptions=True)
        assert [type(error) for error in first] == [Retryable, Retryable]
        await batches.submit("a")
    assert calls == [2, 1]


async def test_nobody_returns_before_the_flush_did() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    async with batches_to(recorder, BatchLimits(linger_s=0.001)) as batches, asyncio.TaskGroup() as group:
        submitted = group.create_task(batches.submit("a"))
        await recorder.began.wait()
        assert not submitted.done()
        recorder.gate.set()


async def test_only_so_many_wait_in_line() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    async with batches_to(recorder, BatchLimits(items=1, waiting=2)) as batches, asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(batches.submit(str(number)))
        await recorder.began.wait()
        assert batches.waiting == 2
        recorder.gate.set()
    assert len(recorder.batches) == 5


async def test_a_cancelled_submitter_does_not_disturb_its_neighbours() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    async with batches_to(recorder, BatchLimits()) as batches, asyncio.TaskGroup() as group:
        leaving, staying = group.create_task(batches.submit("a")), group.create_task(batches.submit("b"))
        await recorder.began.wait()
        leaving.cancel()
        recorder.gate.set()
        await staying
    assert recorder.batches == [["a", "b"]]


async def test_closing_tells_everybody_who_waits() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    async with waiting(30):
        async with batches_to(recorder, BatchLimits(items=1, waiting=1)) as batches:
            queued = [asyncio.gather(batches.submit(str(number)), return_exceptions=True) for number in range(4)]
            await recorder.began.wait()
        outcomes = [(await one)[0] for one in queued]
    assert [type(outcome) for outcome in outcomes] == [Retryable] * 4


async def test_a_closed_writer_takes_nothing() -> None:
    batches = batches_to(Recorder(), BatchLimits())
    with pytest.raises(Retryable):
        await batches.submit("early")


class Picky:
    """Stores all items of a batch or none: it takes no `bad`, is away for `away`, and meets a bug in `bug`."""

    ERRORS: ClassVar[dict[str, type[Exception]]] = {
        "bad": Unstorable,
        "big": OverflowError,
        "bug": KeyError,
        "away": Retryable,
    }

    def __init__(self) -> None:
        self.stored: list[str] = []
        self.flushes = 0

    async def flush(self, items: Sequence[str]) -> Outcomes:
        self.flushes += 1
        for item in items:
            if (error := self.ERRORS.get(item.partition(" ")[0])) is not None:
                raise error(item)
        self.stored.extend(items)
        return [None] * len(items)


async def submitted(picky: Picky, items: Sequence[str]) -> list[type[BaseException] | None]:
    async with Batches(picky.flush, len, BatchLimits()) as batches:
        results = await asyncio.gather(*map(batches.submit, items), return_exceptions=True)
    return [None if result is None else type(result) for result in results]


@pytest.mark.parametrize(("item", "error"), [("bad 1", Unstorable), ("big 1", Unstorable), ("bug 1", KeyError)])
async def test_one_item_that_the_store_refuses_is_refused_alone(item: str, error: type[Exception]) -> None:
    picky, items = Picky(), [f"good {number}" for number in range(100)]
    outcomes = await submitted(picky, [*items[:37], item, *items[37:]])
    assert outcomes[37] is error
    assert [outcome for outcome in outcomes if outcome is not None] == [error]
    assert picky.stored == items
    assert picky.flushes < 20


async def test_many_refused_items_leave_all_others_stored() -> None:
    picky, items = Picky(), [f"{'bad' if number % 3 == 0 else 'good'} {number}" for number in range(60)]
    outcomes = await submitted(picky, items)
    assert [outcome is Unstorable for outcome in outcomes] == [item.startswith("bad") for item in items]
    assert picky.stored == [item for item in items if item.startswith("good")]


async def test_a_store_that_goes_away_in_between_refuses_nothing() -> None:
    assert await submitted(Picky(), ["good 1", "bad 1", "good 2", "away 1"]) == [Retryable] * 4
