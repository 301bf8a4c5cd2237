"""After an erasure no byte of the person's content is in any store's files; in Postgres there never was one."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from libs.adapters.valkey.deltas.wire import stream_key
from libs.contracts.record import Record
from libs.embedded.postgres import Postgres
from libs.testing.stores import running, throw_away_folders, valkey
from tests.support.command_line import moe_here
from tests.support.journal.commands import OPENINGS, keep, request_of, variables, verified

pytestmark = pytest.mark.embedded
CANARY = "Kx7canaryQ9"
ADA, BOB = OPENINGS["ada"].response_id, OPENINGS["bob"].response_id


@pytest_asyncio.fixture
async def database() -> AsyncIterator[tuple[str, Path]]:
    """Yield the address of a Postgres that writes to its disk, and where its files are."""
    with throw_away_folders() as folders:
        async with running(Postgres(folders, durable=True)) as server:
            assert server.launch.gives.postgres_url is not None
            yield server.launch.gives.postgres_url, folders.home


async def flushed(url: str) -> asyncpg.Record:
    """Write everything to disk; return the wrapped keys that are there."""
    owner = await asyncpg.connect(url)
    rows = await owner.fetchrow("SELECT coalesce(array_agg(wrapped), '{}') AS keys FROM moe.subject_keys")
    await owner.execute("CHECKPOINT")
    await owner.close()
    assert rows is not None
    return rows


def files_with(needle: bytes, folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and needle in content_of(path)]


def content_of(path: Path) -> bytes:
    """Empty if the server has removed or renamed the file meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


async def values_with(needle: bytes, url: str) -> list[str]:
    """Keys of Valkey whose serialised values hold these bytes."""
    async with Redis.from_url(url) as client:
        keys = [stream_key(response_id) for response_id in (ADA, BOB)]
        return [key for key in keys if needle in (await client.dump(key) or b"")]


async def test_no_byte_is_left_anywhere(database: tuple[str, Path], signing_key: str, tmp_path: Path) -> None:
    (url, files), canary = database, CANARY.encode()
    records = request_of("ada", f"I am {CANARY}", signing_key, 0) + request_of("bob", "bob's words", signing_key, 50)
    broken = Record("moe.requests", 0, 900, 5, ADA.encode(), (), b"not json " + canary)
    async with valkey() as redis_url:
        await keep(url, signing_key, [*records, broken])
        async with Redis.from_url(redis_url) as client:
            for response_id in (ADA, BOB):
                await client.xadd(stream_key(response_id), {"d": f"{CANARY} of {response_id}"})
        keys = (await flushed(url))["keys"]
        assert files_with(ADA.encode(), files)  # the scan finds present text
        assert files_with(canary, files) == []
        assert len(await values_with(canary, redis_url)) == 2

        given = variables(url, signing_key) | {"REDIS_URL": redis_url}
        erased = moe_here(given, "erase", "--tenant", "acme", "--user", "ada", "--json")
        assert erased.returncode == 0, erased.stderr
        export = tmp_path / "acme.jsonl"
        assert moe_here(given, "audit", "export", "--tenant", "acme", "--out", str(export)).returncode == 0
        left = (await flushed(url))["keys"]
        assert await values_with(canary, redis_url) == [stream_key(BOB)]
    assert files_with(canary, files) == []
    assert canary not in export.read_bytes()
    assert verified(str(export))["without_content"] == 4
    gone = [key for key in keys if key not in left]
    assert len(gone) == 2  # hers, and that of the unreadable record
    tables = next(files.rglob("base"))
    assert all(files_with(key, tables) for key in left)
    assert [files_with(key, tables) for key in gone] == [[], []]
