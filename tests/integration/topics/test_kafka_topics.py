"""Topics on real brokers: created, compared, changed where the broker can."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from libs.adapters.kafka.topic_plan import Change
from libs.adapters.kafka.topic_reader import TopicReader
from libs.adapters.kafka.topics import BrokerUnavailable, TopicClient, ensure_topics, topic_client
from libs.contracts.catalogue import TOPICS
from libs.contracts.topics import COMPRESSION, PROGRESS, SEGMENT_MS, Placement, Topic
from libs.core.errors import ConfigurationError
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.bus import Subscription
from libs.runtime.settings import BusSettings
from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.testing.bus_suite.listener import Listener
from libs.testing.native_kafka import native_kafka
from libs.testing.ports import own_port
from libs.testing.stores import tansu
from libs.testing.waiting import eventually
from tests.support.command_line import moe_here, moe_process

pytestmark = pytest.mark.embedded
WORK = Topic("moe.pipeline.work.v1", Placement.PART, partitions=6, retention_ms=3_600_000)
NARROW = Topic(WORK.name, Placement.PART, partitions=2, retention_ms=60_000)


@pytest_asyncio.fixture
async def memory_broker() -> AsyncIterator[str]:
    async with tansu() as bootstrap:
        yield bootstrap


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def apache_kafka() -> AsyncIterator[str]:
    async with native_kafka() as broker:
        yield broker.bootstrap


def bus(bootstrap: str) -> BusSettings:
    return BusSettings(kafka_url=f"kafka://{bootstrap}")


async def test_the_fleet_s_topics_are_created_once(memory_broker: str) -> None:
    applied = await ensure_topics(bus(memory_broker))
    assert {(each.change.kind, each.change.topic, each.result) for each in applied} == {
        ("create", topic, "done") for topic in TOPICS
    }
    assert await ensure_topics(bus(memory_broker)) == ()


async def test_looking_creates_nothing(memory_broker: str) -> None:
    async with topic_client(KafkaConnection(memory_broker)) as client:
        first = await client.plan(TOPICS, None)
        assert len(first) == len(TOPICS)
        assert await client.plan(TOPICS, None) == first


async def test_a_broker_without_the_request_is_said_to_be_without_it(memory_broker: str) -> None:
    async with topic_client(KafkaConnection(memory_broker)) as client:
        await client.apply(await client.plan((NARROW,), 1))
        planned = await client.plan((WORK,), 1)
        assert [change.kind for change in planned] == ["partitions", "retention"]
        assert [each.result for each in await client.apply(planned)] == ["unsupported", "unsupported"]
        assert await client.plan((WORK,), 1) == planned


async def test_a_join_does_not_start_on_fewer_partitions_than_declared(memory_broker: str) -> None:
    """They would be added later, and move the facts of open requests."""
    async with topic_client(KafkaConnection(memory_broker)) as client:
        await client.apply(await client.plan((replace(PROGRESS, partitions=6),), 1))
    process = KafkaBus(BusSettings(kafka_url=f"kafka://{memory_broker}", idempotent=False))
    process.add(Subscription("suite", PROGRESS.name, Listener()))
    with pytest.raises(ConfigurationError, match=r"progress\.v1 has 6 partitions, not 12; run `moe topics apply`"):
        await process.start()


async def test_no_broker_is_retryable_and_one_line() -> None:
    with pytest.raises(BrokerUnavailable) as caught:
        await ensure_topics(bus(f"127.0.0.1:{own_port()}"))
    assert "\n" not in str(caught.value)


def test_the_command_says_in_one_line_that_no_broker_answers(tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").write_text(json.dumps({"kafka": f"kafka://127.0.0.1:{own_port()}"}))
    refused = moe_here({"MOE_DATA_DIR": str(tmp_path)}, "topics", "plan")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: broker: ")
    assert refused.stderr.count("\n") == 1


async def test_the_command_plans_applies_and_checks(memory_broker: str, tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").write_text(json.dumps({"kafka": f"kafka://{memory_broker}"}))
    given = {"MOE_DATA_DIR": str(tmp_path)}
    planned = moe_process(given, "topics", "plan")
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.count("create ") == len(TOPICS)
    assert moe_here(given, "topics", "check").returncode == 1
    applied = moe_here(given, "topics", "apply", "--json")
    assert applied.returncode == 0, applied.stderr
    assert {json.loads(line)["topic"] for line in applied.stdout.splitlines()} == {topic.name for topic in TOPICS}
    checked = moe_here(given, "topics", "check")
    assert (checked.returncode, checked.stdout) == (0, "the topics match their declarations\n")
    wider = moe_here(given, "topics", "check", "--replication-factor", "3", "--json")
    assert wider.returncode == 1
    assert {json.loads(line)["change"] for line in wider.stdout.splitlines()} == {"replication"}
    assert moe_here(given, "topics", "apply", "--replication-factor", "3").returncode == 1


async def until_there(client: TopicClient, topic: Topic) -> tuple[Change, ...]:
    """Changes that a topic needs: the broker learns of a new one shortly after its controller."""
    planned: tuple[Change, ...] = ()

    async def is_known() -> bool:
        nonlocal planned
        planned = await client.plan((topic,), 1)
        return "create" not in [change.kind for change in planned]

    await eventually(is_known, look_every_s=0.02)
    return planned


@pytest.mark.kafka
@pytest.mark.asyncio(loop_scope="module")
class TestApacheKafka:
    """The broker of production knows every request."""

    async def test_the_fleet_s_topics_are_created_once(self, apache_kafka: str) -> None:
        applied = await ensure_topics(bus(apache_kafka))
        assert {each.result for each in applied} == {"done"}
        assert await ensure_topics(bus(apache_kafka)) == ()

    async def test_partitions_grow_and_retention_changes(self, apache_kafka: str) -> None:
        async with topic_client(KafkaConnection(apache_kafka)) as client:
            await client.apply(await client.plan((NARROW,), 1))
            planned = await client.plan((WORK,), 1)
            assert [change.kind for change in planned] == ["partitions", "retention"]
            assert [each.result for each in await client.apply(planned)] == ["done", "done"]
            assert await client.plan((WORK,), 1) == ()

    async def test_a_topic_that_somebody_else_made_is_kept_no_longer_than_we_promise(self, apache_kafka: str) -> None:
        topic = Topic("moe.pipeline.foreign.v1", Placement.PART, partitions=1, retention_ms=3_600_000)
        admin = AIOKafkaAdminClient(bootstrap_servers=apache_kafka)
        await admin.start()
        await admin.create_topics([NewTopic(topic.name, 1, 1, topic_configs={"max.message.bytes": "2000000"})])
        async with topic_client(KafkaConnection(apache_kafka)) as client:
            planned = await until_there(client, topic)
            assert [change.kind for change in planned] == ["retention", "segment", "compression"]
            assert {each.result for each in await client.apply(planned)} == {"done"}
            assert await client.plan((topic,), 1) == ()
        settings = await TopicReader(admin).own_settings(topic.name)
        await admin.close()
        ours = {"retention.ms": "3600000", "segment.ms": str(SEGMENT_MS), "compression.type": COMPRESSION}
        assert settings == {"max.message.bytes": "2000000"} | ours

    async def test_what_an_operator_set_on_a_topic_stays(self, apache_kafka: str) -> None:
        topic = Topic("moe.pipeline.tuned.v1", Placement.PART, partitions=1, retention_ms=3_600_000)
        own = {"segment.ms": "600000", "retention.ms": "5000", "compression.type": COMPRESSION}
        admin = AIOKafkaAdminClient(bootstrap_servers=apache_kafka)
        await admin.start()
        await admin.create_topics([NewTopic(topic.name, 1, 1, topic_configs=own)])
        async with topic_client(KafkaConnection(apache_kafka)) as client:
            (planned,) = await until_there(client, topic)
            assert (planned.kind, planned.have) == ("retention", 5000)
            await client.apply((planned,))
            assert await client.plan((topic,), 1) == ()
        settings = await TopicReader(admin).own_settings(topic.name)
        await admin.close()
        assert settings == own | {"retention.ms": "3600000"}
