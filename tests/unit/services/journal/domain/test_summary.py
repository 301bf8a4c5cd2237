"""One line for each kind of record, and none is too broken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.answer import AnswerDrafted, AnswerFinished, Failure, MergeAnswer, MissingPart, WriteTrace
from libs.contracts.audit import AuditRecorded
from libs.contracts.catalogue import MESSAGES
from libs.contracts.checkpoint import ChainCheckpointed
from libs.contracts.dead_letter import DeadLettered, DeadLetterSettled, OriginalRecord
from libs.contracts.direct import DirectCancelled, DirectOpened
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.finding import Finding
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall, Usage, ids_of
from libs.contracts.plan import PlannedPart, ToolCall
from libs.contracts.progress import (
    CallsMade,
    CandidateOpened,
    PartCompleted,
    PlanDrafted,
    RequestCancelled,
    RequestOpened,
    RequestRestored,
)
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.records import CallsLogged, FeedbackGiven, KnowledgeOffered, RequestLogged
from libs.contracts.reply_partition import ReplyPartitionTaken
from libs.contracts.stage import StageDescribed
from libs.contracts.tool import RunTool
from libs.ports.journal import Claims, JournalEntry, Position
from services.journal.domain.summary import summary_of

QUESTION = Question(text="How many days\nare left?")
USAGE = Usage(prompt_tokens=3, completion_tokens=4)
CALL = ModelCall(
    stage="expert", model="m", server="s", prompt_sha256="0", usage=USAGE, duration_ms=5, finish_reason="stop"
)
TOOL_CALL = ToolCall(tool="date_diff", arguments={"start": "2024-01-15", "end": "2024-03-10"})
FAILURE = Failure(code="model_unavailable", message="Is the server running?")
ORIGINAL = OriginalRecord(
    topic="moe.requests",
    partition=0,
    offset=1,
    timestamp_ms=5,
    key="",
    headers=(),
    body="",
    body_sha256="",
    body_bytes=0,
)
STAGE = StageDescribed(stage="critic", code_version="1.2", settings={}, prompts={"rules.md": "Be strict."})
RATED = FeedbackGiven(response_id="x", rating=2, positive=False, ts=1.0, correction="It is 5.")
EXAMPLES: list[tuple[Message, str, str]] = [
    (RATED, RATED.part_id, "rated 2, corrected"),
    (RequestOpened(question=QUESTION, model="moe", accepted_at=1.0), "", '"How many days are left?" model=moe'),
    (QuestionAsked(question=QUESTION), "", '"How many days are left?"'),
    (
        PlanDrafted(
            parts=(
                PlannedPart(id="t1", kind="expert", task="x", category="math"),
                PlannedPart(id="t2", kind="tool", task="y", call=TOOL_CALL),
            ),
            source="fallback",
            note="no JSON",
        ),
        "",
        "plan by fallback: t1=math T1, t2=date_diff (no JSON)",
    ),
    (AskExpertT1(part="t1", question=QUESTION, category="math", task="Count"), "t1", 'math: "Count"'),
    (AskExpertT2(part="t1", question=QUESTION, category="math", task="Count"), "t1", 'math: "Count"'),
    (RunTool(part="t2", call=TOOL_CALL), "t2", "date_diff(start=2024-01-15, end=2024-03-10)"),
    (CandidateOpened(part="t1", confidence="high", stream="t1.ab"), "t1", "candidate, confidence high"),
    (
        PartCompleted(part="t1", part_kind="expert", finding=Finding(text="55 days", source="m@s", calls=(CALL,))),
        "t1",
        'm@s, confidence medium: "55 days"',
    ),
    (
        PartCompleted(part="t1", part_kind="expert", failure=FAILURE),
        "t1",
        "failed (model_unavailable): Is the server running?",
    ),
    (WriteTrace(part="trace", question=QUESTION, results=()), "trace", "0 results"),
    (
        MergeAnswer(question=QUESTION, results=(), missing=(MissingPart(part="t1", task="x", reason="late"),)),
        "",
        "0 results, 1 missing",
    ),
    (
        AnswerDrafted(question=QUESTION, text="Rest.", categories=("medical_consult",)),
        "",
        'draft for the critic (medical_consult): "Rest."',
    ),
    (CallsMade(calls=(CALL,)), ids_of((CALL,)), "calls: 1, tokens: 3 + 4"),
    (CallsLogged(response_id="r", calls=(CALL, CALL)), ids_of((CALL, CALL)), "calls: 2, tokens: 6 + 8"),
    (RequestCancelled(reason="client gone"), "", "cancelled: client gone"),
    (RequestRestored(times=2, planned=True), "", "restored, time 2, with a plan"),
    (RequestRestored(times=1, planned=False), "", "restored, time 1, without a plan"),
    (AnswerFinished(outcome="answered", text="55 days."), "", 'answered: "55 days."'),
    (
        AnswerFinished(outcome="failed", failure=FAILURE),
        "",
        "failed: failed (model_unavailable): Is the server running?",
    ),
    (
        RequestLogged(response_id="r", input="q", answer="55", expert_models_used=(), ts=1.0),
        "",
        'answered: "55"',
    ),
    (
        RequestLogged(response_id="r", input="q", answer="55", expert_models_used=(), ts=1.0, why="tools", call=CALL),
        "",
        'answered by m@s (tools): "55"',
    ),
    (
        KnowledgeOffered(
            input="q",
            answer="a",
            domain="math",
            source_expert="math",
            source_model="m",
            confidence="high",
            knowledge_type="factual",
        ),
        "",
        "factual knowledge on math from math",
    ),
    (
        DeadLettered(
            letter="l1",
            record=ORIGINAL,
            stage="planner",
            code_version="1",
            error="bug",
            error_class="KeyError",
            message="no such key",
            first_failed_at=1.0,
            last_failed_at=1.0,
        ),
        "l1",
        "dead letter of planner, moe.requests: bug: no such key",
    ),
    (DeadLetterSettled(letter="l1", action="dropped", operator="ada", ts=1.0), "l1/dropped", "dropped by ada"),
    (
        AuditRecorded(action="hold-placed", actor="ada", target="h1", reason="lawsuit", ts=1.0),
        "hold-placed/h1",
        "hold-placed h1 by ada (lawsuit)",
    ),
    (
        ChainCheckpointed(chain="acme", sequence=7, hash="aa", at_ms=1, key="bb", signature="cc"),
        "7",
        "chain of acme sealed up to 7",
    ),
    (STAGE, STAGE.sha256, "critic 1.2, 1 prompts"),
    (ReplyPartitionTaken(instance="gateway-0", taken_at=1.0), "gateway-0", "taken by gateway-0"),
    (DirectOpened(model="m", accepted_at=1.0), "", "one model is asked in the background, model=m"),
    (DirectCancelled(reason="no more"), "", "cancelled: no more"),
]


def entry(schema: str | None, payload: bytes) -> JournalEntry:
    return JournalEntry(Position("", "t", 0, 0), 0, None, (), payload, Claims(schema=schema))


def entry_with(message: Message) -> JournalEntry:
    return entry(message.schema_name(), message.body())


@pytest.mark.parametrize(("message", "part", "text"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_a_message_is_told_in_one_line(message: Message, part: str, text: str) -> None:
    summary = summary_of(entry_with(message))
    assert (summary.part, summary.text) == (part, text)


def test_no_message_is_forgotten_here() -> None:
    assert {type(message) for message, _, _ in EXAMPLES} == set(MESSAGES)


def test_model_calls_are_told_where_they_happened() -> None:
    plan = PlanDrafted(parts=(), source="model", calls=(CALL,))
    part = PartCompleted(part="t1", part_kind="expert", finding=Finding(text="x", calls=(CALL, CALL)))
    assert summary_of(entry_with(plan)).calls == (CALL,)
    assert summary_of(entry_with(part)).calls == (CALL, CALL)


def test_a_long_text_is_cut() -> None:
    assert len(summary_of(entry_with(QuestionAsked(question=Question(text="word " * 500)))).text) < 80


def test_what_steers_a_terminal_is_not_repeated() -> None:
    question = Question(text="\x1b[2J\x1b]0;owned\x07 hello\r\n")
    assert summary_of(entry_with(QuestionAsked(question=question))).text == '" [2J ]0;owned hello "'


@pytest.mark.parametrize(
    ("schema", "payload", "text"),
    [
        (None, b"\xff\xff", "no schema, 2 bytes"),
        ("moon-landed.v1", b"{}", "unknown schema, 2 bytes"),
        ("plan-drafted.v1", b"[" * 10_000, "unreadable, 10000 bytes: "),
        ("plan-drafted.v1", b"{}", "unreadable, 2 bytes: Field required"),
        ("question-asked.v1", b'{"question": {"text": "\\ud800"}}', "unreadable, 32 bytes: "),
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(schema: str | None, payload: bytes, text: str) -> None:
    assert summary_of(entry(schema, payload)).text.startswith(text)


@given(st.sampled_from([message.schema_name() for message in MESSAGES]), st.binary())
def test_no_body_is_too_broken(schema: str, payload: bytes) -> None:
    assert summary_of(entry(schema, payload)).text
