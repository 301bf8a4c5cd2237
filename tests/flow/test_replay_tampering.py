"""A record that was changed or removed afterwards is detected, and identified by its number."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from libs.contracts.envelope import read_envelope
from libs.contracts.progress import CallsMade, CandidateOpened, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.contracts.records import CallsLogged
from libs.contracts.topics import AUDIT
from libs.ports.journal import Journaled
from moe.replay.verifying import Status, Verdict
from services.journal.domain.history import ordered
from tests.support.fleet import SIGNER
from tests.support.golden import FOLDER, read_golden
from tests.support.recorded_messages import Kept, journal_of, verdict_on
from tests.support.scenes import SCENES, played

TOLD = ("three experts are merged", "a candidate is promoted", "the critic objects", "the second tier is asked")
LEFT = ("the client leaves", "the client leaves the critic")
CALLS = (CallsMade.schema_name(), CallsLogged.schema_name())
FROM_OUTSIDE = (RequestOpened.schema_name(), QuestionAsked.schema_name())
Tamper = Callable[[Journaled], Journaled | None]


def a_letter_of_the_body(row: Journaled) -> Journaled | None:
    """Change one letter of the longest text in the body."""
    body = json.loads(row.entry.payload)
    text = max(_texts(body), key=len, default="")
    other = ("X" if text[:1] != "X" else "Y") + text[1:]
    payload = row.entry.payload.replace(json.dumps(text, ensure_ascii=False).encode(), json.dumps(other).encode(), 1)
    return _with(row, payload=payload)


def a_digit_of_the_reads(row: Journaled) -> Journaled | None:
    """Change one digit of a read."""
    reads = dict(row.entry.headers).get("reads", b"").decode()
    place = max((index for index, letter in enumerate(reads) if letter.isdigit()), default=-1)
    return _with(row, reads=_other_digit(reads, place)) if place >= 0 else None


def its_stage(row: Journaled) -> Journaled | None:
    """Replace the version of the stage that published it."""
    reads = dict(row.entry.headers).get("reads", b"").decode()
    place = reads.find('"sha256":"') + len('"sha256":"')
    return _with(row, reads=_other_digit(reads, place)) if reads else None


def the_prompt(row: Journaled) -> Journaled | None:
    """Replace the model's prompt."""
    reads = dict(row.entry.headers).get("reads", b"").decode()
    place = reads.find('"prompt":"')
    return _with(row, reads=_other_digit(reads, place + len('"prompt":"'))) if place >= 0 else None


def its_cause(row: Journaled) -> Journaled | None:
    """Replace its cause by another record."""
    return _with(row, causation_id="00000000-0000-5000-8000-000000000000")


def its_deadline(row: Journaled) -> Journaled | None:
    """Add one second."""
    envelope, _ = read_envelope(row.entry.headers)
    return _with(row, deadline_at=f"{envelope.deadline_at + 1:.6f}")


def its_number(row: Journaled) -> Journaled | None:
    """Take another event's id."""
    return _with(row, event_id="00000000-0000-5000-8000-000000000001")


WITHOUT_KEY = (a_letter_of_the_body, a_digit_of_the_reads, its_cause, its_deadline, its_number)
# Only the signature and the journal's chain protect a read that does not affect the output.
WITH_KEY = (a_letter_of_the_body, its_stage, the_prompt, its_cause, its_deadline, its_number)


@pytest.mark.parametrize("name", TOLD)
async def test_whatever_is_changed_without_the_key_is_found_at_its_record(
    name: str, valkey_url: str, tmp_path: Path
) -> None:
    journal, response_id = await _recorded(name, valkey_url, tmp_path)
    for index, tamper, changed in _tampered(journal, response_id):
        verdict = await verdict_on(changed, response_id)
        assert index in _numbers(verdict), (index, tamper, verdict.differences)


@pytest.mark.parametrize("name", TOLD)
async def test_whatever_is_changed_with_the_key_is_found_at_its_record_or_where_it_led_to(
    name: str, valkey_url: str, tmp_path: Path
) -> None:
    journal, response_id = await _recorded(name, valkey_url, tmp_path)
    for index, tamper, changed in _tampered(journal, response_id, signed=True):
        verdict = await verdict_on(changed, response_id)
        assert verdict.status is Status.DIFFERS, (index, tamper)
        row = ordered(await changed.history(response_id))[index].row
        if row.entry.claims.schema not in FROM_OUTSIDE and tamper != "its_cause":
            assert index in _numbers(verdict), (index, tamper, verdict.differences)


