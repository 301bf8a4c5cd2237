"""The parts of a pure fan-in, `advance(state, event) -> Transition`. The runtime folds the log with it."""

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
    """The clock reached the time that `due_at` returned. `now` is Unix time in seconds."""

    now: float


class Transition(NamedTuple, Generic[S]):
    """The next state and its effects: deltas to write, then messages to publish (no delta follows an end).

    `closed`: the aggregate has ended; later events for it are ignored, or handled by `LateEvents`.
    """

    state: S
    messages: tuple[Message, ...] = ()
    deltas: tuple[Delta, ...] = ()
    closed: bool = False


@dataclass(frozen=True)
class LateEvents(Generic[S]):
    """Handling of messages for a closed aggregate. Both functions are pure.

    `snapshot` returns a short text to store, as many are stored. `on_late` returns the next text and the messages to
    publish; it must publish nothing for a repeated message.
    """

    snapshot: Callable[[S], str]
    on_late: Callable[[str, Message], tuple[str, tuple[Message, ...]]]


@dataclass(frozen=True)
class Join(Generic[S]):
    """A fan-in over one topic, one aggregate per response id; the log is its state store.

    `advance` and `due_at` are pure. `due_at` returns the Unix time of the next tick, None for none. A record is done
    only once its aggregate has closed, so a restart after a crash rebuilds open aggregates. The tenant of the first
    `opener` owns the response; events of another tenant are rejected. Without `late`, events for a closed aggregate are
    ignored.
    """

    topic: Topic
    advance: Callable[[S | None, Message | Tick], Transition[S]]
    due_at: Callable[[S], float | None]
    deltas: DeltaWriter
    opener: type[Message] = RequestOpened
    late: LateEvents[S] | None = None
