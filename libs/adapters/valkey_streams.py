"""Deleting what Valkey still holds of responses."""

from collections.abc import Sequence
from itertools import islice

from redis.asyncio import Redis
from redis.exceptions import RedisError

from libs.adapters.valkey_deltas.wire import stream_key
from libs.core.errors import Retryable

_BATCH = 1000
_TIMEOUT_S = 5.0


class ValkeyUnavailable(Retryable):
    """Valkey cannot be reached."""

    code = "valkey_unavailable"


async def deleted_streams(url: str, response_ids: Sequence[str]) -> int:
    """Delete the streams of responses and return how many there were. Raises ValkeyUnavailable; may be repeated."""
    deleted = 0
    left = iter(response_ids)
    try:
        async with Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S) as client:
            while batch := [stream_key(response_id) for response_id in islice(left, _BATCH)]:
                deleted += await client.delete(*batch)
    except (RedisError, OSError, ValueError) as error:
        raise ValkeyUnavailable(f"REDIS_URL: the journal is erased, but not Valkey; run it again: {error}") from error
    return deleted
