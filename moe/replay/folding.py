"""Folds the join again: the records of its topic in log order, with the recorded ticks."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.contracts.topics import PROGRESS
from libs.core.reads import Read, ReadLog
from libs.ports.reducer import Join, Tick
from libs.runtime.delivery.outcomes import TICK, join_failed
from libs.runtime.delivery.output_metadata import OutputMetadata
from moe.replay.records import ReplayRecord, in_log_order
from services.merger.domain import Request

log = logging.getLogger(__name__)


@dataclass
class Fold:
    """Messages that the join publishes for one request.

    `published` keeps the first version of each event. `late` holds messages about events after the close, for calls
    that are not in `reported_call_ids`. `state` is the latest state.

    `closed_at` is the offset of the record that closed the request, -1 while it is open. `broken`: a bug closed it.
    """

    join: Join[Request]
    read_log: ReadLog
    state: Request | None = None
    published: dict[str, Message] = field(default_factory=dict)
    late: dict[str, Message] = field(default_factory=dict)
    reported_call_ids: str = ""
    closed_at: int = -1
    broken: bool = False

    def advance(self, event: Message | Tick, offset: int) -> None:
        """Fold one record or tick. After the close, only record the messages about a late event."""
        if self.closed_at >= 0:
            self._on_late(event)
            return
        step = self.join.advance(self.state, event)
        self.state = step.state
        stamp = OutputMetadata(self.read_log)
        for message in step.messages:
            self.published.setdefault(message.envelope.event_id, stamp.attach_to(message))
        if step.closed:
            self.closed_at = offset
            self.reported_call_ids = self.join.late.snapshot(step.state) if self.join.late is not None else ""

    def _on_late(self, event: Message | Tick) -> None:
        if isinstance(event, Message) and self.join.late is not None:
            self.reported_call_ids, said = self.join.late.on_late(self.reported_call_ids, event)
            self.late |= {words.envelope.event_id: words for words in said}


def folded(
    facts: Sequence[ReplayRecord], join: Join[Request], reads: Sequence[Read], before: int | None = None
) -> Fold:
    """Fold the records, each followed by its ticks; with `before`, only records with a smaller index."""
    ticks: dict[int, list[Read]] = defaultdict(list)
    for read in reads:
        if read.kind == TICK:
            ticks[int(number(read, "after"))].append(read)
    fold = Fold(join, ReadLog([read for read in reads if read.kind != TICK]))
    for fact in of_one_tenant(facts):
        if before is not None and fact.index >= before:
            continue
        try:
            _fold(fold, fact, ticks.get(fact.entry.position.offset, ()))
        except Exception:
            log.debug("the join met a bug at record %d", fact.index, exc_info=True)
            _break(fold, fact)
    return fold


def facts_of(history: Sequence[ReplayRecord]) -> tuple[ReplayRecord, ...]:
    """Records of the join's topic in log order."""
    return in_log_order([said for said in history if said.topic == PROGRESS.name])


def of_one_tenant(history: Sequence[ReplayRecord]) -> tuple[ReplayRecord, ...]:
    """Records of the tenant with the first opening on the log; those of other tenants never affect the response."""
    openings = (fact.message.envelope.tenant for fact in facts_of(history) if isinstance(fact.message, RequestOpened))
    owner = next(openings, None)
    return tuple(said for said in history if owner is None or said.message.envelope.tenant == owner)


def number(read: Read, name: str) -> float:
    """Raises TypeError if the value is not a number."""
    value = read.values.get(name)
    if not isinstance(value, int | float):
        raise TypeError(f"{read.kind}.{name} is not a number")
    return value


def _fold(fold: Fold, fact: ReplayRecord, ticks: Sequence[Read]) -> None:
    offset = fact.entry.position.offset
    fold.advance(fact.message, offset)
    for tick in ticks:
        fold.read_log.reads.append(tick)
        fold.advance(Tick(number(tick, "now")), offset)


def _break(fold: Fold, fact: ReplayRecord) -> None:
    """A bug in the join ends the request as failed, unless it already has an end."""
    fold.closed_at, fold.broken = fact.entry.position.offset, True
    if not isinstance(fact.message, AnswerFinished):
        ended = join_failed(fact.message)
        fold.published.setdefault(ended.envelope.event_id, OutputMetadata(fold.read_log).attach_to(ended))
