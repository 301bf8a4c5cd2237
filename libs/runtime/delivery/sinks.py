"""The runtime of a sink: each record of a topic is stored or dead-lettered, and never blocks the next one."""

import logging

from libs.contracts.catalogue import has_group
from libs.contracts.record import Record
from libs.contracts.topics import DEAD_LETTERS, Topic
from libs.core.errors import FleetError, Unacceptable
from libs.runtime.delivery.backoff import retry_until_available
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.dead_letter_publisher import DeadLetterPublisher
from libs.runtime.delivery.outcomes import Bug, bug
from libs.runtime.messaging.bus import Delivery
from libs.runtime.service import Sink

log = logging.getLogger(__name__)


class SinkRunner:
    """A `RecordHandler` for one topic. The sink dead-letters for topics that no group consumes.

    Outcomes are those of handlers: stored; Unacceptable when the store rejects the content of a record; Retryable when
    the store is unavailable, and the record waits; a bug, which is logged and counted.
    """

    def __init__(self, service: str, sink: Sink, topic: Topic, context: RuntimeContext) -> None:
        self._service = service
        self._sink = sink
        self._topic = topic
        self._context = context
        self._dead_letters = DeadLetterPublisher(service, context)

    async def __call__(self, delivery: Delivery) -> None:
        """Store one record. Raises TooManyDeadLetters, and Rejected for errors of the log rather than a record."""
        record = delivery.record
        if (error := await self._refusal(record)) is not None:
            await self._give_up(record, error)
        elif has_group(self._topic) or await self._dead_letters.read(record) is not None:
            self._dead_letters.circuit_breaker.record_success()
        delivery.done()

    async def _refusal(self, record: Record) -> FleetError | None:
        """Store a record; return the reason it cannot be stored, None when it is."""
        try:
            await retry_until_available(
                lambda: self._sink.store(record), self._context.backoff, "a sink waits for its store"
            )
        except Unacceptable as error:
            return error
        except FleetError:
            raise
        except Exception as error:
            log.exception("%s: a bug met a record of %s", self._service, record.topic)
            return bug(self._service, error)
        return None

    async def _give_up(self, record: Record, error: FleetError) -> None:
        if isinstance(error, Bug):
            self._dead_letters.circuit_breaker.record_dead_letter()
        if self._topic is DEAD_LETTERS:  # a letter about a letter could be rejected too, for ever
            log.error("the dead letter at %d@%d is not stored: %s", record.partition, record.offset, error)
        else:
            await self._dead_letters.publish_unstored(record, error)
