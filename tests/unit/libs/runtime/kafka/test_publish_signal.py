"""Empty fetches are held back until this process publishes, or until a pause is over."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.structs import RecordMetadata

from libs.runtime.kafka.publish_signal import PATIENT_WAIT_MS, PublishSignal, hold_empty_fetches

TOPIC = "questions"
FETCH = FetchRequest(1, 1, 1, 0, [(TOPIC, [(0, 0, 1)])])
NEVER_S = 60.0
SHORT_MS = 1
EMPTY = (0, 0, 0, b"")  # partition, error, high watermark, records
WITHOUT_RECORDS = (0, 0, 7, b"")
FULL = (0, 0, 7, b"records")
REFUSED = (0, 6, -1, b"")


@dataclass
class Response:
    topics: list[tuple[str, list[tuple[int, int, int, bytes]]]]


@dataclass
class Client:
    """Answers every request with one partition, and first runs the test's callback."""

    partition: tuple[int, int, int, bytes] = EMPTY
    meanwhile: Callable[[], None] = lambda: None
    options: dict[str, object] = field(default_factory=dict)
    waits_ms: list[int] = field(default_factory=list)

    async def send(self, node_id: int, request: object, **options: object) -> Response:
        self.options = options
        if isinstance(request, FetchRequest):
            self.waits_ms.append(request._max_wait_ms)
        self.meanwhile()
        return Response([(TOPIC, [EMPTY, self.partition])])


async def sent(
    client: Client, signal: PublishSignal, request: object = FETCH, pause_s: float = NEVER_S
) -> asyncio.Task[Response]:
    """Send through a held client, and let the loop run until nothing more happens by itself."""
    consumer = AIOKafkaConsumer.__new__(AIOKafkaConsumer)
    consumer._client, consumer._closed = client, True
    hold_empty_fetches(consumer, [TOPIC], signal, pause_s)
    task = asyncio.get_running_loop().create_task(client.send(1, request, group="g"))
    for _ in range(5):
        await asyncio.sleep(0)
    return task


async def test_an_empty_fetch_is_held_until_this_process_publishes() -> None:
    client, signal = Client(), PublishSignal()
    fetch = await sent(client, signal)
    assert not fetch.done()
    signal.notify("something else")
    await asyncio.sleep(0)
    assert not fetch.done()
    signal.notify(TOPIC)
    assert (await fetch).topics == [(TOPIC, [EMPTY, EMPTY])]
    assert client.options == {"group": "g"}


async def test_an_empty_fetch_is_held_for_a_pause_at_most() -> None:
    assert await (await sent(Client(), PublishSignal(), pause_s=0.01))


@pytest.mark.parametrize("partition", [FULL, REFUSED])
async def test_what_says_something_is_handed_over_at_once(partition: tuple[int, int, int, bytes]) -> None:
    assert (await sent(Client(partition), PublishSignal())).done()


async def test_what_is_published_while_a_fetch_is_on_its_way_is_not_missed() -> None:
    signal = PublishSignal()
    assert (await sent(Client(meanwhile=lambda: signal.notify(TOPIC)), signal)).done()


async def test_other_requests_are_never_held() -> None:
    assert (await sent(Client(), PublishSignal(), request=MetadataRequest([]))).done()


@pytest.mark.parametrize("offset", [0, 7])
async def test_a_fetch_for_an_acknowledged_record_gets_much_time(offset: int) -> None:
    client, signal = Client(FULL), PublishSignal()
    signal.acknowledge([acknowledged(offset=6), acknowledged(offset=9, partition=1), acknowledged(offset=9, topic="o")])
    await sent(client, signal, fetch_of(offset))
    assert client.waits_ms == [PATIENT_WAIT_MS if offset <= 6 else SHORT_MS]


async def test_after_a_response_without_records_that_exist_the_next_fetch_gets_much_time() -> None:
    client = Client(WITHOUT_RECORDS)
    fetch = await sent(client, PublishSignal(), fetch_of(6))
    assert fetch.done(), "it is not held"
    client.partition = FULL
    await client.send(1, fetch_of(6))
    await client.send(1, fetch_of(7))
    assert client.waits_ms == [SHORT_MS, PATIENT_WAIT_MS, SHORT_MS]


async def test_a_broker_that_lost_what_it_acknowledged_is_not_fetched_from_for_a_second_each_time() -> None:
    client, signal = Client(), PublishSignal()
    signal.acknowledge([acknowledged(offset=6)])
    fetch = await sent(client, signal, fetch_of(0))
    assert not fetch.done(), "it is held: there is nothing"
    signal.notify(TOPIC)
    await fetch
    await sent(client, signal, fetch_of(0))
    assert client.waits_ms == [PATIENT_WAIT_MS, SHORT_MS]


def fetch_of(offset: int) -> FetchRequest:
    return FetchRequest(SHORT_MS, 1, 1, 0, [(TOPIC, [(0, offset, 1)])])


def acknowledged(offset: int, partition: int = 0, topic: str = TOPIC) -> RecordMetadata:
    return RecordMetadata(topic, partition, None, offset, -1, 0, 0)
