"""Each field of each published message, removed once, is a difference at its record."""

from dataclasses import replace
from pathlib import Path

import pytest

from libs.contracts.envelope import read_envelope
from libs.ports.journal import JournalEntry
from moe.replay.records import ReplayRecord, history_of
from moe.replay.verifying import Status, Verdict
from tests.support.fleet import SIGNER
from tests.support.golden import golden_files, read_golden
from tests.support.recorded_messages import Kept, journal_of, verdict_on
from tests.support.removed_fields import fields_of, without_field
from tests.support.scenes import SCENES, played


async def test_each_field_of_recorded_histories_is_missed() -> None:
    """Each field of each class is removed at its first occurrence; the records of these histories state no revision."""
    tried = set[tuple[str, str]]()
    for path in golden_files():
        journal = read_golden(path)
        for response_id in journal.requests():
            await _remove_each(journal, response_id, tried)
    assert len(tried) > 150


@pytest.mark.parametrize("name", ["three experts are merged", "the critic objects"])
async def test_each_field_of_what_todays_code_says_is_missed(name: str, valkey_url: str, tmp_path: Path) -> None:
    async with played(SCENES[name], valkey_url, tmp_path) as client:
        journal = journal_of(client)
    (response_id,) = journal.requests()
    assert (await verdict_on(journal, response_id)).status is Status.VERIFIED
    tried = set[tuple[str, str]]()
    await _remove_each(journal, response_id, tried)
    assert len(tried) > 80


async def test_each_header_that_is_signed_or_replayed_is_missed(valkey_url: str, tmp_path: Path) -> None:
    """Without a header the signature is wrong; `contracts` has none, and is compared with that of the same code."""
    async with played(SCENES["the critic objects"], valkey_url, tmp_path) as client:
        journal = journal_of(client)
    (response_id,) = journal.requests()
    tried = set[str]()
    for said in history_of(await journal.history(response_id), SIGNER).records:
        for name, _ in said.entry.headers:
            if name == "contracts" and not said.reads:
                continue  # the gateway does not publish its code version
            if name == "key_id":
                continue  # a hint: without it every accepted key is tried
            tried.add(name)
            headers = tuple(header for header in said.entry.headers if header[0] != name)
            verdict = await verdict_on(_with(journal, said, replace(said.entry, headers=headers)), response_id)
            assert said.index in _numbers(verdict), (name, said.message.envelope.schema)
    assert {"event_id", "reads", "schema", "contracts", "signature"} <= tried


async def _remove_each(journal: Kept, response_id: str, tried: set[tuple[str, str]]) -> None:
    for said in history_of(await journal.history(response_id), SIGNER).records:
        for path, name in fields_of(said.message, said.message.model_dump(mode="json")):
            key = type(said.message).__name__, name
            if key in tried:
                continue
            try:
                payload = without_field(said.entry.payload, path)
            except KeyError:
                continue  # a record of older code never had it
            tried.add(key)
            verdict = await verdict_on(_with(journal, said, _signed(said, payload)), response_id)
            assert verdict.status is Status.DIFFERS, (key, path)
            assert said.index in _numbers(verdict), (key, path, verdict.differences)


def _signed(said: ReplayRecord, payload: bytes) -> JournalEntry:
    """Entry of a record with another payload, signed by a holder of the key."""
    envelope, _ = read_envelope(said.entry.headers)
    signature = SIGNER.sign(envelope, payload).encode()
    headers = tuple((name, signature if name == "signature" else value) for name, value in said.entry.headers)
    return replace(said.entry, headers=headers, payload=payload)


def _with(journal: Kept, said: ReplayRecord, entry: JournalEntry) -> Kept:
    rows = (replace(row, entry=entry) if row.entry == said.entry else row for row in journal.rows)
    return Kept(tuple(rows))


def _numbers(verdict: Verdict) -> set[int]:
    return {difference.index for difference in verdict.differences}
