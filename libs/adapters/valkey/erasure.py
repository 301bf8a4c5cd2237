"""Erases values and delta streams of a data subject from Valkey."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from redis.asyncio import Redis
from redis.exceptions import RedisError

from libs.adapters.valkey.deltas.wire import stream_key
from libs.adapters.valkey.held_keys import INDEX
from libs.core.clock import SystemClock
from libs.core.errors import Retryable
from libs.core.ids import accepted_at_of, is_response_id
from libs.ports.key_values import ERASED

_BATCH = 1000
_CLAIM = re.compile(rb"moe:repeat:[0-9a-f]{32}")
_CLAIMED_S = 24 * 3600
_WRITTEN_S = 3600  # no request runs for longer
_TIMEOUT_S = 5.0


class ValkeyUnavailable(Retryable):
    """Valkey cannot be reached."""

    code = "valkey_unavailable"


@dataclass(frozen=True, slots=True)
class ErasureCounts:
    """Deleted delta streams (`streams`) and key-value entries (`notes`)."""

    streams: int
    notes: int


async def erase_from_valkey(url: str, lists: Sequence[str], response_ids: Sequence[str]) -> ErasureCounts:
    """Delete the values on `lists`, and the delta streams of the responses.

    Raises ValkeyUnavailable. Idempotent: a value leaves its list only after its deletion.
    """
    try:
        async with Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S) as client:
            notes = sum([await _deleted_notes(client, each) for each in lists])
            deleted = await _deleted(client, map(stream_key, response_ids))
            await _closed(client, response_ids)
            return ErasureCounts(deleted, notes)
    except (RedisError, OSError, ValueError) as error:
        raise ValkeyUnavailable(f"REDIS_URL: {error or type(error).__name__}") from error


async def _deleted_notes(client: Redis, notes_of: str) -> int:
    deleted = 0
    while names := await client.zrange(notes_of, 0, _BATCH - 1):
        deleted += await client.delete(*names)
        for name in names:
            if isinstance(name, bytes) and _CLAIM.fullmatch(name):
                await client.set(name, ERASED, ex=_CLAIMED_S)
        await client.zrem(INDEX, notes_of, *names)
        await client.zrem(notes_of, *names)
    return deleted


async def _closed(client: Redis, response_ids: Iterable[str]) -> None:
    """Stores a value at the key of each stream that may still be written: no entry can be added to it."""
    since = SystemClock().now() - _WRITTEN_S
    for response_id in response_ids:
        if is_response_id(response_id) and accepted_at_of(response_id) > since:
            await client.set(stream_key(response_id), b"", ex=_WRITTEN_S)


async def _deleted(client: Redis, names: Iterable[str]) -> int:
    deleted, left = 0, iter(names)
    while batch := list(islice(left, _BATCH)):
        deleted += await client.delete(*batch)
    return deleted
