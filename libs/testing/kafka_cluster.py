"""Three real Apache Kafka nodes, each broker and controller, in one quorum: leaders are elected when one is killed."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from libs.embedded.kafka.store import Kafka, new_cluster_id
from libs.embedded.ports import LOOPBACK
from libs.embedded.secret_file import write_private
from libs.embedded.store import Launch, Owner, StoreName
from libs.embedded.supervised import Supervised
from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.testing.native_kafka import SHARED_JARS
from libs.testing.ports import own_port
from libs.testing.stores import running, throw_away_folders
from libs.testing.waiting import eventually

NODES = 3
IN_SYNC_WITHIN_S = 120.0  # ends a hang: a restarted node first copies the records that it missed
_POLL_S = 0.1
_HEAP = {"-Xms128m": "-Xms96m", "-Xmx256m": "-Xmx160m"}  # three nodes on one machine
# Three copies instead of one; a write counts once two nodes have it.
_COPIES = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
    "min.insync.replicas": "2",
    "controller.quorum.election.timeout.ms": "500",
    "controller.quorum.fetch.timeout.ms": "1000",
    "replica.lag.time.max.ms": "5000",
}


@dataclass(frozen=True)
class KafkaCluster:
    """Nodes by name: `kafka-1` and so on."""

    nodes: Mapping[str, Supervised]

    @property
    def bootstrap(self) -> str:
        """Addresses of all nodes."""
        return ",".join(node.launch.gives.kafka or "" for node in self.nodes.values())

    async def leader_of(self, topic: str) -> str:
        """Node that leads the partitions with most records of a topic."""
        records: Counter[str] = Counter()
        async with _consumer(self.bootstrap) as consumer:
            await consumer._client.set_topics([topic])
            partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
            for partition, end in (await consumer.end_offsets(partitions)).items():
                records[f"kafka-{consumer._client.cluster.leader_for_partition(partition)}"] += int(end) + 1
        return records.most_common(1)[0][0]

    async def wait_in_sync(self) -> None:
        """Wait until every partition has all its copies again; until then a second node must not stop."""
        await eventually(self._is_in_sync, within_s=IN_SYNC_WITHIN_S, look_every_s=_POLL_S)

    async def _is_in_sync(self) -> bool:
        admin = AIOKafkaAdminClient(**KafkaConnection(self.bootstrap).client_options())
        try:
            await admin.start()
            cluster = await admin.describe_cluster()
            topics = await admin.describe_topics()
        except (KafkaError, OSError):
            return False
        finally:
            await admin.close()
        in_sync = [len(partition["isr"]) for topic in topics for partition in topic["partitions"]]
        return len(cluster["brokers"]) == len(self.nodes) and set(in_sync) <= {len(self.nodes)}


@asynccontextmanager
async def kafka_cluster() -> AsyncIterator[KafkaCluster]:
    """Run three nodes without authentication on free ports, with data directories of their own."""
    cluster_id = new_cluster_id()
    controllers = {number: own_port() for number in range(1, NODES + 1)}
    async with AsyncExitStack() as leaving:
        nodes = {}
        async with asyncio.TaskGroup() as starting:
            for number in controllers:
                node = _QuorumNode(_store(leaving, cluster_id), number, controllers)
                nodes[f"kafka-{number}"] = starting.create_task(leaving.enter_async_context(running(node)))
        cluster = KafkaCluster({name: task.result() for name, task in nodes.items()})
        await cluster.wait_in_sync()
        yield cluster


def _store(leaving: AsyncExitStack, cluster_id: str) -> Kafka:
    folders = leaving.enter_context(throw_away_folders())
    write_private(folders.home / "cluster-id", cluster_id)
    return Kafka(folders, SHARED_JARS, authenticated=False)


@asynccontextmanager
async def _consumer(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(**KafkaConnection(bootstrap).client_options(), enable_auto_commit=False)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


class _QuorumNode:
    """The embedded broker as one of several; every node lists the controllers of all."""

    def __init__(self, kafka: Kafka, number: int, controllers: Mapping[int, int]) -> None:
        self._kafka = kafka
        self._number = number
        self._controllers = controllers
        self.name: StoreName = kafka.name
        self.ready_within_s = kafka.ready_within_s

    async def prepare(self, owner: Owner) -> None:
        await self._kafka.prepare(owner)
        identity = self._kafka.folders.home / "data" / "meta.properties"
        identity.write_text(_with(identity.read_text(), {"node.id": str(self._number)}))

    def launch(self, port: int) -> Launch:
        launch = self._kafka.launch(port)
        own = f"{LOOPBACK}:{self._controllers[self._number]}"
        quorum = ",".join(f"{number}@{LOOPBACK}:{port}" for number, port in self._controllers.items())
        file = self._kafka.folders.home / "server.properties"
        settings = {"node.id": str(self._number), "controller.quorum.voters": quorum, **_COPIES}
        text = _with(file.read_text(), settings)
        write_private(file, re.sub(r"CONTROLLER://[\d.:]+", f"CONTROLLER://{own}", text))
        argv = tuple(_HEAP.get(word, word) for word in launch.job.argv)
        return replace(launch, job=replace(launch.job, argv=argv))


def _with(text: str, settings: Mapping[str, str]) -> str:
    """A properties file with changed values."""
    read = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return "".join(f"{name}={value}\n" for name, value in {**read, **settings}.items())
