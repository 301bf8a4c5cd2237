"""Journal reads of `moe replay`, before it disables the network."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from libs.adapters.journal.reader import PostgresJournalReader
from libs.contracts.records import RequestLogged
from libs.core.clock import SystemClock
from libs.ports.journal import JournalReader
from moe.cli.context.endpoints import envelope_signer, journal_secrets, postgres_url
from moe.replay.descriptions import Descriptions, hashes_in, load
from moe.replay.reading import read_history
from moe.replay.records import History

_AGO = re.compile(r"([0-9]{1,6})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Recorded:
    """One history with the descriptions of its stages."""

    history: History
    descriptions: Descriptions


def journal() -> JournalReader:
    """As configured, or of the running fleet. Raises ConfigurationError."""
    return PostgresJournalReader(postgres_url(), journal_secrets())


async def read(response_id: str) -> Recorded:
    """Raises ClickException for an unknown request."""
    reader = journal()
    history = await read_history(reader, response_id, envelope_signer())
    if not history.rows:
        raise unknown(response_id)
    return Recorded(history, await load(reader, hashes_in(history)))


async def ended_since(since: str, limit: int) -> tuple[str, ...]:
    """Ids of the latest requests that have ended since a time, at most `limit`."""
    rows = await journal().of_schemas((RequestLogged.schema_name(),), _since_ms(since))
    ids = (row.entry.claims.response_id for row in rows)
    return tuple(dict.fromkeys(response_id for response_id in ids if response_id is not None))[-limit:]


def unknown(response_id: str) -> click.ClickException:
    """Error for a request that the journal does not have."""
    return click.ClickException(f"the journal has no response {response_id!r}")


def if_erased(history: History) -> str:
    """Reason why a history is empty, if known."""
    return ": its content was erased" if history.erased else ""


def _since_ms(since: str) -> int:
    """Unix time in milliseconds of `90m`, `24h`, `7d` (ago) or of an ISO time."""
    if found := _AGO.fullmatch(since):
        ago = timedelta(**{_UNITS[found[2]]: int(found[1])})
        return int((SystemClock().now() - ago.total_seconds()) * 1000)
    try:
        return int(datetime.fromisoformat(since).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"--since: {since!r} is neither like 24h nor like 2026-01-31T12:00") from error
