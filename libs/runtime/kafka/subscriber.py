"""The interface to FastStream's subscriber: it passes on raw records and errors before FastStream handles them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Protocol, TypeVar, cast

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import ConsumerStoppedError, KafkaError

from libs.contracts.record import Record
from libs.runtime.kafka.client_internals import request_client
from libs.runtime.kafka.closing import ends_well
from libs.runtime.kafka.header_names import accept_any_header_name
from libs.runtime.kafka.schema_codec import use_schema_codecs

log = logging.getLogger(__name__)

# `get_msg` returns all records of one fetch, and is where the client reports errors; `consume_one` receives them
# unchanged. FastStream acknowledges nothing.
FETCH_RETRY_S = 0.5
FETCH_FAILURES = 60  # in a row: half a minute without a successful fetch
LEAVE_TIMEOUT_S = 1.0
FETCH_TIMEOUT_MS = 60_000

accept_any_header_name()
use_schema_codecs()

T = TypeVar("T")
OnError = Callable[[BaseException], None]


class Subscriber(Protocol):
    """The parts of a FastStream subscriber that the runtime uses."""

    consumer: AIOKafkaConsumer | None
    get_msg: Callable[[AIOKafkaConsumer], Awaitable[Sequence[Record]]]
    consume_one: Callable[[Sequence[Record]], Awaitable[None]]

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def hooked(subscriber: object, accept: Callable[[Sequence[Record]], Awaitable[None]], on_error: OnError) -> Subscriber:
    """Install a fetch and an `accept` for the raw records of each fetch; return the same subscriber.

    An error in `accept`, or a fetch that does not recover, is passed to `on_error`; consumption stops then.
    """

    async def get_msg(consumer: AIOKafkaConsumer) -> Sequence[Record]:
        return await _or_never(fetched(consumer), on_error)

    async def consume_one(records: Sequence[Record]) -> None:
        await _or_never(accept(records), on_error)

    seam = cast(Subscriber, subscriber)
    seam.get_msg, seam.consume_one = get_msg, consume_one
    return seam


async def leave(subscriber: Subscriber) -> None:
    """Stop a subscriber; never waits for an unavailable broker."""
    await stopped(subscriber.stop(), subscriber.consumer)


async def stopped(stop: Coroutine[object, object, None], consumer: AIOKafkaConsumer | None) -> None:
    """Stop a consumer through its client. On a timeout, a cancellation or an error, close the connections instead."""
    if not await ends_well(stop, LEAVE_TIMEOUT_S) and consumer is not None:
        log.warning("the broker does not answer; left without a word")
        await ends_well(request_client(consumer).close(), LEAVE_TIMEOUT_S)  # the client's own stop ends half way


async def unreachable(body: bytes) -> None:
    """The handler that FastStream requires; records are intercepted before it, so it always raises."""
    raise RuntimeError("a record got past the ledger")


def record_of(record: ConsumerRecord) -> Record:
    """Convert a client record to a raw `Record`."""
    headers = tuple((name, value or b"") for name, value in record.headers)
    key, value = record.key, record.value or b""
    return Record(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp,
        key=key,
        headers=headers,
        value=value,
    )


async def fetched(consumer: AIOKafkaConsumer) -> list[Record]:
    """Records of the next fetch, each partition in order; empty after a long time without records.

    Taken at once, all of them belong to one assignment, and the client fetches more meanwhile. The client recovers from
    most errors itself, so up to `FETCH_FAILURES` errors in a row are only logged.
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
    """Never returns after an error: the next records would be committed past the gap."""
    try:
        return await work
    except ConsumerStoppedError:
        raise
    except Exception as error:
        on_error(error)
        await asyncio.Event().wait()
        raise
