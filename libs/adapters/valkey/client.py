"""Valkey clients with bounded connections and timeouts, without retries."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

# Errors of an unavailable store. redis-py's own TimeoutError is a RedisError.
STORE_UNAVAILABLE = (RedisError, OSError, TimeoutError)


def is_our_fault(error: BaseException) -> bool:
    """True if Valkey rejects a command or script as invalid.

    Its own states, such as OOM and READONLY, have other codes, whatever class redis-py maps them to.
    """
    return isinstance(error, ResponseError) and error.status_code == "ERR"


def valkey_client(url: str, timeout_s: float, connections: int) -> Redis:
    """Connects at its first use. Calls beyond `connections` wait for a connection.

    `timeout_s` bounds each of waiting, connecting and the call itself. Each use has its own client, so that slow
    key-value calls take no connection, and no time, from rate limits.
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
