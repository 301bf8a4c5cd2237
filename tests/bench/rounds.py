"""One round of each figure of a route. Answers are judged, times never."""

import asyncio
import re
import time
from dataclasses import dataclass

from tests.support.measured_path import WITHIN_S, Way, asked_at_once
from tests.support.raw_client import RawClient, Told, connected

AT_ONCE = 100  # simultaneous streams: memory that remains is measured, not the peak of a flood
SHORT, LONG = 50, 2000  # words of the two streams whose difference gives the CPU of a frame
SPOKEN_S = 5  # how long a stream of a reader's pace lasts
PACED = f"words-{50 * SPOKEN_S}-20"
_WORD = re.compile(rb'"content": ?"word(\d+) "')


@dataclass(frozen=True)
class Rate:
    """Requests answered, and the seconds of the clock and of the server's CPU that they took."""

    requests: int
    took_s: float
    cpu_s: float

    @property
    def a_second(self) -> float:
        return self.requests / self.took_s

    @property
    def a_cpu_second(self) -> float:
        return self.requests / self.cpu_s


@dataclass(frozen=True)
class Idle:
    """Resident memory without open streams, and its growth with them, in bytes."""

    before: int
    grown: int


@dataclass(frozen=True)
class Paced:
    """Streams of 50 words a second: the longest gap of each, in seconds, and the cores that all of them took."""

    gaps: list[float]
    cores: float

    @property
    def streams_a_core(self) -> float:
        return len(self.gaps) / self.cores


async def rate(way: Way, connections: int, each: int) -> Rate:
    """Send requests for whole answers as fast as they return."""
    cpu, began = way.cpu_s(), time.perf_counter()
    told = await asked_at_once(way.process.port, way.request("whole"), connections, each)
    took = time.perf_counter() - began
    await way.quiet()  # records follow their answers; a release that defers them would look cheaper
    assert all(one.status == 200 and b"Eight words are enough" in one.data for one in told)
    return Rate(len(told), took, way.cpu_s() - cpu)


async def frame_us(way: Way, streams: int) -> float:
    """CPU of a frame in microseconds: the difference between a longer and a shorter stream."""
    short, long = [await _stream_cpu_s(way, streams, words) for words in (SHORT, LONG)]
    return (long - short) / (LONG - SHORT) * 1_000_000


async def paced(way: Way, streams: int) -> Paced:
    """Open concurrent streams of 50 words a second each."""
    before = way.cpu_s()
    told = await asked_at_once(way.process.port, way.request(PACED, stream=True), streams, 1)
    assert all(is_spoken(one, 50 * SPOKEN_S) for one in told)
    return Paced([one.longest_gap for one in told], (way.cpu_s() - before) / SPOKEN_S)


async def idle(way: Way, streams: int) -> Idle:
    """Open streams that send one word and then nothing; close them again."""
    before = way.process.rss_bytes()
    loop = asyncio.get_running_loop()
    clients: list[RawClient] = []
    asking: list[asyncio.Task[Told]] = []
    async with asyncio.timeout(WITHIN_S):
        while len(clients) < streams:  # the server closes connections that send no request for some seconds
            some = [await connected(way.process.port) for _ in range(AT_ONCE)]
            clients += some
            asking += [loop.create_task(client.ask(way.request("idle", stream=True))) for client in some]
            await asyncio.gather(*(client.first.wait() for client in some))
    grown = way.process.rss_bytes() - before
    for client in clients:
        client.close()
    ended = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(one, ConnectionError) and b"word0" in one.args[0] for one in ended)
    return Idle(before, grown)


def is_spoken(told: Told, words: int) -> bool:
    """Whether a stream brought all of its words in order, and its end."""
    numbers = [int(number) for number in _WORD.findall(told.data)]
    return numbers == list(range(words)) and b"data: [DONE]" in told.data


async def _stream_cpu_s(way: Way, streams: int, words: int) -> float:
    """CPU seconds of one of several concurrent streams."""
    before = way.cpu_s()
    told = await asked_at_once(way.process.port, way.request(f"words-{words}-2", stream=True), streams, 1)
    await way.quiet()
    assert all(is_spoken(one, words) for one in told)
    return (way.cpu_s() - before) / len(told)
