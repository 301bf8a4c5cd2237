"""A history with a value that no stage writes differs; it ends no verification of others."""

import json
from dataclasses import replace

import pytest

from libs.contracts.envelope import read_envelope
from libs.ports.journal import Journaled
from moe.replay.descriptions import hashes_in
from moe.replay.records import History, history_of
from moe.replay.verifying import Status
from tests.support.fleet import SIGNER
from tests.support.golden import golden_files, read_golden
from tests.support.recorded_messages import Kept, verdict_on

PATH = next(path for path in golden_files() if path.stem == "three-experts-are-merged")


@pytest.mark.parametrize(("kind", "name"), [("model", "call"), ("stage", "sha256")])
async def test_half_a_character_in_a_read_is_a_difference(kind: str, name: str) -> None:
    journal = read_golden(PATH)
    (response_id,) = journal.requests()
    changed = Kept(tuple(_with_half_a_character(row, kind, name) for row in journal.rows))
    assert changed.rows != journal.rows
    assert (await verdict_on(changed, response_id)).status is Status.DIFFERS


async def test_a_stage_is_named_by_a_hash_alone() -> None:
    journal = read_golden(PATH)
    (response_id,) = journal.requests()
    rows = [_with_half_a_character(row, "stage", "sha256") for row in await journal.history(response_id)]
    history = history_of(rows, SIGNER)
    assert history.records
    assert hashes_in(history) == frozenset()
    assert hashes_in(History(())) == frozenset()


def _with_half_a_character(row: Journaled, kind: str, name: str) -> Journaled:
    """The row, signed again, with a lone surrogate in such a read."""
    envelope, _ = read_envelope(row.entry.headers)
    reads = json.loads(envelope.reads or "[]")
    for read in reads:
        if read["kind"] == kind and name in read:
            read[name] = "\ud800"
    envelope = replace(envelope, reads=json.dumps(reads) if reads else "")
    headers = envelope.headers(SIGNER.sign(envelope, row.entry.payload))
    return replace(row, entry=replace(row.entry, headers=headers))
