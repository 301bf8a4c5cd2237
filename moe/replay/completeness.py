"""Verifies that each record has the fields that its code version knew, also if it cannot be replayed."""

from collections.abc import Iterator, Sequence

from libs.contracts.field_revisions import current_revision
from libs.runtime.code_version import code_version
from moe.replay.descriptions import Descriptions
from moe.replay.mismatch import RecordLocation, ReplayMismatch, compare_fields
from moe.replay.read_player import ReadPlayer
from moe.replay.records import ReplayRecord

LOG = "log"


def completeness_mismatches(history: Sequence[ReplayRecord], descriptions: Descriptions) -> Iterator[ReplayMismatch]:
    """Yield missing and unknown fields, and revisions that differ from that of their code version.

    A revision is not signed: older readers would reject the record. So it is compared with the revision of other
    records of the same code.
    """
    codes = {said.index: _code_of(said, descriptions) for said in history}
    revision_of = {code_version(): current_revision()}
    for said in history:
        code = codes[said.index]
        revision_of[code] = max(revision_of.get(code, 0), said.message.envelope.contracts)
    for said in history:
        place, claimed, known = RecordLocation(said.index, LOG), said.message.envelope.contracts, said.revision
        if (code := codes[said.index]) and claimed != revision_of[code]:
            known = revision_of[code] or known
            yield place.mismatch("envelope.contracts", revision_of[code], claimed)
        yield from compare_fields(place, said.message, said.entry.payload, known)


def _code_of(said: ReplayRecord, descriptions: Descriptions) -> str:
    """Version of the code that wrote a record; empty if none is recorded."""
    described = descriptions.get(ReadPlayer(said.reads).sha256) if said.reads else None
    return described.code_version if described is not None else ""
