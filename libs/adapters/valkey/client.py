"""Valkey for calls that somebody waits for: bounded in number and time, and never repeated by themselves.

Each use has a client of its own, so that slow notes take no connection, and no time, from the check of a limit.
"""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

# What a store that is away looks like. redis-py's own TimeoutError is a RedisError.
STORE_UNAVAILABLE = (RedisError, OSError, TimeoutError)


def is_our_fault(error: BaseException) -> bool:
    """Return whether Valkey calls a command or script wrong. Its own states, such as OOM and READONLY, have codes of
    their own, whatever class redis-py makes of them."""
    return isinstance(error, ResponseError) and error.status_code == "ERR"


def valkey_client(url: str, timeout_s: float, connections: int) -> Redis:
    """Return a client that connects at its first use. More calls at once than `connections` wait for a turn.

    `timeout_s` bounds each of waiting, connecting and the call itself.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        timeout=timeout_s,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        max_connections=connections,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)
