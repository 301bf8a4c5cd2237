"""Stores of `moe dlq`: the journal to read from, and a broker to publish to."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.adapters.journal.reader import PostgresJournalReader
from libs.operations.dead_letters.letters import TrackedLetter
from libs.operations.dead_letters.resolver import Result
from libs.operations.dead_letters.settling import Act, DeadLetters, settle_all
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.settings import BusSettings
from moe.cli.context.endpoints import broker_settings, envelope_signer, journal_secrets, postgres_url
from moe.cli.dlq.options import LetterOptions


async def find(ask: LetterOptions) -> tuple[TrackedLetter, ...]:
    """Raises Retryable or ConfigurationError."""
    return await _letters().find(ask.wanted, ask.since_ms)


async def find_one(letter: str) -> TrackedLetter:
    """Raises NoSuchLetter, Retryable or ConfigurationError."""
    return await _letters().find_one(letter)


async def settle(ask: LetterOptions, act: Act, *, force: bool) -> tuple[Result, ...]:
    """Settle the requested cases, one after the other."""
    letters = _letters()
    cases = await find(ask) if ask.every else (await find_one(ask.wanted.letter),)
    async with _publisher(dry_run=ask.dry_run) as publisher:
        return await settle_all(letters.resolver(publisher, ask.operator, force=force), cases, act)


@asynccontextmanager
async def _publisher(*, dry_run: bool) -> AsyncIterator[BusPublisher | None]:
    """Yield None for a dry run."""
    if dry_run:
        yield None
        return
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the error states it in one line
    bus = KafkaBus(_bus_settings())
    await bus.start()
    try:
        yield BusPublisher(bus, envelope_signer())
    finally:
        await bus.stop()


def _bus_settings() -> BusSettings:
    """The embedded memory broker does not support an idempotent producer."""
    settings = broker_settings()
    return settings if BusSettings.read().kafka_url else settings.model_copy(update={"idempotent": False})


def _letters() -> DeadLetters:
    return DeadLetters(PostgresJournalReader(postgres_url(), journal_secrets()), envelope_signer())
