import asyncio
from dataclasses import dataclass, field

import pytest

from libs.ports.deltas import Delta
from libs.runtime.messaging.delta_coalescer import FULL_BYTES, INTERVAL_S, DeltaCoalescer
from libs.testing.fake_clock import run_jumping


@dataclass
class TimedWriter:
    """Remembers when each delta was written; `takes_s` is how long the store needs."""

    takes_s: float = 0.0
    writes: list[tuple[float, Delta]] = field(default_factory=list)

    async def append(self, response_id: str, delta: Delta) -> None:
        self.writes.append((asyncio.get_running_loop().time(), delta))
        await asyncio.sleep(self.takes_s)

    def enqueue(self, response_id: str, delta: Delta) -> None:
        self.writes.append((asyncio.get_running_loop().time(), delta))

    @property
    def text(self) -> str:
        return "".join(delta.text for _, delta in self.writes)


async def every(pause_s: float, pieces: list[str], writer: TimedWriter) -> None:
    async with DeltaCoalescer(writer, "r", "p1.aa") as coalescer:
        for piece in pieces:
            coalescer.feed(piece)
            await asyncio.sleep(pause_s)


def test_the_first_piece_is_written_at_once() -> None:
    writer = TimedWriter()
    run_jumping(every(10.0, ["Hello"], writer))
    assert writer.writes == [(0.0, Delta("text", "p1.aa", 0, "Hello"))]


def test_pieces_that_come_quickly_leave_together_every_interval() -> None:
    writer = TimedWriter()
    run_jumping(every(0.005, ["ab"] * 20, writer))
    times = [at for at, _ in writer.writes]
    assert len(times) == 5
    assert times[:4] == pytest.approx([0.0, INTERVAL_S, 2 * INTERVAL_S, 3 * INTERVAL_S])
    assert writer.text == "ab" * 20


def test_every_offset_is_the_number_of_characters_before() -> None:
    writer = TimedWriter()
    run_jumping(every(0.005, ["ä€", "𝄞", "xyz"] * 10, writer))
    before = 0
    for _, delta in writer.writes:
        assert delta.offset == before
        before += len(delta.text)
    assert before == 60


def test_a_full_buffer_does_not_wait_for_the_interval() -> None:
    writer = TimedWriter()
    run_jumping(every(0.001, ["x", "y" * FULL_BYTES], writer))
    assert [at for at, _ in writer.writes] == pytest.approx([0.0, 0.001])


def test_fullness_is_counted_in_bytes() -> None:
    writer = TimedWriter()
    run_jumping(every(0.001, ["x", "€" * (FULL_BYTES // 3 + 1)], writer))
    assert [at for at, _ in writer.writes] == pytest.approx([0.0, 0.001])


def test_leaving_writes_the_rest_without_waiting_for_the_interval() -> None:
    writer = TimedWriter()

    async def scenario() -> float:
        async with DeltaCoalescer(writer, "r", "p1.aa") as coalescer:
            coalescer.feed("first")
            await asyncio.sleep(0.001)
            coalescer.feed(" last")
        return asyncio.get_running_loop().time()

    assert run_jumping(scenario()) == pytest.approx(0.001)
    assert writer.text == "first last"


def test_what_is_fed_while_the_store_is_slow_is_not_lost() -> None:
    writer = TimedWriter(takes_s=0.25)
    run_jumping(every(0.01, list("abcdefghij"), writer))
    assert writer.text == "abcdefghij"
    assert len(writer.writes) == 2


def test_feeding_never_waits_for_a_slow_store() -> None:
    writer = TimedWriter(takes_s=5.0)

    async def scenario() -> float:
        async with DeltaCoalescer(writer, "r", "p1.aa") as coalescer:
            for piece in "abc":
                coalescer.feed(piece)
                await asyncio.sleep(0)
            return asyncio.get_running_loop().time()

    assert run_jumping(scenario()) == 0.0


def test_leaving_with_an_error_drops_what_is_left() -> None:
    writer = TimedWriter()

    async def scenario() -> None:
        async with DeltaCoalescer(writer, "r", "p1.aa") as coalescer:
            coalescer.feed("first")
            await asyncio.sleep(0.001)
            coalescer.feed(" rest")
            raise ValueError("the model failed")

    with pytest.raises(ValueError, match="the model failed"):
        run_jumping(scenario())
    assert writer.text == "first"


def test_a_cancelled_stage_leaves_no_task_behind() -> None:
    writer = TimedWriter(takes_s=60.0)

    async def stage() -> None:
        async with DeltaCoalescer(writer, "r", "p1.aa") as coalescer:
            coalescer.feed("first")
            await asyncio.sleep(3600)

    async def scenario() -> tuple[float, int]:
        task = asyncio.get_running_loop().create_task(stage())
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return asyncio.get_running_loop().time(), len(asyncio.all_tasks())

    assert run_jumping(scenario()) == (1.0, 1)


def test_nothing_fed_is_nothing_written() -> None:
    writer = TimedWriter()
    run_jumping(every(0.1, ["", ""], writer))
    assert writer.writes == []
