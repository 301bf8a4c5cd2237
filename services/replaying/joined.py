"""Verifying the join: the records of its topic are folded again in the order of the log, with the recorded ticks."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from libs.contracts.answer import AnswerFinished, Failure
from libs.contracts.failures import failure_of
from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.contracts.records import RequestLogged
from libs.contracts.stage import StageDescribed
from libs.contracts.topics import PROGRESS
from libs.core.reads import Read, Tape
from libs.runtime.fold import Join, Tick
from libs.runtime.outcomes import RESTORED, TICK
from libs.runtime.stamp import Stamp
from services.merger.domain import Request
from services.replaying.descriptions import Descriptions
from services.replaying.difference import ABSENT, Difference, Place, compare
from services.replaying.player import Player
from services.replaying.records import Said
from services.replaying.stages import JOINER, join_of

log = logging.getLogger(__name__)


@dataclass
class Fold:
    """What the join says about one request. `said` keeps the first version of each event; `state` is the last one.

    `closed_at` is the offset of the record that closed it, -1 while it is open.
    """

    join: Join[Request]
    tape: Tape
    state: Request | None = None
    said: dict[str, Message] = field(default_factory=dict)
    closed_at: int = -1

    def advance(self, event: Message | Tick, offset: int) -> None:
        """Fold one record or tick, unless it came too late."""
        if self.closed_at >= 0:
            return
        step = self.join.advance(self.state, event)
        self.state = step.state
        stamp = Stamp(self.tape)
        for message in step.messages:
            self.said.setdefault(message.envelope.event_id, stamp.on(message))
        if step.closed:
            self.closed_at = offset


@dataclass
class JoinVerification:
    """Verifies what the join said in one history. `facts` are the records of its topic in the order of the log."""

    facts: Sequence[Said]
    descriptions: Descriptions
    differences: list[Difference] = field(default_factory=list)
    checked: int = 0
    _folds: dict[str, Fold] = field(default_factory=dict)

    def check(self, said: Said) -> None:
        """Compare one message of the join with what the fold says."""
        place = Place(said.index, JOINER)
        if (described := self.descriptions.get(Player(said.reads).sha256)) is None:
            self.differences.append(place.differs("reads[0].sha256", "a stage that the journal describes", ABSENT))
            return
        self.checked += 1
        made = self._fold(said, described).said.get(said.event_id)
        if made is None:
            self.differences.append(place.differs("event_id", "nothing: the join does not say this", said.event_id))
        else:
            self.differences += compare(place, made, said.message, said.entry.payload)

    def check_that_all_was_said(self, spoken: Sequence[Said], known: frozenset[str]) -> None:
        """Whoever closed the request has said all that the fold says, or found it said by the one before."""
        last = next((said for said in reversed(spoken) if isinstance(said.message, RequestLogged)), None)
        if last is None:
            place = Place(self.facts[-1].index if self.facts else 0, JOINER)
            self.differences.append(place.differs("missing", RequestLogged.schema_name(), ABSENT))
            return
        if (described := self.descriptions.get(Player(last.reads).sha256)) is None:
            return
        fold = self._fold(last, described)
        until = max((int(_number(read, "until")) for read in last.reads if read.kind == RESTORED), default=-1)
        words = {said.event_id for said in spoken if said.message.envelope.causation_id == last.cause_id}
        for event_id, message in fold.said.items():
            unsaid_is_fine = fold.closed_at < until and event_id not in words
            if event_id not in known and not unsaid_is_fine:
                self.differences.append(Place(last.index, JOINER).differs("missing", message.envelope.schema, ABSENT))

    def _fold(self, said: Said, described: StageDescribed) -> Fold:
        key = said.message.envelope.reads
        if key not in self._folds:
            self._folds[key] = folded(self.facts, join_of(described), said.reads)
        return self._folds[key]


def folded(facts: Sequence[Said], join: Join[Request], reads: Sequence[Read], before: int | None = None) -> Fold:
    """Fold the records, and after each the ticks that came then; with `before` only the records before that number."""
    ticks: dict[int, list[Read]] = defaultdict(list)
    for read in reads:
        if read.kind == TICK:
            ticks[int(_number(read, "after"))].append(read)
    fold = Fold(join, Tape([read for read in reads if read.kind != TICK]))
    for fact in _of_one_tenant(facts):
        if before is not None and fact.index >= before:
            break
        try:
            _fold(fold, fact, ticks.get(fact.entry.position.offset, ()))
        except Exception:
            log.debug("the join met a bug at record %d", fact.index, exc_info=True)
            _break(fold, fact)
    return fold


def facts_of(history: Sequence[Said]) -> tuple[Said, ...]:
    """Return the records of the join's topic in the order of the log."""
    facts = [said for said in history if said.topic == PROGRESS.name]
    return tuple(sorted(facts, key=lambda said: said.place))


def _fold(fold: Fold, fact: Said, ticks: Sequence[Read]) -> None:
    offset = fact.entry.position.offset
    fold.advance(fact.message, offset)
    for tick in ticks:
        fold.tape.reads.append(tick)
        fold.advance(Tick(_number(tick, "now")), offset)


def _break(fold: Fold, fact: Said) -> None:
    """A bug in the join ends the request as failed, unless it has its end."""
    fold.closed_at = fact.entry.position.offset
    if not isinstance(fact.message, AnswerFinished):
        failure = Failure(code="internal_error", message="internal error while joining the answer")
        ended = failure_of(fact.message, failure)
        fold.said.setdefault(ended.envelope.event_id, Stamp(fold.tape).on(ended))


def _of_one_tenant(facts: Sequence[Said]) -> Iterator[Said]:
    """Yield the facts of the tenant who opened the request: nobody else's touch it."""
    owner = next((fact.message.envelope.tenant for fact in facts if isinstance(fact.message, RequestOpened)), None)
    return (fact for fact in facts if owner is None or fact.message.envelope.tenant == owner)


def _number(read: Read, name: str) -> float:
    value = read.values.get(name)
    if not isinstance(value, int | float):
        raise TypeError(f"{read.kind}.{name} is not a number")
    return value
