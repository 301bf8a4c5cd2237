"""The bus on the embedded broker: in memory, without idempotence, and it does not wake a fetch that waits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from libs.adapters.kafka.topics import ensure_topics
from libs.contracts.topics import PROGRESS
from libs.embedded.tansu import Tansu
from libs.runtime.messaging.bus import Subscription
from libs.runtime.settings import BusSettings
from libs.testing.bus_suite.cluster import Cluster, KafkaCluster
from libs.testing.bus_suite.delivering import Delivering
from libs.testing.bus_suite.durability import Durability
from libs.testing.bus_suite.listener import Listener
from libs.testing.bus_suite.messages import facts, new_service, publish_messages, trickle
from libs.testing.bus_suite.messages import running as running_bus
from libs.testing.bus_suite.sharing import Sharing
from libs.testing.bus_suite.tailing import Tailing
from libs.testing.stores import running, throw_away_folders
from libs.testing.waiting import waiting

pytestmark = pytest.mark.embedded
MANY, HOPS, LONG_PAUSE_MS = 3000, 20, 30_000


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    async with tansu(pause_ms=20) as opened:
        yield opened


@asynccontextmanager
async def tansu(pause_ms: int, *, deliver_acknowledged: bool = True) -> AsyncIterator[Cluster]:
    with throw_away_folders() as folders:
        async with running(Tansu(folders)) as broker:
            address = f"kafka://{broker.launch.gives.kafka}"
            settings = BusSettings(
                kafka_url=address,
                fetch_wait_ms=1,
                fetch_pause_ms=pause_ms,
                idempotent=False,
                static_members=False,
                deliver_acknowledged=deliver_acknowledged,
            )
            await ensure_topics(settings)
            lacks = {"durable": False, "regroups": False, "remembers": False}
            yield KafkaCluster(settings, broker.kill, broker.restart, **lacks)


class TestTansuDelivers(Delivering, Tailing):
    """A new group waits three seconds there for its other members."""


@pytest.mark.slow
class TestTansuKeepsAndShares(Durability, Sharing):
    """A member that joins after others have left waits until the broker has expired them."""


async def test_a_record_behind_thousands_in_its_partition_does_not_wait_for_the_pause() -> None:
    """With 1 ms for a fetch, Tansu returned none after some 2,000: a consumer would wait for ever."""
    words = [str(number) for number in range(MANY + HOPS)]
    messages = facts(*words)
    listener = Listener(*messages)
    feed = Subscription(new_service(), PROGRESS.name, listener)
    async with tansu(LONG_PAUSE_MS, deliver_acknowledged=False) as cluster, running_bus(cluster, feed) as bus:
        await trickle(bus, messages[:MANY])  # a batch each: batches are what it reads
        await listener.received_all(words[:MANY])
        for count, message in enumerate(messages[MANY:], MANY + 1):
            await publish_messages(bus, message)
            async with waiting(LONG_PAUSE_MS / 2000):
                await listener.wait_until(partial(received, listener, count))
    assert listener.words == words


def received(listener: Listener, count: int) -> bool:
    return len(listener.deliveries) == count
