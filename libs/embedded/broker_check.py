"""Readiness check of the embedded broker."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from libs.runtime.settings.kafka_connection import KafkaConnection

_TIMEOUT_S = 2.0


async def broker_answers(connection: KafkaConnection, cluster_id: str) -> bool:
    """True if the broker accepts the credentials, has this cluster id and lists itself as available."""
    host, _, port = connection.bootstrap.rpartition(":")
    if not await _accepts(host.strip("[]"), int(port)):  # avoids the client's error log for each refused connection
        return False
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await _describes(connection, cluster_id)
    except (KafkaError, TimeoutError, OSError):
        return False


async def _accepts(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _describes(connection: KafkaConnection, cluster_id: str) -> bool:
    client = AIOKafkaAdminClient(**connection.client_options(), request_timeout_ms=int(_TIMEOUT_S * 1000))
    try:
        await client.start()
        cluster = await client.describe_cluster()
    finally:
        await client.close()
    return cluster["cluster_id"] == cluster_id and bool(cluster["brokers"])
