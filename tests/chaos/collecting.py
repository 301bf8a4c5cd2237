"""From records and calls to evidence. Pure: where they were read from does not matter."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from libs.contracts.answer import AnswerFinished
from libs.contracts.dead_letter import DeadLettered
from libs.contracts.message import Message
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.record import Record
from libs.contracts.records import RequestLogged
from libs.contracts.stage import StageDescribed
from libs.contracts.topics import ANSWER_FINISHED, PROGRESS
from libs.core.errors import Rejected
from libs.runtime.messaging.codec import decode, verified_envelope
from libs.runtime.messaging.signing import Signer
from libs.testing.model_server import Call
from tests.chaos.evidence import Called, Cancelled, Copies, Evidence, Named, Opened, Position, Positions, Replayed, Said
from tests.chaos.poisoning import position_of_letter


@dataclass(frozen=True, slots=True)
class Audit:
    """The journal's view of itself: chain errors, superseded records, and replays."""

    chain: str = ""
    superseded: Positions = frozenset()
    replayed: tuple[Replayed, ...] | None = None


@dataclass(frozen=True)
class Sources:
    """Evidence. `tokens` maps the text of a question to its token; `wall_offset_s` is Unix minus monotonic time.

    `journal` has the stored positions, or None; `injected` those of poison; `audit` is the result of the audit.
    """

    records: Sequence[Record]
    signer: Signer
    calls: Sequence[Call] = ()
    tokens: Mapping[str, str] = field(default_factory=dict)
    wall_offset_s: float = 0.0
    journal: Positions | None = None
    injected: Positions = frozenset()
    copies: Copies = ()
    audit: Audit = field(default_factory=Audit)


def evidence_of(sources: Sources) -> Evidence:
    """Evidence; unreadable records are positions only."""
    read = [(record, message) for record in in_order(sources.records) if (message := _message(record, sources.signer))]
    replies = [(record, message) for record, message in read if record.topic == ANSWER_FINISHED.name]
    facts = [(record, message) for record, message in read if record.topic == PROGRESS.name]
    return Evidence(
        opened=tuple(_opened(m, sources.tokens, r) for r, m in facts if isinstance(m, RequestOpened)),
        replies=tuple(_said(m, r) for r, m in replies if isinstance(m, AnswerFinished)),
        facts=tuple(_said(m, r) for r, m in facts if isinstance(m, AnswerFinished)),
        logged=tuple(_logged(m, r) for r, m in read if isinstance(m, RequestLogged)),
        cancelled=tuple(_cancelled(m, r) for r, m in facts if isinstance(m, RequestCancelled)),
        called=tuple(_called(call, sources.wall_offset_s) for call in sources.calls),
        log=frozenset(position_of(record) for record in sources.records),
        journal=sources.journal,
        dead=frozenset(position_of_letter(m) for _, m in read if isinstance(m, DeadLettered)),
        injected=sources.injected,
        copies=sources.copies,
        named=tuple(_named(message, record) for record, message in read),
        superseded=sources.audit.superseded,
        chain=sources.audit.chain,
        replayed=sources.audit.replayed,
        worked=frozenset((m.stage, m.code_version) for _, m in read if isinstance(m, StageDescribed)),
    )


def in_order(records: Iterable[Record]) -> list[Record]:
    """Records by partition and offset, the only order that a log has."""
    return sorted(records, key=position_of)


def position_of(record: Record) -> Position:
    return (record.topic, record.partition, record.offset)


def _message(record: Record, signer: Signer) -> Message | None:
    try:
        return decode(record, verified_envelope(record, signer))
    except Rejected:
        return None


def _named(message: Message, record: Record) -> Named:
    envelope = message.envelope
    value = hashlib.sha256(record.value or b"").hexdigest()[:16]
    return Named(position_of(record), envelope.response_id, envelope.event_id, envelope.schema, value)


def _opened(message: RequestOpened, tokens: Mapping[str, str], record: Record) -> Opened:
    envelope = message.envelope
    token = tokens.get(message.question.text, message.question.text)
    return Opened(envelope.response_id, envelope.tenant, token, record.timestamp_ms / 1000, envelope.deadline_at)


def _said(end: AnswerFinished, record: Record) -> Said:
    envelope = end.envelope
    return Said(envelope.response_id, envelope.tenant, record.timestamp_ms / 1000, end.outcome, end.text)


def _logged(line: RequestLogged, record: Record) -> Said:
    return Said(line.response_id, line.envelope.tenant, record.timestamp_ms / 1000, line.outcome, line.answer)


def _cancelled(message: RequestCancelled, record: Record) -> Cancelled:
    return Cancelled(message.envelope.response_id, message.envelope.tenant, record.timestamp_ms / 1000)


def _called(call: Call, wall_offset_s: float) -> Called:
    prompt = hashlib.sha256(repr((call.model, call.messages)).encode()).hexdigest()[:16]
    return Called(call.token, call.stage, prompt, call.started + wall_offset_s, call.ended + wall_offset_s)
