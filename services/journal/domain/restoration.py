"""The messages that restore a request whose log is lost: all its recorded facts, unchanged, in one batch.

The opening is last, so that the join decides once, with all facts: it requests the missing parts or writes the answer.
Candidates are left out: no process writes their text any more. Facts keep their event ids; new commands get new ids
from the join.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from libs.contracts.answer import AnswerFinished
from libs.contracts.catalogue import COMMANDS
from libs.contracts.message import Message
from libs.contracts.progress import CallsMade, PartCompleted, PlanDrafted, RequestCancelled, RequestRestored
from libs.contracts.records import RequestLogged
from libs.contracts.reported_calls import reported_calls
from libs.contracts.topics import ANSWER_FINISHED, PROGRESS
from libs.ports.write_ahead import PendingRequest

Outcome = Literal["answered", "continued", "expired"]
M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message of the journal and the topic of its record."""

    topic: str
    message: Message


@dataclass(frozen=True, slots=True)
class Restoration:
    """`answered`: the request had an end before, of any outcome. `expired`: its deadline has passed since."""

    outcome: Outcome
    messages: tuple[Message, ...] = ()


def restoration_of(pending: PendingRequest, history: Sequence[Recorded], now: float) -> Restoration:
    """The messages for a request. `history` holds its records in log order, `now` is Unix time."""
    opened, facts = pending.opened, _facts(history)
    if (end := pending.end or _end_in(history)) is not None:
        return Restoration("answered", () if _is_settled(end, history) else (end, *facts, opened))
    if now >= opened.envelope.deadline_at:  # opening only: the join may drop facts that are this late
        return Restoration("expired", (opened,))
    planned = any(isinstance(fact, PlanDrafted) for fact in facts)
    restored = RequestRestored(times=pending.times + 1, planned=planned).after(opened)
    cancelled = next(iter(_all(RequestCancelled, history)), None)
    return Restoration("continued", (restored, *facts, *([cancelled] if cancelled else []), opened))


def _facts(history: Sequence[Recorded]) -> tuple[Message, ...]:
    """The standing plan, the first end of each part, and the calls that no other fact reports."""
    plans = tuple(_all(PlanDrafted, history))[:1]
    parts: dict[str, PartCompleted] = {}
    for fact in _all(PartCompleted, history):
        parts.setdefault(fact.part, fact)
    facts = *plans, *parts.values(), *_all(CallsMade, history)
    return *facts, *_handed_on(history, facts)


def _handed_on(history: Sequence[Recorded], facts: Sequence[Message]) -> Iterable[CallsMade]:
    """Report the calls whose record travelled with a command: that command is never handled any more."""
    reported = {call for fact in facts for call in reported_calls(fact)}
    commands = {each.message.envelope.event_id: each.message for each in history if isinstance(each.message, COMMANDS)}
    for command in commands.values():
        if calls := tuple(call for call in reported_calls(command) if call not in reported):
            yield CallsMade(calls=calls).after(command)


def _end_in(history: Sequence[Recorded]) -> AnswerFinished | None:
    """The end that counts: the first one published to gateways, else the first one published to the join."""
    for topic in (ANSWER_FINISHED, PROGRESS):
        found = [each.message for each in history if each.topic == topic.name]
        if end := next((message for message in found if isinstance(message, AnswerFinished)), None):
            return end
    return None


def _is_settled(end: AnswerFinished, history: Sequence[Recorded]) -> bool:
    """True if the journal holds the end on its own topic, and the log record that follows it."""
    reported = any(each.topic == ANSWER_FINISHED.name and each.message == end for each in history)
    return reported and any(isinstance(each.message, RequestLogged) for each in history)


def _all(kind: type[M], history: Sequence[Recorded]) -> Iterable[M]:
    return (each.message for each in history if isinstance(each.message, kind))
