"""The bus on the embedded broker: in memory, without idempotence, and it does not wake a fetch that waits."""

from collections.abc import AsyncIterator

import pytest

from libs.adapters.kafka.topics import ensure_topics
from libs.embedded.tansu import Tansu
from libs.runtime.settings import BusSettings
from libs.testing.bus_suite.cluster import Cluster, KafkaCluster
from libs.testing.bus_suite.delivering import Delivering
from libs.testing.bus_suite.durability import Durability
from libs.testing.bus_suite.sharing import Sharing
from libs.testing.bus_suite.tailing import Tailing
from libs.testing.stores import running, throw_away_folders

pytestmark = pytest.mark.embedded


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    with throw_away_folders() as folders:
        async with running(Tansu(folders)) as broker:
            address = f"kafka://{broker.launch.gives.kafka}"
            settings = BusSettings(
                kafka_url=address, fetch_wait_ms=1, fetch_pause_ms=20, idempotent=False, static_members=False
            )
            await ensure_topics(settings)
            lacks = {"durable": False, "regroups": False, "remembers": False}
            yield KafkaCluster(settings, broker.kill, broker.restart, **lacks)


class TestTansuDelivers(Delivering, Tailing):
    """A new group waits three seconds there for its other members."""


@pytest.mark.slow
class TestTansuKeepsAndShares(Durability, Sharing):
    """A member that joins after others have left waits until the broker has expired them."""
