"""Records that nobody could read when they came: no stage heard them, so they explain nothing."""

from dataclasses import replace

from pydantic import ValidationError

from libs.contracts.dead_letter import DeadLettered
from libs.ports.journal import JournalReader
from services.replaying.records import History


async def without_rejected(history: History, journal: JournalReader) -> History:
    """Return the history without the unreadable records that have a dead letter: they came as they are."""
    if not history.unreadable:
        return history
    rows = await journal.of_schemas((DeadLettered.schema_name(),))
    letters = [letter for row in rows if (letter := _letter(row.entry.payload)) is not None]
    known = {(letter.record.topic, letter.record.partition, letter.record.offset) for letter in letters}
    return replace(history, unreadable=tuple(each for each in history.unreadable if each.place[1:] not in known))


def _letter(payload: bytes) -> DeadLettered | None:
    try:
        return DeadLettered.model_validate_json(payload)
    except ValidationError:
        return None
