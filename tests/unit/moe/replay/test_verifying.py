"""Verdicts on incomplete histories, and on conflicting ends."""

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from libs.contracts.dead_letter import DeadLettered, DeadLetterSettled, OriginalRecord
from libs.contracts.envelope import read_envelope
from libs.contracts.expert import AskExpertT1
from libs.contracts.record import Record
from libs.contracts.topics import ANSWER_FINISHED, AUDIT, DEAD_LETTERS, PROGRESS
from libs.core.ids import event_id
from libs.ports.journal import Journaled
from libs.runtime.messaging.codec import verifier
from moe.replay.records import history_of
from moe.replay.verifying import Status, Verdict
from services.journal.domain.entries import entry_of
from tests.support.fleet import SIGNER
from tests.support.golden import FOLDER, read_golden
from tests.support.recorded_messages import Kept, verdict_on

JOURNAL = read_golden(FOLDER / "three-experts-are-merged.jsonl")
(ID,) = JOURNAL.requests()


IN_MEMORY = [
    replace(row, entry=replace(row.entry, position=replace(row.entry.position, log_id="one"))) for row in JOURNAL.rows
]
OF_STAGES = [row for row in IN_MEMORY if row.entry.claims.response_id != ID]
OF_ANOTHER_REQUEST = OF_STAGES[-1]
TOPICS = sorted({row.entry.position.topic for row in IN_MEMORY if row not in OF_STAGES} - {AUDIT.name})
RESTORED = [
    row
    for row in JOURNAL.rows
    if row.entry.claims.schema in {"request-opened.v1", "plan-drafted.v1", "part-completed.v1", "answer-finished.v1"}
]


async def _verdict(*rows: Journaled) -> Verdict:
    return await verdict_on(Kept(rows), ID)


async def test_what_was_erased_is_erased_and_no_difference() -> None:
    gone = [replace(row, erased=True, entry=replace(row.entry, headers=(), payload=b"")) for row in JOURNAL.rows]
    verdict = await _verdict(*gone)
    assert (verdict.status, verdict.differences) == (Status.ERASED, ())


async def test_nothing_is_unknown() -> None:
    assert (await _verdict()).status is Status.UNKNOWN


async def test_a_request_without_an_end_is_open() -> None:
    ends = ("answer-finished.v1", "request-logged.v1", "knowledge-offered.v1")
    verdict = await _verdict(*(row for row in JOURNAL.rows if row.entry.claims.schema not in ends))
    assert (verdict.status, verdict.differences) == (Status.OPEN, ())


async def test_an_end_that_the_client_never_saw_is_found() -> None:
    rows = [row for row in JOURNAL.rows if row.entry.position.topic != ANSWER_FINISHED.name]
    verdict = await _verdict(*rows)
    assert [(each.stage, each.expected) for each in verdict.differences] == [
        ("gateway", f"an end on {ANSWER_FINISHED.name}")
    ]


async def test_an_end_that_the_join_never_heard_is_found() -> None:
    rows = [
        row
        for row in JOURNAL.rows
        if (row.entry.position.topic, row.entry.claims.schema) != (PROGRESS.name, "answer-finished.v1")
    ]
    verdict = await _verdict(*rows)
    assert f"an end on {PROGRESS.name}" in [each.expected for each in verdict.differences]


async def test_a_copy_of_a_record_is_no_difference() -> None:
    """A stage that died after it had published repeats the message, under the same id and with its own reads."""
    last = max(row.entry.position.offset for row in JOURNAL.rows) + 10
    copies = tuple(
        replace(row, entry=replace(row.entry, position=replace(row.entry.position, offset=last + number)))
        for number, row in enumerate(JOURNAL.rows)
    )
    verdict = await _verdict(*JOURNAL.rows, *copies)
    assert verdict.differences == ()
    assert verdict.status is Status.VERIFIED


def test_a_record_that_nobody_can_read_is_told_apart() -> None:
    rows = [replace(row, entry=replace(row.entry, payload=b"{")) for row in JOURNAL.rows]
    history = history_of([row for row in rows if row.entry.claims.response_id == ID])
    assert (len(history.records), len(history.unreadable)) == (0, 14)


async def test_what_is_said_anew_in_a_log_that_began_anew_is_no_difference() -> None:
    again = [
        _in_another_log(row, number)
        for number, row in enumerate(JOURNAL.rows)
        if row.entry.claims.schema in {"request-opened.v1", "plan-drafted.v1", "part-completed.v1"}
    ]
    verdict = await _verdict(*JOURNAL.rows, *again)
    assert (verdict.status, verdict.differences) == (Status.VERIFIED, ())


async def test_what_a_lost_log_took_along_is_no_difference_and_what_a_living_one_misses_is() -> None:
    lagging = [row for row in JOURNAL.rows if row.entry.claims.schema not in {"question-asked.v1", "ask-expert-t1.v1"}]
    assert (await _verdict(*lagging)).status is Status.DIFFERS
    verdict = await _verdict(*lagging, *map(_verbatim_in_another_log, RESTORED))
    assert (verdict.status, verdict.differences) == (Status.VERIFIED, ())


