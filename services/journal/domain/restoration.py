"""What has to be said for a request whose log is lost: everything that was recorded of it, as it was, in one go.

The opening comes last, so that the join decides once, with all of it known: it asks for what is missing, or makes the
answer. A candidate is the promise of a text that nobody writes any more, so it is left out. Facts keep their event ids;
what is asked for anew gets ids of its own from the join.
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
    """A message of the journal, and the topic that it lay on."""

    topic: str
    message: Message


@dataclass(frozen=True, slots=True)
class Restoration:
    """`answered`: it had its end before, whichever that was; `expired`: its deadline has passed meanwhile."""

    outcome: Outcome
    messages: tuple[Message, ...] = ()


def restoration_of(kept: PendingRequest, history: Sequence[Recorded], now: float) -> Restoration:
    """Return what to say for a request. `history` has its records in the order of the logs, `now` is Unix time."""
    opened, facts = kept.opened, _facts(history)
    if (end := kept.end or _end_in(history)) is not None:
        return Restoration("answered", () if _is_settled(end, history) else (end, *facts, opened))
    if now >= opened.envelope.deadline_at:  # nothing before the opening: the join may drop what is that late
        return Restoration("expired", (opened,))
    planned = any(isinstance(fact, PlanDrafted) for fact in facts)
    restored = RequestRestored(times=kept.times + 1, planned=planned).after(opened)
    cancelled = next(iter(_all(RequestCancelled, history)), None)
    return Restoration("continued", (restored, *facts, *([cancelled] if cancelled else []), opened))


def _facts(history: Sequence[Recorded]) -> tuple[Message, ...]:
    """Return the plan that stands, how each part ended first, and the calls that nothing else tells of."""
    plans = tuple(_all(PlanDrafted, history))[:1]
    parts: dict[str, PartCompleted] = {}
    for fact in _all(PartCompleted, history):
        parts.setdefault(fact.part, fact)
    facts = *plans, *parts.values(), *_all(CallsMade, history)
    return *facts, *_handed_on(history, facts)


def _handed_on(history: Sequence[Recorded], facts: Sequence[Message]) -> Iterable[CallsMade]:
    """Return what tells of the calls whose record travelled with a command: nobody works on that any more."""
    told = {call for fact in facts for call in reported_calls(fact)}
    commands = {each.message.envelope.event_id: each.message for each in history if isinstance(each.message, COMMANDS)}
    for command in commands.values():
        if calls := tuple(call for call in reported_calls(command) if call not in told):
            yield CallsMade(calls=calls).after(command)


def _end_in(history: Sequence[Recorded]) -> AnswerFinished | None:
    """Return the end that counts: the first one that a gateway was told, else the first one that the join was told."""
    for topic in (ANSWER_FINISHED, PROGRESS):
        found = [each.message for each in history if each.topic == topic.name]
        if end := next((message for message in found if isinstance(message, AnswerFinished)), None):
            return end
    return None


def _is_settled(end: AnswerFinished, history: Sequence[Recorded]) -> bool:
    """Return whether the journal has the end, where it looks for it, and the last words that follow it."""
    told = any(each.topic == ANSWER_FINISHED.name and each.message == end for each in history)
    return told and any(isinstance(each.message, RequestLogged) for each in history)


def _all(kind: type[M], history: Sequence[Recorded]) -> Iterable[M]:
    return (each.message for each in history if isinstance(each.message, kind))
