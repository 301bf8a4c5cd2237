"""Check of the stores: reachable, and as the fleet needs them."""

import logging
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from libs.adapters.kafka.topic_plan import Change
from libs.adapters.kafka.topics import BrokerUnavailable, topic_client
from libs.adapters.postgres.connection import connect
from libs.adapters.postgres.sessions import PostgresUnavailable, translated
from libs.contracts.catalogue import TOPICS
from libs.core.errors import ConfigurationError
from moe.cli.context.cli_context import CliContext
from moe.cli.doctor.findings import Finding

OLDEST_POSTGRES = 15
_VALKEY_TIMEOUT_S = 3.0


def not_set(area: str, variable: str, embedded: str) -> Finding:
    """Finding for a missing address."""
    text = f"{variable} is not set, and no fleet runs here"
    return Finding(area, "note", text, f"`moe up` starts {embedded}; for `moe serve` set the address of yours")


async def check_broker(place: CliContext) -> tuple[Finding, ...]:
    """Check the broker and its topics."""
    if not place.settings.kafka_url:
        return (not_set("broker", "KAFKA_URL", "a broker"),)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the error states it in one line
    try:
        connection = place.settings.connection
    except ConfigurationError:
        return ()  # another finding reports it
    address = connection.bootstrap
    try:
        async with topic_client(connection) as client:
            planned = await client.plan(TOPICS, None)
    except BrokerUnavailable as error:
        return (
            Finding("broker", "fail", f"no use of the broker at {address}: {error}", "start it, or correct KAFKA_URL"),
        )
    return (Finding("broker", "ok", f"{address} answers{_embedded(place, 'KAFKA_URL')}"), *_topics(planned))


def _topics(planned: Sequence[Change]) -> tuple[Finding, ...]:
    if not planned:
        return (Finding("topics", "ok", f"all {len(TOPICS)} match their declarations"),)
    missing = [change for change in planned if change.kind == "create"]
    if missing:
        names = ", ".join(change.topic.name for change in missing)
        return (Finding("topics", "fail", f"{len(missing)} are missing: {names}", "run `moe topics apply`"),)
    return (Finding("topics", "note", f"{len(planned)} differ from what is wanted", "see `moe topics plan`"),)


async def check_valkey(place: CliContext) -> tuple[Finding, ...]:
    if not (url := place.settings.redis_url):
        return (not_set("valkey", "REDIS_URL", "a Valkey"),)
    try:
        async with Redis.from_url(
            url, socket_timeout=_VALKEY_TIMEOUT_S, socket_connect_timeout=_VALKEY_TIMEOUT_S
        ) as client:
            await client.ping()
    except (RedisError, OSError, ValueError) as error:
        text = f"no answer: {' '.join(str(error).split())}"
        return (
            Finding(
                "valkey", "note", text, "answers come in one piece until it is back; start it or correct REDIS_URL"
            ),
        )
    return (Finding("valkey", "ok", f"answers{_embedded(place, 'REDIS_URL')}"),)


async def check_postgres(place: CliContext) -> tuple[Finding, ...]:
    if not place.settings.postgres_url:
        return (not_set("postgres", "POSTGRES_CHECKPOINT_URL", "a Postgres"),)
    try:
        version = await _postgres_version(place.settings.postgres_url)
    except (ConfigurationError, PostgresUnavailable) as error:
        return (Finding("postgres", "fail", str(error), "start it, or correct POSTGRES_CHECKPOINT_URL"),)
    if version < OLDEST_POSTGRES:
        return (Finding("postgres", "fail", f"version {version} answers", f"use version {OLDEST_POSTGRES} or newer"),)
    return (Finding("postgres", "ok", f"version {version} answers{_embedded(place, 'POSTGRES_CHECKPOINT_URL')}"),)


async def _postgres_version(url: str) -> int:
    with translated():
        connection = await connect(url)
        try:
            return connection.get_server_version().major
        finally:
            await connection.close()


def _embedded(place: CliContext, variable: str) -> str:
    return " (embedded)" if variable in place.given else ""
