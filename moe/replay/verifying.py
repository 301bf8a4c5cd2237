"""`verify`: recomputes every message of the stages from its cause and its reads."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from libs.contracts.answer import AnswerFinished
from libs.contracts.direct import DirectOpened
from libs.contracts.message import Message
from libs.contracts.progress import RequestCancelled, RequestOpened, RequestRestored
from moe.replay.completeness import completeness_mismatches
from moe.replay.descriptions import Descriptions
from moe.replay.folding import facts_of, of_one_tenant
from moe.replay.gateway_records import gateway_mismatches, is_direct
from moe.replay.join_check import JoinVerification
from moe.replay.mismatch import RecordLocation, ReplayMismatch
from moe.replay.records import History, ReplayRecord, lost_logs, without_restored
from moe.replay.reported_calls import is_reported_calls, reported_calls_mismatches
from moe.replay.side_records import SIDE_TOPICS, is_checked, resent_events, side_record_mismatches
from moe.replay.stages import STAGES
from moe.replay.tools import tool_mismatches
from moe.replay.work import Verification, causes_of
from services.gateway.handlers import PUBLISHES

log = logging.getLogger(__name__)
# What a value that no stage writes raises where it is computed with, or written again.
_HOSTILE_VALUE = (ValueError, TypeError, ArithmeticError, LookupError, RecursionError)
# Messages from outside the stages: from clients, and from the journal after a lost log.
GATEWAY_MESSAGES = (*(message for message in PUBLISHES if message is not AnswerFinished), RequestRestored)


class Status(Enum):
    """`verified`: no difference. `open`: no difference, but the request has no end yet. `erased`: no content."""

    VERIFIED = "verified"
    DIFFERS = "differs"
    OPEN = "open"
    ERASED = "erased"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """`records` counts read records, `checked` recomputed messages; differences are in record order.

    `lost` counts records that an in-memory broker lost by ending a moment ahead of the journal; they are no difference.

    `heard_at` is when the journal received its last record, in Unix seconds.
    """

    response_id: str
    status: Status
    records: int = 0
    checked: int = 0
    lost: int = 0
    heard_at: float = 0.0
    differences: tuple[ReplayMismatch, ...] = ()

    @property
    def is_verified(self) -> bool:
        return self.status is not Status.DIFFERS

    @property
    def misses_records(self) -> bool:
        return any(difference.absent for difference in self.differences)


async def verify(response_id: str, history: History, descriptions: Descriptions) -> Verdict:
    """Verify all messages of the history. Uses only its arguments; no I/O.

    A history that cannot be recomputed differs: a record in it has a value that no stage writes.
    """
    try:
        return await _verified(response_id, history, descriptions)
    except _HOSTILE_VALUE as error:
        log.debug("%s cannot be recomputed", response_id, exc_info=True)
        found = RecordLocation(0, "log").mismatch("record", "a history that can be recomputed", type(error).__name__)
        return Verdict(
            response_id, Status.DIFFERS, len(history.records), heard_at=history.heard_at, differences=(found,)
        )


async def _verified(response_id: str, history: History, descriptions: Descriptions) -> Verdict:
    if history.erased:
        return Verdict(response_id, Status.ERASED, history.erased + len(history.records))
    if history.rows == history.rejected:
        return Verdict(response_id, Status.UNKNOWN)
    spoken = [said for said in of_one_tenant(history.records) if said.topic not in SIDE_TOPICS]
    unreadable = (
        RecordLocation(each.index, "log").mismatch("record", "a message", each.reason) for each in history.unreadable
    )
    once = without_restored(spoken)
    found = [*unreadable, *gateway_mismatches(once, _openings(spoken)), *side_record_mismatches(history.records)]
    work = Verification(causes_of(of_one_tenant(history.records)), descriptions)
    join = JoinVerification(facts_of(spoken), descriptions)
    await _check(once, {said.event_id: said for said in spoken}, work, join)
    found += reported_calls_mismatches(once, work)
    found += [*work.differences, *join.differences, *tool_mismatches(spoken)]
    named = {(each.index, each.path) for each in found}
    incomplete = completeness_mismatches(of_one_tenant(history.records), descriptions)
    found += [each for each in incomplete if (each.index, each.path) not in named]
    found = _without_new_deadlines(found, history.records)
    lost = _lost_with_their_log(found, history)
    ordered = tuple(dict.fromkeys(sorted(set(found) - lost, key=lambda difference: difference.index)))
    status = Status.DIFFERS if ordered else Status.VERIFIED if _has_end(spoken) or is_direct(spoken) else Status.OPEN
    checked = work.checked + join.checked + sum(is_checked(said) or is_reported_calls(said) for said in history.records)
    return Verdict(
        response_id=response_id,
        status=status,
        records=len(history.records),
        checked=checked,
        lost=len(lost),
        heard_at=history.heard_at,
        differences=ordered,
    )


def _lost_with_their_log(found: Iterable[ReplayMismatch], history: History) -> set[ReplayMismatch]:
    """Missing records beside a record whose log ended with its broker."""
    ended = lost_logs(history)
    beside = {said.index for said in history.records if said.entry.position.log_id in ended}
    return {each for each in found if each.absent and each.index in beside}


def _without_new_deadlines(found: Sequence[ReplayMismatch], history: Sequence[ReplayRecord]) -> list[ReplayMismatch]:
    """Drop deadline mismatches of events that an operator replayed: the same event has a new deadline."""
    resent = resent_events(history)
    excused = {said.index for said in history if said.event_id in resent}
    return [each for each in found if each.path != "envelope.deadline_at" or each.index not in excused]


async def _check(
    spoken: Sequence[ReplayRecord], by_id: Mapping[str, ReplayRecord], work: Verification, join: JoinVerification
) -> None:
    """Check first publications (`spoken`); `by_id` has all their possible causes by event id."""
    known = frozenset(by_id)
    joined: list[ReplayRecord] = []
    for said in spoken:
        cause = by_id.get(said.cause_id)
        of_the_border = _is_of_the_border(said.message) and not said.reads  # the join may publish the question again
        if of_the_border and (cause is None or isinstance(cause.message, RequestOpened | DirectOpened)):
            continue
        if is_reported_calls(said):
            continue
        if _is_of_the_join(cause):
            join.check(said)
            joined.append(said)
        else:
            await work.check(said, known)
    if _has_end(spoken):
        join.check_completeness(joined, known)
        if not any(isinstance(said.message, RequestCancelled) for said in spoken):
            work.check_completeness()


def _is_of_the_border(message: Message) -> bool:
    """True for messages from outside; an end with `known` set is the gateway's own."""
    return message.known if isinstance(message, AnswerFinished) else isinstance(message, GATEWAY_MESSAGES)


def _openings(spoken: Sequence[ReplayRecord]) -> dict[str, RequestOpened]:
    return {said.event_id: said.message for said in spoken if isinstance(said.message, RequestOpened)}


def _is_of_the_join(cause: ReplayRecord | None) -> bool:
    return cause is not None and type(cause.message) not in STAGES


def _has_end(spoken: Sequence[ReplayRecord]) -> bool:
    return any(isinstance(said.message, AnswerFinished) for said in spoken)
