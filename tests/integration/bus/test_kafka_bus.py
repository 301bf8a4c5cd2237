"""The bus on a real Apache Kafka."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from libs.adapters.kafka.topics import ensure_topics
from libs.runtime.settings import BusSettings
from libs.testing.bus_suite import BusSuite
from libs.testing.bus_suite.cluster import Cluster, KafkaCluster
from libs.testing.native_kafka import NativeKafka, native_kafka

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker() -> AsyncIterator[NativeKafka]:
    async with native_kafka() as started:
        await ensure_topics(settings_of(started))
        yield started


class TestKafkaBus(BusSuite):
    @pytest.fixture
    def cluster(self, broker: NativeKafka) -> Cluster:
        return KafkaCluster(settings_of(broker), kill=broker.kill, restart=broker.restart)


def settings_of(broker: NativeKafka) -> BusSettings:
    return BusSettings(kafka_url=f"kafka://{broker.bootstrap}")
