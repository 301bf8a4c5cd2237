"""Verifies the gateway's records: one question, one end, equal on all topics."""

from collections.abc import Iterator, Mapping, Sequence

from libs.contracts.answer import AnswerFinished
from libs.contracts.direct import DirectCancelled, DirectOpened
from libs.contracts.message import Message
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.contracts.records import RequestLogged
from libs.contracts.topics import ANSWER_FINISHED, PROGRESS
from moe.replay.mismatch import RecordLocation, ReplayMismatch, compare
from moe.replay.records import ReplayRecord, in_log_order

GATEWAY = "gateway"


def gateway_mismatches(
    history: Sequence[ReplayRecord], openings: Mapping[str, RequestOpened]
) -> Iterator[ReplayMismatch]:
    """Yield contradictions between the records of the gateway.

    `openings` by event id: a log that starts anew has its own opening.
    """
    opened = next((said for said in history if isinstance(said.message, RequestOpened)), None)
    if opened is None:
        if history and not is_direct(history):
            yield RecordLocation(history[0].index, GATEWAY).missing(RequestOpened.schema_name())
        return
    yield from _openings(history, opened, openings)
    ends = [said for said in history if isinstance(said.message, AnswerFinished)]
    if ends:
        yield from _ends(history, ends)


def is_direct(history: Sequence[ReplayRecord]) -> bool:
    """True if one model answered directly.

    Such a request has only its record, and in background mode also its start and its cancellation.
    """
    return bool(history) and all(_of_one_model(said.message) for said in history)


def _of_one_model(message: Message) -> bool:
    if isinstance(message, RequestLogged):
        return any(source.endswith("::direct") for source in message.expert_models_used)
    return isinstance(message, DirectOpened | DirectCancelled)


def _openings(
    history: Sequence[ReplayRecord], opened: ReplayRecord, openings: Mapping[str, RequestOpened]
) -> Iterator[ReplayMismatch]:
    first = opened.message
    assert isinstance(first, RequestOpened)
    of_others = {said.event_id for said in history} - set(openings)
    for said in history:
        place = RecordLocation(said.index, GATEWAY)
        if said.cause_id in of_others or said.reads:
            continue  # the join may publish the question again, with its own reads
        match said.message:
            case RequestOpened() as again:
                yield from compare(
                    place, first.opening(first.envelope.origin), again, said.entry.payload, said.revision
                )
            case QuestionAsked() as asked:
                question = first.question_asked().after(first)
                yield from compare(place, question, asked, said.entry.payload, said.revision)
            case RequestCancelled() as cancelled:
                cause = openings.get(cancelled.envelope.causation_id, first)
                yield from compare(place, cancelled.after(cause), cancelled, said.entry.payload, said.revision)


def _ends(history: Sequence[ReplayRecord], ends: Sequence[ReplayRecord]) -> Iterator[ReplayMismatch]:
    """The first end must be equal on each topic, every end must be on both, and the log must agree with it."""
    firsts = [_first_on(topic.name, ends) for topic in (ANSWER_FINISHED, PROGRESS)]
    replied, joined = firsts
    if replied is None or joined is None:
        absent = ANSWER_FINISHED.name if replied is None else PROGRESS.name
        yield RecordLocation(ends[0].index, GATEWAY).missing(f"an end on {absent}")
        return
    if replied.entry.payload != joined.entry.payload:
        place, got = RecordLocation(joined.index, GATEWAY), joined.message
        yield from compare(place, replied.message, got, joined.entry.payload, joined.revision)
    yield from _alone(ends)
    yield from _logged(history, replied)


def _alone(ends: Sequence[ReplayRecord]) -> Iterator[ReplayMismatch]:
    for said in ends:
        twin = any(end.topic != said.topic and end.entry.payload == said.entry.payload for end in ends)
        if not twin:
            yield RecordLocation(said.index, GATEWAY).missing(f"the same end beside the one on {said.topic}")


def _logged(history: Sequence[ReplayRecord], end: ReplayRecord) -> Iterator[ReplayMismatch]:
    finished = end.message
    assert isinstance(finished, AnswerFinished)
    for said in history:
        if isinstance(said.message, RequestLogged):
            place = RecordLocation(said.index, GATEWAY)
            mine, theirs = (finished.outcome, finished.text), (said.message.outcome, said.message.answer)
            if mine != theirs:
                yield place.mismatch("answer", mine, theirs)


def _first_on(topic: str, ends: Sequence[ReplayRecord]) -> ReplayRecord | None:
    return next(iter(in_log_order([end for end in ends if end.topic == topic])), None)
