"""Diffs recorded and replayed messages: event by event, and the answer line by line."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from moe.replay.records import ReplayRecord

# Fields that differ in every call, whatever its result: times, costs, names of streams.
_PASSING = frozenset({"calls", "usage", "spent", "stream", "accepted_at", "ts"})
Change = Literal["same", "changed", "new", "gone"]


@dataclass(frozen=True, slots=True)
class EventDiff:
    """One event, recorded (`then`) and replayed (`now`). `then` is None for a new one, `now` for one that is gone."""

    change: Change
    then: Message | None
    now: Message | None

    @property
    def event(self) -> Message:
        """The replayed event, or the recorded one if it is gone."""
        event = self.now or self.then
        assert event is not None
        return event


def diff_events(then: Sequence[ReplayRecord], now: Sequence[Message]) -> tuple[EventDiff, ...]:
    """Diff all events: the replayed ones in their order, then the gone ones. The first version of each counts."""
    before: dict[str, Message] = {}
    after: dict[str, Message] = {}
    for said in then:
        before.setdefault(said.event_id, said.message)
    for message in now:
        after.setdefault(message.envelope.event_id, message)
    found = [_event_diff(before.get(event_id), message) for event_id, message in after.items()]
    gone = [EventDiff("gone", message, None) for event_id, message in before.items() if event_id not in after]
    return (*found, *gone)


def answer_diff(then: Sequence[ReplayRecord], now: Sequence[Message]) -> Iterator[str]:
    """Yield the unified diff of the two answers; nothing when they are equal."""
    was = next((said.message.text for said in then if isinstance(said.message, AnswerFinished)), "")
    became = next((message.text for message in now if isinstance(message, AnswerFinished)), "")
    return difflib.unified_diff(was.splitlines(), became.splitlines(), "recorded", "now", lineterm="")


def _event_diff(then: Message | None, now: Message) -> EventDiff:
    if then is None:
        return EventDiff("new", None, now)
    return EventDiff("same" if _lasting(then) == _lasting(now) else "changed", then, now)


def _lasting(message: Message) -> JsonValue:
    return _without_passing(message.model_dump(mode="json"))


def _without_passing(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _without_passing(inner) for name, inner in value.items() if name not in _PASSING}
    return [_without_passing(inner) for inner in value] if isinstance(value, list) else value
