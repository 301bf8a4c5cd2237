"""Whether the duration of a key check reveals that a key exists: samples of both in turn, medians."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg

from libs.adapters.identity.postgres_directory import PostgresDirectory, directory_at
from libs.adapters.journal.pool import migrated
from libs.core.api_keys import digest_of, lookup_of, new_api_key
from libs.core.clock import SystemClock
from libs.ports.identity import Caller
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from libs.testing.keys import SIGNING_KEY
from libs.testing.stores import postgres
from tests.bench.figures import Figures

SAMPLES = 10_000
BLOCK = 200
MOST_APART = 0.05
SOON_S = 5  # when the keys that expire have done so
_ADD = """
INSERT INTO moe.api_keys (lookup, sha256, tenant, user_id, expires_at) VALUES ($1, $2, 'default', 'usr-1', $3)
"""


async def test_the_time_of_a_check_does_not_tell_whether_a_key_is_known(figures: Figures) -> None:
    known, expired, unknown = ([new_api_key() for _ in range(SAMPLES)] for _ in range(3))
    mistyped = [key[:-1] + ("a" if key[-1] != "a" else "b") for key in known]
    kinds = {"known": known, "unknown": unknown, "expired": expired, "mistyped": mistyped}
    async with postgres() as url:
        await migrated(url, SIGNING_KEY)
        ending = await _added(url, known, expired)
        async with _authenticator(url) as authenticator:
            while SystemClock().now() <= ending:  # noqa: ASYNC110 - by the clock of the wall, which timers do not follow
                await asyncio.sleep(0.1)
            assert all(authenticator.authenticate(key) for key in known)
            assert not any(authenticator.authenticate(key) for name in kinds if name != "known" for key in kinds[name])
            times = _times(authenticator.authenticate, kinds)
    told = ", ".join(f"{name} {statistics.median(each) / 1000:.2f} µs" for name, each in times.items())
    apart = {name: _apart(times["known"], times[name]) for name in kinds if name != "known"}
    print(f"\nkey check, medians of {SAMPLES:,} in turn: {told}; apart from known: {apart}")
    figures.add("key check, known and other keys apart", max(apart.values()), goal=f"<= {MOST_APART}", judged=False)


def _times(check: Callable[[str], Caller | None], kinds: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
    """Nanoseconds. The kinds alternate, in either order, so that noise affects all alike."""
    samples: dict[str, list[int]] = {name: [] for name in kinds}
    for number in range(SAMPLES):
        for name in kinds if number % 2 else reversed(list(kinds)):
            key = kinds[name][number]
            began = time.perf_counter_ns()
            check(key)
            samples[name].append(time.perf_counter_ns() - began)
    return samples


def _apart(ours: Sequence[int], theirs: Sequence[int]) -> float:
    """Relative difference of two kinds: the median over blocks.

    A shared processor has two speeds, and a median over all calls falls now on one, now on the other.
    """
    blocks = range(0, SAMPLES, BLOCK)
    ratios = [statistics.median(theirs[at : at + BLOCK]) / statistics.median(ours[at : at + BLOCK]) for at in blocks]
    return round(statistics.median(ratios) - 1, 4)


async def _added(url: str, known: Sequence[str], expired: Sequence[str]) -> float:
    """Put keys into the directory; return when the second kind has expired, in Unix seconds."""
    ending = datetime.fromtimestamp(SystemClock().now(), UTC) + timedelta(seconds=SOON_S)
    owner = await asyncpg.connect(url)
    await owner.execute("INSERT INTO moe.users (user_id, tenant, name) VALUES ('usr-1', 'default', 'bench')")
    await owner.execute("ALTER TABLE moe.api_keys DISABLE TRIGGER ALL")
    rows = [(lookup_of(key), digest_of(key), None) for key in known]
    await owner.executemany(_ADD, rows + [(lookup_of(key), digest_of(key), ending) for key in expired])
    await owner.close()
    return ending.timestamp()


@asynccontextmanager
async def _authenticator(url: str) -> AsyncIterator[PostgresDirectory]:
    """Yield the directory of a gateway that has read all keys."""
    authenticator = directory_at(url, SIGNING_KEY, StaticKeys.of({"bootstrap-key": owner_of("default")}))
    async with authenticator.watch as watch:
        async with asyncio.timeout(300):
            while not watch.loaded:  # noqa: ASYNC110 - the database notifies no task of this process
                await asyncio.sleep(0.01)
        yield authenticator
