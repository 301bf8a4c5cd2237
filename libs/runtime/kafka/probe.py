"""The broker probe: a connection of its own, authenticated anew, with the reason of a failure for the operator."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from aiokafka.conn import AIOKafkaConnection, collect_hosts, create_conn
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from libs.core.clock import Clock, SystemClock
from libs.runtime.kafka.failures import UNREACHABLE, BrokerFailure, explained, sent_away, unreachable
from libs.runtime.settings.kafka_connection import KafkaConnection

log = logging.getLogger(__name__)

PROBE_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_MS = 3_000
PROBE_EVERY_S = 10.0

Address: TypeAlias = tuple[str, int]

# Errors that the client raises, also for a server that is no Kafka, or that forges the password exchange.
_FAILURES = (KafkaError, OSError, EOFError, ValueError, LookupError, AssertionError, RuntimeError)


async def broker_failure(connection: KafkaConnection, timeout_s: float = PROBE_TIMEOUT_S) -> BrokerFailure | None:
    """Check that a broker can be used; None if one can: at the bootstrap address, and at the one that it advertises.

    Never raises for a broker that is unavailable, foreign or hostile. The client library logs why a connection failed
    and then raises another error, so this probe connects first.
    """
    bootstrap = [(host, port) for host, port, _ in collect_hosts(connection.bootstrap)]
    try:
        async with asyncio.timeout(timeout_s):
            found = await _first_answer(connection, bootstrap)
            if isinstance(found, _Answer) and (failure := sent_away(connection, found.advertised)) is not None:
                return failure
            if isinstance(found, _Answer) and found.address not in found.advertised:
                found = await _first_answer(connection, found.advertised)
    except TimeoutError as error:
        return unreachable(connection.bootstrap, error)
    return found if isinstance(found, BrokerFailure) else None


@dataclass(frozen=True, slots=True)
class _Answer:
    """The address that answered, and the addresses that the cluster advertises."""

    address: Address
    advertised: tuple[Address, ...]


async def _first_answer(connection: KafkaConnection, addresses: Iterable[Address]) -> _Answer | BrokerFailure:
    failures = []
    for address in addresses:
        try:
            return _Answer(address, await _advertised(connection, address) or (address,))
        except _FAILURES as error:
            failures.append(explained(connection, address, error))
    # An unreachable broker explains less than the failures of the others.
    return min(failures, key=lambda failure: failure.code == UNREACHABLE)


async def _advertised(connection: KafkaConnection, address: Address) -> tuple[Address, ...]:
    opened: AIOKafkaConnection = await create_conn(
        *address, **connection.security_options(), request_timeout_ms=ANSWER_TIMEOUT_MS
    )
    try:
        metadata = await opened.send(MetadataRequest([]))
        return tuple((host, port) for _, host, port, *_ in metadata.brokers)
    finally:
        opened.close()


@dataclass(slots=True)
class BrokerMonitor:
    """Authenticates anew periodically: an open connection outlives its revoked password and its expired certificate.

    Logs a failure once when it begins, and once when it ends.
    """

    connection: KafkaConnection
    clock: Clock = field(default_factory=SystemClock)
    _failure: BrokerFailure | None = None
    _looked_at: float | None = None

    async def failure(self, timeout_s: float) -> BrokerFailure | None:
        """At most `PROBE_EVERY_S` old; None if there is no failure."""
        if self._looked_at is None or self.clock.monotonic() - self._looked_at >= PROBE_EVERY_S:
            self._looked_at = self.clock.monotonic()
            self._report(await broker_failure(self.connection, timeout_s))
        return self._failure

    def _report(self, failure: BrokerFailure | None) -> None:
        before, self._failure = self._failure, failure
        if failure is not None and (before is None or before.code != failure.code):
            log.error("%s", failure.text)
        if failure is None and before is not None:
            log.warning("the broker can be used again")
