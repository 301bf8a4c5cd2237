"""The model calls of one work item: each is reported, however the work ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall
from libs.contracts.reported_calls import reported_calls


@dataclass(slots=True)
class CallRecorder:
    """`made` are the calls by id, in the order of their ends; `reported` the ids that published messages contain."""

    made: dict[str, Callable[[], ModelCall]] = field(default_factory=dict)
    reported: set[str] = field(default_factory=set)

    def unreported(self, handed_on: tuple[ModelCall, ...] = ()) -> tuple[ModelCall, ...]:
        """The calls that no message reports, the inherited ones (`handed_on`) first."""
        own = (record() for call_id, record in self.made.items() if call_id not in self.reported)
        return *(call for call in handed_on if call.id not in self.reported), *own


_running: ContextVar[CallRecorder | None] = ContextVar("bill", default=None)


@contextmanager
def recording_calls() -> Iterator[CallRecorder]:
    """Collect the calls made while the block runs, in this task and the tasks that it starts."""
    bill = CallRecorder()
    token = _running.set(bill)
    try:
        yield bill
    finally:
        _running.reset(token)


def mark_reported(*messages: Message) -> None:
    """Mark the calls in published messages as reported."""
    if (bill := _running.get()) is not None:
        bill.reported.update(call.id for message in messages for call in reported_calls(message))


def add_call(call_id: str, record: Callable[[], ModelCall]) -> None:
    """Add a finished call to the active recorder; without one it is dropped.

    `record` runs only if no other message reports the call: it hashes the prompt.
    """
    if (bill := _running.get()) is not None:
        bill.made[call_id] = record
