"""`moe dlq`: which letters there are, what replaying and dropping them does, and that both happen once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from click.testing import CliRunner

from libs.contracts.dead_letter import DeadLettered, DeadLetterSettled
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.progress import PartCompleted
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.core.errors import FleetError, Rejected
from libs.operations.dead_letters.letters import TrackedLetter, Wanted, chosen, read_letters
from libs.operations.dead_letters.resolver import DeadLetterResolver
from libs.ports.journal import Claims, Journaled, JournalEntry, Position
from libs.runtime.code_version import code_version
from libs.runtime.delivery.dead_letters import MAX_BODY_BYTES, FailureContext, dead_letter
from libs.runtime.delivery.outcomes import Bug
from libs.runtime.messaging.codec import decode, encode, verified_envelope
from libs.runtime.messaging.signing import Signer
from libs.testing.fake_clock import TEST_TIME_S, FakeClock
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, lying, record_of, request
from moe.cli.dlq.text import as_json, as_lines, whole
from moe.cli.root import moe

LATER_S = 3600.0


@dataclass
class Journal:
    """A JournalReader over records that a test puts in."""

    records: list[Record] = field(default_factory=list)

    def keep(self, message: Message) -> None:
        self.records.append(record_of(message, offset=len(self.records)))

    async def history(self, response_id: str, tenant: str | None = None) -> tuple[Journaled, ...]:
        return tuple(row for row in self._rows() if row.entry.claims.response_id == response_id)

    async def of_schemas(
        self, schemas: Sequence[str], since_ms: int = 0, tenant: str | None = None
    ) -> tuple[Journaled, ...]:
        return tuple(
            row for row in self._rows() if row.entry.claims.schema in schemas and row.entry.timestamp_ms >= since_ms
        )

    async def latest_log(self) -> str:
        return ""

    def _rows(self) -> list[Journaled]:
        return [Journaled(_entry(record), 0.0) for record in self.records]


def _entry(record: Record) -> JournalEntry:
    position = Position("", record.topic, record.partition, record.offset)
    claims = Claims.of(record.headers, record.key)
    return JournalEntry(position, record.timestamp_ms, record.key, record.headers, record.value, claims)


def asked() -> QuestionAsked:
    return QuestionAsked(question=Question(text="Where does Ann live?")).opening(request())


def letter_of(
    message: Message, *, stage: str = "planner", offset: int = 5, error: FleetError | None = None, old: bool = True
) -> DeadLettered:
    """Letter of a message; `old`: of code that has been replaced since."""
    given = FailureContext(stage, error or Bug("internal error"), TEST_TIME_S, TEST_TIME_S)
    letter = dead_letter(record_of(message, offset=offset), given, "")
    made = letter.model_copy(update={"code_version": "0.0.9+old"}) if old else letter
    return made.after(message)


class Letters:
    """A journal with letters in it, and their resolver."""

    def __init__(self, *letters: DeadLettered, force: bool = False, dry_run: bool = False) -> None:
        self.journal = Journal()
        self.publisher = FakePublisher()
        for letter in letters:
            self.journal.keep(letter)
        outlet = None if dry_run else self.publisher
        self.resolver = DeadLetterResolver(
            self.journal, outlet, SIGNER, FakeClock(TEST_TIME_S + LATER_S), "ops", force=force
        )

    async def cases(self) -> tuple[TrackedLetter, ...]:
        return await read_letters(self.journal, SIGNER)

    async def case(self) -> TrackedLetter:
        (case,) = await self.cases()
        return case


class TestReading:
    async def test_a_letter_is_one_case_however_often_it_was_written(self) -> None:
        letter = letter_of(asked())
        letters = Letters(letter, letter)
        assert [case.status for case in await letters.cases()] == ["open"]

    async def test_a_settled_letter_is_told_to_be(self) -> None:
        letter = letter_of(asked())
        letters = Letters(letter)
        settled = DeadLetterSettled(letter=letter.letter, action="dropped", operator="ops", ts=TEST_TIME_S)
        letters.journal.keep(settled.after(letter))
        assert (await letters.case()).status == "dropped"

    async def test_a_letter_that_none_of_us_has_signed_is_no_letter(self) -> None:
        letters = Letters()
        letters.journal.records.append(record_of(letter_of(asked()), signer=Signer(b"the key of another fleet")))
        assert await letters.cases() == ()

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            (Wanted(), 2),
            (Wanted(stage="mcp"), 1),
            (Wanted(topic="moe.pipeline.progress.v1"), 1),
            (Wanted(tenant="acme"), 2),
            (Wanted(tenant="globex"), 0),
            (Wanted(error="internal_error"), 1),
            (Wanted(stage="mcp", error="internal_error"), 0),
        ],
    )
    async def test_letters_are_chosen_by_what_they_say(self, wanted: Wanted, found: int) -> None:
        fact = PartCompleted(part="p1", part_kind="tool").opening(request())
        other = letter_of(fact, stage="mcp", error=Rejected("no", code="malformed_message"))
        letters = Letters(letter_of(asked()), other)
        assert len(chosen(await letters.cases(), wanted)) == found

    async def test_a_letter_is_found_by_the_beginning_of_its_id(self) -> None:
        letter = letter_of(asked())
        letters = Letters(letter, letter_of(asked(), offset=6))
        assert [case.letter.letter for case in chosen(await letters.cases(), Wanted(letter=letter.letter[:8]))] == [
            letter.letter
        ]

    async def test_settled_ones_are_left_out_unless_asked_for(self) -> None:
        letter = letter_of(asked())
        settled = DeadLetterSettled(letter=letter.letter, action="dropped", operator="ops", ts=TEST_TIME_S)
        case = TrackedLetter(letter, settled.after(letter))
        assert chosen([case], Wanted()) == ()
        assert chosen([case], Wanted(settled_too=True)) == (case,)

    async def test_a_list_does_not_show_what_somebody_asked(self) -> None:
        letters = Letters(letter_of(asked()))
        case = await letters.case()
        shown = "\n".join([*as_lines([case]), as_json(case)])
        assert "Ann" not in shown
        assert case.letter.record.body not in shown
        assert case.letter.record.body in whole(case)


class TestReplaying:
    async def test_a_command_goes_back_for_a_first_attempt_with_the_time_that_it_had(self) -> None:
        question = asked()
        letters = Letters(letter_of(question.bound(replace(question.envelope, attempt=4))))
        assert (await letters.resolver.replay(await letters.case())).done
        (outgoing,) = letters.publisher.forwarded
        record = lying(outgoing)
        envelope = verified_envelope(record, SIGNER)
        assert decode(record, envelope) == question
        assert (envelope.event_id, envelope.attempt) == (question.envelope.event_id, 1)
        assert envelope.deadline_at == TEST_TIME_S + LATER_S + 60

    async def test_a_fact_goes_back_as_it_was(self) -> None:
        fact = PartCompleted(part="p1", part_kind="tool").opening(request())
        letters = Letters(letter_of(fact))
        await letters.resolver.replay(await letters.case())
        (outgoing,), (original,) = letters.publisher.forwarded, encode(fact, SIGNER)
        assert (outgoing.topic, outgoing.value) == (original.topic, original.value)
        assert outgoing.partition(12) == original.partition(12)
        assert verified_envelope(lying(outgoing), SIGNER) == fact.envelope

    async def test_nobody_signs_what_was_never_ours(self) -> None:
        forged = record_of(asked(), signer=Signer(b"the key of another fleet"))
        given = FailureContext("planner", Rejected("no", code="bad_signature"), TEST_TIME_S, TEST_TIME_S)
        letter = dead_letter(forged, given, "").model_copy(update={"code_version": "0.0.9+old"})
        letters = Letters(letter.opening(Origin.system("x")))
        assert (await letters.resolver.replay(await letters.case())).done
        (outgoing,) = letters.publisher.forwarded
        assert (outgoing.headers, outgoing.value) == (forged.headers, forged.value)

    async def test_it_is_written_down_and_audited(self) -> None:
        letter = letter_of(asked())
        letters = Letters(letter)
        await letters.resolver.replay(await letters.case())
        settled = letters.publisher.published[0]
        assert isinstance(settled, DeadLetterSettled)
        assert (settled.letter, settled.action, settled.operator) == (letter.letter, "replayed", "ops")
        assert letters.publisher.acts[0].action == "dead-letter-replayed"
        assert (letters.publisher.acts[0].actor, letters.publisher.acts[0].target) == ("ops", letter.letter)

    async def test_a_letter_is_replayed_once(self) -> None:
        letters = Letters(letter_of(asked()))
        await letters.resolver.replay(await letters.case())
        for message in letters.publisher.published:
            letters.journal.keep(message)
        again = await letters.resolver.replay(await letters.case())
        assert (again.done, again.reason) == (False, "it was replayed before")
        assert len(letters.publisher.forwarded) == 1

    async def test_the_code_that_failed_gets_no_second_chance_unless_somebody_insists(self) -> None:
        letter = letter_of(asked(), old=False)
        assert letter.code_version == code_version()
        refused, forced = Letters(letter), Letters(letter, force=True)
        assert not (await refused.resolver.replay(await refused.case())).done
        assert (await forced.resolver.replay(await forced.case())).done
        assert (len(refused.publisher.forwarded), len(forced.publisher.forwarded)) == (0, 1)

    async def test_a_dry_run_does_nothing(self) -> None:
        letters = Letters(letter_of(asked()), dry_run=True)
        result = await letters.resolver.replay(await letters.case())
        assert (result.done, result.reason) == (True, "would be replayed")
        assert (letters.publisher.forwarded, letters.publisher.published) == ([], [])

    async def test_what_a_letter_was_too_small_for_comes_from_the_journal(self) -> None:
        question = QuestionAsked(question=Question(text="x" * MAX_BODY_BYTES)).opening(request())
        letters = Letters(letter_of(question, offset=0))
        letters.journal.records.insert(0, record_of(question, offset=0))
        assert (await letters.case()).letter.record.body == ""
        assert (await letters.resolver.replay(await letters.case())).done
        assert letters.publisher.forwarded[0].value == question.body()

    async def test_what_nobody_has_any_more_cannot_be_replayed(self) -> None:
        question = QuestionAsked(question=Question(text="x" * MAX_BODY_BYTES)).opening(request())
        letters = Letters(letter_of(question))
        result = await letters.resolver.replay(await letters.case())
        assert not result.done
        assert "whole record" in result.reason
        assert letters.publisher.published == []


class TestDropping:
    async def test_a_dropped_letter_is_settled_and_its_record_stays_where_it_is(self) -> None:
        letters = Letters(letter_of(asked()))
        assert (await letters.resolver.drop(await letters.case())).done
        assert letters.publisher.forwarded == []
        assert [message.schema_name() for message in letters.publisher.published] == [
            "dead-letter-settled.v1",
            "audit-recorded.v1",
        ]

    async def test_a_dry_run_does_nothing(self) -> None:
        letters = Letters(letter_of(asked()), dry_run=True)
        assert (await letters.resolver.drop(await letters.case())).reason == "would be dropped"
        assert letters.publisher.published == []


class TestTheCommand:
    @pytest.mark.parametrize("command", ["list", "show", "replay", "drop"])
    def test_every_command_explains_itself(self, command: str) -> None:
        result = CliRunner().invoke(moe, ["dlq", command, "--help"])
        assert result.exit_code == 0

    @pytest.mark.parametrize("arguments", [["replay"], ["drop"], ["replay", "abc", "--all"]])
    def test_one_letter_is_named_or_all_are_meant(self, arguments: list[str]) -> None:
        result = CliRunner().invoke(moe, ["dlq", *arguments])
        assert result.exit_code == 2
        assert "name one letter, or use --all" in result.output

    def test_a_span_that_is_none_is_refused(self) -> None:
        result = CliRunner().invoke(moe, ["dlq", "list", "--since", "yesterday"])
        assert result.exit_code == 2
        assert "--since" in result.output
