"""What a verdict says about histories that cannot be told as a whole, and about ends that disagree."""

from dataclasses import replace

from libs.contracts.topics import ANSWER_FINISHED, PROGRESS
from libs.ports.journal import Journaled
from services.replaying.records import history_of
from services.replaying.verifying import Status, Verdict
from tests.flow.golden import FOLDER, read_golden
from tests.flow.recording import Kept, verdict_on

JOURNAL = read_golden(FOLDER / "three-experts-are-merged.jsonl")
(ID,) = JOURNAL.requests()


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
    """A stage that died after it had spoken says it again, under the same id and with its own reads."""
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
    assert (len(history.said), len(history.unreadable)) == (0, 14)
