"""Stores of `moe dlq`: the journal to read from, and a broker to publish to."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from libs.adapters.journal.reader import PostgresJournalReader
from libs.core.clock import SystemClock
from libs.operations.dead_letters.letters import TrackedLetter, Wanted, chosen, read_letters
from libs.operations.dead_letters.resolver import DeadLetterResolver, NoSuchLetter, Result
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.messaging.signing import Signer
from libs.runtime.settings import BusSettings
from moe.cli.context.endpoints import broker_settings, envelope_signer, journal_secrets, postgres_url
from moe.cli.dlq.options import LetterOptions


async def find(ask: LetterOptions) -> tuple[TrackedLetter, ...]:
    """Raises Retryable or ConfigurationError."""
    return chosen(await read_letters(_reader(), _signer(), ask.since_ms), ask.wanted)


async def find_one(letter: str) -> TrackedLetter:
    """Case whose id starts with `letter`. Raises NoSuchLetter for none, and for more than one."""
    cases = chosen(await read_letters(_reader(), _signer()), Wanted(letter=letter, settled_too=True))
    if len(cases) != 1:
        raise NoSuchLetter(f"{len(cases)} dead letters begin with {letter!r}")
    return cases[0]


async def settle(
    ask: LetterOptions, act: Callable[[DeadLetterResolver, TrackedLetter], Awaitable[Result]], *, force: bool
) -> tuple[Result, ...]:
    """Settle the requested cases, one after the other."""
    cases = await find(ask) if ask.every else (await find_one(ask.wanted.letter),)
    async with _outlet(dry_run=ask.dry_run) as outlet:
        resolver = DeadLetterResolver(_reader(), outlet, _signer(), SystemClock(), ask.operator, force=force)
        return tuple([await act(resolver, case) for case in cases])


@asynccontextmanager
async def _outlet(*, dry_run: bool) -> AsyncIterator[BusPublisher | None]:
    """Yield None for a dry run."""
    if dry_run:
        yield None
        return
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the error states it in one line
    bus = KafkaBus(_bus_settings())
    await bus.start()
    try:
        yield BusPublisher(bus, _signer())
    finally:
        await bus.stop()


def _bus_settings() -> BusSettings:
    """The embedded memory broker does not support an idempotent producer."""
    settings = broker_settings()
    return settings if BusSettings.read().kafka_url else settings.model_copy(update={"idempotent": False})


def _reader() -> PostgresJournalReader:
    return PostgresJournalReader(postgres_url(), journal_secrets())


def _signer() -> Signer:
    return envelope_signer()
