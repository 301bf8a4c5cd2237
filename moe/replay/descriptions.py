"""Loads stage descriptions from the journal by hash."""

import re
from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from libs.contracts.stage import StageDescribed, history_of_stage
from libs.ports.journal import JournalReader
from libs.runtime.delivery.outcomes import STAGE
from moe.replay.records import History

_SHA256 = re.compile("[0-9a-f]{64}")
Descriptions = Mapping[str, StageDescribed]


def hashes_in(history: History) -> frozenset[str]:
    """Hashes of all stages that published in a history. Any other text in their place names no stage."""
    reads = (read for said in history.records for read in said.reads if read.kind == STAGE)
    named = (str(read.values.get("sha256", "")) for read in reads)
    return frozenset(sha256 for sha256 in named if _SHA256.fullmatch(sha256))


async def load(journal: JournalReader, hashes: Iterable[str]) -> dict[str, StageDescribed]:
    """Descriptions that the journal has. One whose content has another hash counts as missing."""
    found: dict[str, StageDescribed] = {}
    for sha256 in hashes:
        for row in await journal.history(history_of_stage(sha256)):
            described = _described(row.entry.payload)
            if described is not None and described.sha256 == sha256:
                found[sha256] = described
    return found


def _described(payload: bytes) -> StageDescribed | None:
    try:
        return StageDescribed.model_validate_json(payload)
    except ValidationError:
        return None
