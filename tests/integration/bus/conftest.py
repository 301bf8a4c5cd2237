"""A real broker for each module, and how long the bus waits for one that these tests know to be there."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from libs.adapters.kafka.topics import ensure_topics
from libs.runtime.kafka import bus, commits, producer
from libs.runtime.settings import BusSettings
from libs.testing.native_kafka import native_kafka

PATIENT_S = 5.0


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that pauses for a second must not look like an unavailable broker.

    Finished work must be committed when a test looks for it.
    """
    monkeypatch.setattr(commits, "COMMIT_TIMEOUT_S", PATIENT_S)
    monkeypatch.setattr(producer, "CLOSE_TIMEOUT_S", PATIENT_S)
    monkeypatch.setattr(bus, "LISTEN_TIMEOUT_S", 3 * PATIENT_S)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def settings() -> AsyncIterator[BusSettings]:
    """Run an Apache Kafka with the fleet's topics."""
    async with native_kafka() as started:
        settings = BusSettings(kafka_url=f"kafka://{started.bootstrap}")
        await ensure_topics(settings)
        yield settings
