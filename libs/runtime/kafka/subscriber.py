"""The seam between FastStream's subscriber and us: what it fetches, raw, before anything can swallow it.

`get_msg` returns all records that came with one fetch, and is where the client reports errors; `consume_one` receives
them as they are. FastStream acknowledges nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Protocol, TypeVar, cast

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import ConsumerStoppedError, KafkaError

from libs.contracts.record import Record
from libs.runtime.kafka.closing import ends_well
from libs.runtime.kafka.header_names import accept_any_header_name

log = logging.getLogger(__name__)

FETCH_RETRY_S = 0.5
FETCH_FAILURES = 60  # in a row: half a minute without one good fetch
LEAVE_TIMEOUT_S = 1.0
FETCH_TIMEOUT_MS = 60_000

accept_any_header_name()

T = TypeVar("T")
OnError = Callable[[BaseException], None]


class Subscriber(Protocol):
    """What we use of a FastStream subscriber."""

    consumer: AIOKafkaConsumer | None
    get_msg: Callable[[AIOKafkaConsumer], Awaitable[Sequence[Record]]]
    consume_one: Callable[[Sequence[Record]], Awaitable[None]]

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def hooked(subscriber: object, accept: Callable[[Sequence[Record]], Awaitable[None]], on_error: OnError) -> Subscriber:
    """Return the subscriber with our own fetch and our own `accept` for the raw records of each.

    An error of ours in `accept`, or fetching that does not recover, goes to `on_error`; nothing is taken after it.
    """

    async def get_msg(consumer: AIOKafkaConsumer) -> Sequence[Record]:
        return await _or_never(fetched(consumer), on_error)

    async def consume_one(records: Sequence[Record]) -> None:
        await _or_never(accept(records), on_error)

    seam = cast(Subscriber, subscriber)
    seam.get_msg, seam.consume_one = get_msg, consume_one
    return seam


async def leave(subscriber: Subscriber) -> None:
    """Stop a subscriber; one whose broker is away is not waited for."""
    await stopped(subscriber.stop(), subscriber.consumer)


async def stopped(stop: Coroutine[object, object, None], consumer: AIOKafkaConsumer | None) -> None:
    """Let the client stop a consumer. Where it does not end, or ends as cancelled or with an error, hang up instead."""
    if not await ends_well(stop, LEAVE_TIMEOUT_S) and consumer is not None:
        log.warning("the broker does not answer; left without a word")
        await ends_well(consumer._client.close(), LEAVE_TIMEOUT_S)  # the client's own stop gives up half way


async def unreachable(body: bytes) -> None:
    """Stand for our handlers where FastStream wants one: records leave at the seam before they reach it."""
    raise RuntimeError("a record got past the ledger")


def record_of(record: ConsumerRecord) -> Record:
    """Return the raw record in our own words."""
    headers = tuple((name, value or b"") for name, value in record.headers)
    key, value = record.key, record.value or b""
    return Record(record.topic, record.partition, record.offset, record.timestamp, key, headers, value)


async def fetched(consumer: AIOKafkaConsumer) -> list[Record]:
    """Return what came with the next fetch, each partition in order; nothing if nothing came for a long time.

    Taken at once, all of it belongs to one assignment, and the client asks for more meanwhile. It goes on by itself
    after most errors, so they are waited out for a while.
    """
    failures = 0
    while True:
        try:
            taken = await consumer.getmany(timeout_ms=FETCH_TIMEOUT_MS)
        except ConsumerStoppedError:
            raise
        except KafkaError as error:
            failures += 1
            if failures > FETCH_FAILURES:
                raise
            log.warning("fetching failed, it will be tried again: %s", error)
            await asyncio.sleep(FETCH_RETRY_S)
        else:
            return [record_of(record) for records in taken.values() for record in records]


async def _or_never(work: Awaitable[T], on_error: OnError) -> T:
    """Return what `work` returns. After an error do not return: what came next would be committed past the gap."""
    try:
        return await work
    except ConsumerStoppedError:
        raise
    except Exception as error:
        on_error(error)
        await asyncio.Event().wait()
        raise
