"""What a pure fan-in is made of: `advance(state, event) -> Step`. The runtime folds the log with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.contracts.topics import Topic
from libs.ports.deltas import Delta, DeltaWriter

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Tick:
    """The clock reached the time that `due_at` asked for. `now` is Unix time in seconds."""

    now: float


class Transition(NamedTuple, Generic[S]):
    """The next state and what follows from it: deltas to write, then messages to publish (no delta follows an end).

    `closed`: the aggregate has reached its end; whatever comes later for it is swallowed.
    """

    state: S
    messages: tuple[Message, ...] = ()
    deltas: tuple[Delta, ...] = ()
    closed: bool = False


@dataclass(frozen=True)
class LateEvents(Generic[S]):
    """What is said about messages that come when their aggregate is closed. Both are pure.

    `remains` returns what is kept of it: a short text, as many are kept; `hear` the text that is kept from then on, and
    what is said. Whoever hears a thing twice says nothing more.
    """

    snapshot: Callable[[S], str]
    on_late: Callable[[str, Message], tuple[str, tuple[Message, ...]]]


@dataclass(frozen=True)
class Join(Generic[S]):
    """A fan-in over one topic, one aggregate per response id; the log is its state store.

    `advance` and `due_at` are pure. `due_at` returns the Unix time of the next tick, or None when there is none.
    A record counts as done only when its aggregate has closed, so a crash rebuilds what was open. The tenant of the
    first `opener` owns the response; what others say about it is refused. Without `late`, what comes when its
    aggregate is closed is swallowed.
    """

    topic: Topic
    advance: Callable[[S | None, Message | Tick], Transition[S]]
    due_at: Callable[[S], float | None]
    deltas: DeltaWriter
    opener: type[Message] = RequestOpened
    late: LateEvents[S] | None = None