@pytest.mark.parametrize("name", TOLD)
async def test_every_record_that_is_gone_is_missed(name: str, valkey_url: str, tmp_path: Path) -> None:
    journal, response_id = await _recorded(name, valkey_url, tmp_path)
    rows = ordered(await journal.history(response_id))
    assert len(rows) > 8
    for gone in rows:
        rest = Kept(tuple(row for row in journal.rows if row is not gone.row))
        verdict = await verdict_on(rest, response_id)
        assert verdict.status is Status.DIFFERS, gone.row.entry.claims.schema


@pytest.mark.parametrize("signed", [False, True], ids=["without the key", "with the key"])
@pytest.mark.parametrize("name", LEFT)
async def test_calls_that_led_to_nothing_cannot_be_told_otherwise(name: str, signed: bool) -> None:
    journal = read_golden(FOLDER / f"{name.replace(' ', '-')}.jsonl")
    (response_id,) = journal.requests()
    rows = ordered(await journal.history(response_id))
    found = set[str | None]()
    for index, tamper, changed in _tampered(journal, response_id, signed=signed):
        if (schema := rows[index].row.entry.claims.schema) in CALLS:
            found.add(schema)
            assert index in _numbers(await verdict_on(changed, response_id)), (schema, tamper)
    assert found == set(CALLS)


@pytest.mark.parametrize("name", LEFT)
async def test_calls_that_are_not_told_of_any_more_are_missed(name: str) -> None:
    journal = read_golden(FOLDER / f"{name.replace(' ', '-')}.jsonl")
    (response_id,) = journal.requests()
    for gone in journal.rows:
        if gone.entry.claims.schema in CALLS:
            rest = Kept(tuple(row for row in journal.rows if row is not gone))
            assert (await verdict_on(rest, response_id)).status is Status.DIFFERS


async def test_a_candidate_that_is_gone_is_named(valkey_url: str, tmp_path: Path) -> None:
    journal, response_id = await _recorded("a candidate is promoted", valkey_url, tmp_path)
    schema = CandidateOpened.schema_name()
    rest = Kept(tuple(row for row in journal.rows if row.entry.claims.schema != schema))
    verdict = await verdict_on(rest, response_id)
    assert [(d.path, d.expected) for d in verdict.differences] == [("missing", schema)]


async def test_another_prompt_than_the_recorded_one_is_found(valkey_url: str, tmp_path: Path) -> None:
    """A description whose content was changed has another hash, so nothing was made by it."""
    journal, response_id = await _recorded("the critic objects", valkey_url, tmp_path)
    rows = tuple(_with_other_prompts(row) if row.entry.position.topic == AUDIT.name else row for row in journal.rows)
    verdict = await verdict_on(Kept(rows), response_id)
    assert {difference.path for difference in verdict.differences} == {"reads[0].sha256"}


async def _recorded(name: str, valkey_url: str, data_dir: Path) -> tuple[Kept, str]:
    async with played(SCENES[name], valkey_url, data_dir) as client:
        journal = journal_of(client)
    (response_id,) = journal.requests()
    assert (await verdict_on(journal, response_id)).status is Status.VERIFIED
    return journal, response_id


def _tampered(journal: Kept, response_id: str, *, signed: bool = False) -> Iterator[tuple[int, str, Kept]]:
    """Yield the number of a record, how it was changed, and the journal with the change."""
    mine = [row for row in journal.rows if row.entry.claims.response_id == response_id]
    for number, row in enumerate(ordered(mine)):
        for tamper in WITH_KEY if signed else WITHOUT_KEY:
            other = tamper(row.row)
            if other is not None:
                other = _signed(other) if signed else other
                rows = tuple(other if kept is row.row else kept for kept in journal.rows)
                yield number, tamper.__name__, Kept(rows)


def _other_digit(text: str, place: int) -> str:
    digit = (int(text[place], 16) + 1) % 10
    return f"{text[:place]}{digit}{text[place + 1 :]}"


def _with(row: Journaled, payload: bytes | None = None, **headers: str) -> Journaled:
    changed = tuple((name, headers.get(name, value.decode()).encode()) for name, value in row.entry.headers)
    entry = replace(row.entry, headers=changed, payload=row.entry.payload if payload is None else payload)
    return replace(row, entry=entry)


def _signed(row: Journaled) -> Journaled:
    envelope, _ = read_envelope(row.entry.headers)
    return _with(row, signature=SIGNER.sign(envelope, row.entry.payload))


def _with_other_prompts(row: Journaled) -> Journaled:
    return _with(row, payload=row.entry.payload.replace(b"You are", b"Thou art"))


def _numbers(verdict: Verdict) -> set[int]:
    return {difference.index for difference in verdict.differences}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