@pytest.mark.parametrize("topic", TOPICS)
async def test_what_the_journal_had_not_heard_when_its_log_ended_is_counted_and_no_difference(topic: str) -> None:
    """A journal consumes each topic in order, and may be ahead on one and behind on another."""
    on_topic = [row for row in IN_MEMORY if row.entry.position.topic == topic]
    others = [row for row in IN_MEMORY if row.entry.position.topic != topic]
    for heard in range(len(on_topic)):
        rows = [*others, *on_topic[:heard]]
        alive = await _verdict(*rows)
        verdict = await _verdict(*rows, _verbatim_in_another_log(OF_ANOTHER_REQUEST))
        assert (verdict.differences, verdict.lost) == ((), len(alive.differences))


async def test_a_command_that_an_operator_put_back_has_a_deadline_of_its_own() -> None:
    asked = next(row for row in JOURNAL.rows if row.entry.claims.schema == "ask-expert-t1.v1")
    later = _with_deadline(asked, 1_000_000.0)
    assert (await _verdict(*JOURNAL.rows, later)).status is Status.DIFFERS
    letter, settled = _letter_about(asked)
    assert (await _verdict(*JOURNAL.rows, later, letter, settled)).status is Status.VERIFIED


async def test_what_another_tenant_says_about_a_response_explains_nothing_and_changes_nothing() -> None:
    foreign = [_of_another_tenant(row, number) for number, row in enumerate(RESTORED)]
    verdict = await _verdict(*foreign, *JOURNAL.rows)
    assert (verdict.status, verdict.differences) == (Status.VERIFIED, ())


def _of_another_tenant(row: Journaled, number: int) -> Journaled:
    """Record under the same id and another tenant's valid signature; its clock is ahead of all others."""
    envelope, _ = read_envelope(row.entry.headers)
    foreign = replace(envelope, tenant="globex")
    body = row.entry.payload.replace(b'"text":"', b'"text":"stolen ')
    position = replace(row.entry.position, offset=row.entry.position.offset + 500 + number)
    record = Record(
        position.topic,
        position.partition,
        position.offset,
        row.entry.timestamp_ms - 60_000,
        row.entry.key,
        foreign.headers(SIGNER.sign(foreign, body)),
        body,
    )
    return Journaled(entry_of(record, position.log_id, verifier(SIGNER)), 0.0)


def _verbatim_in_another_log(row: Journaled) -> Journaled:
    position = replace(row.entry.position, log_id="another")
    return replace(row, entry=replace(row.entry, position=position, timestamp_ms=row.entry.timestamp_ms + 60_000))


def _in_another_log(row: Journaled, number: int) -> Journaled:
    envelope, _ = read_envelope(row.entry.headers)
    renamed = replace(envelope, event_id=event_id(ID, envelope.schema, str(number), revision=1))
    headers = renamed.headers(SIGNER.sign(renamed, row.entry.payload))
    position = replace(row.entry.position, log_id="another", offset=number)
    claims = replace(row.entry.claims, event_id=renamed.event_id)
    later_ms = row.entry.timestamp_ms + 60_000
    entry = replace(row.entry, headers=headers, position=position, claims=claims, timestamp_ms=later_ms)
    return replace(row, entry=entry)


def _with_deadline(row: Journaled, seconds: float) -> Journaled:
    envelope, _ = read_envelope(row.entry.headers)
    moved = replace(envelope, deadline_at=envelope.deadline_at + seconds)
    headers = moved.headers(SIGNER.sign(moved, row.entry.payload))
    position = replace(row.entry.position, offset=row.entry.position.offset + 50)
    return replace(row, entry=replace(row.entry, headers=headers, position=position))


def _letter_about(row: Journaled) -> tuple[Journaled, Journaled]:
    """Letter about a record, and the word that it was replayed."""
    envelope, _ = read_envelope(row.entry.headers)
    command = AskExpertT1.read(row.entry.payload, envelope)
    position = row.entry.position
    record = Record(position.topic, position.partition, position.offset, 0, row.entry.key, row.entry.headers, b"")
    original = OriginalRecord(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=0,
        key="",
        headers=tuple((name, b64encode(value).decode()) for name, value in record.headers),
        body="",
        body_sha256=sha256(row.entry.payload).hexdigest(),
        body_bytes=len(row.entry.payload),
    )
    letter = DeadLettered(
        letter="a-letter",
        record=original,
        stage="expert-worker",
        code_version="1",
        error="internal_error",
        error_class="ValueError",
        message="a bug",
        first_failed_at=1.0,
        last_failed_at=1.0,
    ).after(command)
    settled = DeadLetterSettled(letter="a-letter", action="replayed", operator="ops", ts=2.0).after(command)
    return _kept(letter, 1), _kept(settled, 2)


def _kept(message: DeadLettered | DeadLetterSettled, offset: int) -> Journaled:
    envelope, body = message.envelope, message.body()
    headers = envelope.headers(SIGNER.sign(envelope, body))
    record = Record(DEAD_LETTERS.name, 0, offset, 2_000_000_000_000, ID.encode(), headers, body)
    return Journaled(entry_of(record, "", verifier(SIGNER)), 0.0)
