"""Listening and connecting on IPv6 alone: a real Apache Kafka on [::1]."""

import pytest

from libs.adapters.kafka.topics import ensure_topics
from libs.contracts.catalogue import TOPICS
from libs.embedded import addresses
from libs.embedded.kafka import properties
from libs.runtime.settings import BusSettings
from libs.testing.native_kafka import native_kafka

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


async def test_topics_are_made_on_a_broker_that_listens_on_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (addresses, properties):
        monkeypatch.setattr(module, "LOOPBACK", "[::1]")
    async with native_kafka() as broker:
        assert broker.bootstrap.startswith("[::1]:")
        applied = await ensure_topics(BusSettings(kafka_url=f"kafka://{broker.bootstrap}"))
    assert {(each.change.topic, each.result) for each in applied} == {(topic, "done") for topic in TOPICS}
