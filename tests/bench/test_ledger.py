"""Cost of the ledger: CPU per message, and CPU for encoding a wide window into a commit.

Figures are printed beside their goals; only the outcome of the messages and the encoded text are judged.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable

import pytest
from aiokafka import ConsumerRecord

from libs.contracts.topics import PROGRESS
from libs.runtime.kafka.commits import interval_s
from libs.runtime.kafka.subscriber import record_of
from libs.runtime.ledger.intake import Intake
from libs.runtime.ledger.intervals import Intervals
from libs.runtime.ledger.metadata import MAX_METADATA_CHARS, decode, encode
from libs.runtime.ledger.partition import Progress
from libs.runtime.messaging.bus import Delivery, Subscription
from tests.bench.figures import Figures

GOAL_US = 100.0
MESSAGES = 20_000
ROUNDS = 5
GOAL_IN_PASSING = 0.05  # of a core, for telling any window
RAW = [ConsumerRecord(PROGRESS.name, 0, offset, 0, 0, b"key", b"{}", 0, 0, 0, ()) for offset in range(MESSAGES)]


async def process(delivery: Delivery) -> None:
    """Do nothing, in one turn of the loop, as a handler that waits for something does."""
    await asyncio.sleep(0)
    delivery.done()


def nothing() -> None:
    """Have no ledger."""


async def without(raw: Iterable[ConsumerRecord]) -> None:
    """Call the process for one record after the other, 64 at once."""
    slots = asyncio.Semaphore(64)

    async def one(delivery: Delivery) -> None:
        await process(delivery)
        slots.release()

    async with asyncio.TaskGroup() as group:
        for record in raw:
            await slots.acquire()
            group.create_task(one(Delivery(record_of(record), nothing)))


async def through(raw: Iterable[ConsumerRecord], *, ordered: bool = False) -> None:
    """Take the records through an intake, with a commit for every thousand of them."""
    errors: list[BaseException] = []
    intake = Intake(Subscription("bench", PROGRESS.name, process, ordered=ordered), errors.append)
    intake.ledgers.begin({0: Progress(0)})
    for number, record in enumerate(raw):
        await intake.accept(record_of(record))
        if number % 1000 == 0:
            commit(intake)
    await intake.until(lambda: intake.ledgers.reached({0: MESSAGES}))
    await intake.drain(1)
    assert errors == []


def commit(intake: Intake) -> None:
    due = intake.ledgers.due()
    for progress in due.values():
        encode(progress)
    intake.ledgers.confirm(due)


async def cpu_us(work: Callable[[], Awaitable[None]]) -> float:
    """CPU for one message: the best of some rounds, as everything else only adds to it."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        await work()
        best = min(best, time.process_time() - began)
    return best / MESSAGES * 1e6


async def test_what_the_ledger_costs_a_message(figures: Figures) -> None:
    plain = await cpu_us(lambda: without(RAW))
    any_order = await cpu_us(lambda: through(RAW))
    in_order = await cpu_us(lambda: through(RAW, ordered=True))
    print(f"\nCPU for a message: {plain:.1f} us in a bare task, {any_order:.1f} through the ledger, ", end="")
    print(f"{in_order:.1f} in order per key")
    figures.add("ledger, overhead for a message", in_order - plain, "us", f"< {GOAL_US:g}")


def window(width: int, share: float) -> Progress:
    """Window in which this share of the offsets is finished, anyhow."""
    choice, intervals = random.Random(1), Intervals()
    for offset in range(1, width):
        if choice.random() < share:
            intervals.add(offset, offset + 1)
    return Progress(0, intervals.listed())


@pytest.mark.parametrize(
    ("width", "share"), [(1000, 0.9), (10_000, 0.99), (26_000, 0.5), (100_000, 0.99), (100_000, 0.5), (500_000, 0.99)]
)
def test_what_telling_a_window_costs_of_the_interval_between_two_commits(width: int, share: float) -> None:
    progress = window(width, share)
    began = time.process_time()
    text = encode(progress)
    encoded = time.process_time()
    read = decode(0, text)
    decoded = time.process_time()
    told = read[-1][1] if read else 0
    spent = (encoded - began) / interval_s(len(progress.finished))
    print(
        f"\n{width:7} offsets, {share:.0%} done: {len(progress.finished):6} intervals, {len(text):4} characters", end=""
    )
    print(
        f" tell {told:6} in {(encoded - began) * 1e3:5.1f} ms ({spent:.1%} of a core, goal < {GOAL_IN_PASSING:.0%}), ",
        end="",
    )
    print(f"read in {(decoded - encoded) * 1e3:4.1f} ms")
    assert len(text) <= MAX_METADATA_CHARS
