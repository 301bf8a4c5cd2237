"""Fixtures of the benchmarks: one real Kafka for all of them, and a place to print."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest_asyncio
import uvloop

from libs.adapters.kafka_topics import ensure_topics
from libs.runtime.settings import BusSettings
from libs.testing.native_kafka import native_kafka


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Measure on the event loop that the product runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka() -> AsyncIterator[BusSettings]:
    """A native Apache Kafka with the fleet's topics."""
    async with native_kafka() as broker:
        settings = BusSettings(kafka_url=f"kafka://{broker.bootstrap}")
        await ensure_topics(settings)
        yield settings
