"""Reads the history of one response from the journal."""

from dataclasses import replace

from pydantic import ValidationError

from libs.contracts.dead_letter import DeadLettered
from libs.ports.journal import JournalReader
from libs.runtime.messaging.signing import Signer
from moe.replay.records import History, history_of


async def read_history(journal: JournalReader, response_id: str, signer: Signer) -> History:
    """A record with a foreign signature counts as unreadable. Raises Retryable."""
    history = history_of(await journal.history(response_id), signer)
    return replace(await _without_rejected(history, journal), latest_log=await journal.latest_log())


async def _without_rejected(history: History, journal: JournalReader) -> History:
    if not history.unreadable:
        return history
    rows = await journal.of_schemas((DeadLettered.schema_name(),))
    letters = [letter for row in rows if (letter := _letter(row.entry.payload)) is not None]
    known = {(letter.record.topic, letter.record.partition, letter.record.offset) for letter in letters}
    heard = tuple(each for each in history.unreadable if each.place[1:] not in known)
    return replace(history, unreadable=heard, rejected=len(history.unreadable) - len(heard))


def _letter(payload: bytes) -> DeadLettered | None:
    try:
        return DeadLettered.model_validate_json(payload)
    except ValidationError:
        return None
