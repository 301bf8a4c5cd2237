"""Verifies the join: compares its messages with those of the fold."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.contracts.message import Message
from libs.contracts.records import RequestLogged
from libs.contracts.stage import StageDescribed
from libs.runtime.delivery.outcomes import RESTORED
from moe.replay.descriptions import Descriptions
from moe.replay.folding import Fold, folded, number
from moe.replay.mismatch import ABSENT, RecordLocation, ReplayMismatch, compare
from moe.replay.read_player import ReadPlayer
from moe.replay.records import ReplayRecord
from moe.replay.stages import JOINER, join_of


@dataclass
class JoinVerification:
    """Verifies the join's messages in one history. `facts` are the records of its topic in log order.

    A restarted in-memory broker has a new log, and its join knows nothing of the previous one.
    """

    facts: Sequence[ReplayRecord]
    descriptions: Descriptions
    differences: list[ReplayMismatch] = field(default_factory=list)
    checked: int = 0
    _folds: dict[tuple[str, str], Fold] = field(default_factory=dict)

    def check(self, record: ReplayRecord) -> None:
        """Compare one message of the join with the fold's message."""
        place = RecordLocation(record.index, JOINER)
        if (described := self.descriptions.get(ReadPlayer(record.reads).sha256)) is None:
            self.differences.append(place.mismatch("reads[0].sha256", "a stage that the journal describes", ABSENT))
            return
        self.checked += 1
        fold = self._fold(record, described)
        made = fold.published.get(record.event_id) or _read_as(record, fold.late.get(record.event_id))
        if made is None and not self._has_read(record):
            self.differences.append(place.missing("a record of the join", "envelope.causation_id", record.cause_id))
        elif made is None:
            self.differences.append(place.mismatch("event_id", "nothing: the join does not say this", record.event_id))
        else:
            self.differences += compare(place, made, record.message, record.entry.payload, record.revision)

    def check_completeness(self, spoken: Sequence[ReplayRecord], known: frozenset[str]) -> None:
        """The join that closed a request must have published all messages of the fold, or its predecessor must."""
        last = next((said for said in reversed(spoken) if isinstance(said.message, RequestLogged)), None)
        fold = self._fold_of(last or next(reversed(spoken), None))
        if last is None:
            if fold is None or not fold.broken:
                place = RecordLocation(self.facts[-1].index if self.facts else 0, JOINER)
                self.differences.append(place.missing(RequestLogged.schema_name()))
            return
        if fold is None:
            return
        until = max((int(number(read, "until")) for read in last.reads if read.kind == RESTORED), default=-1)
        for event_id, message in (fold.published | fold.late).items():
            may_be_unpublished = fold.closed_at < until and message.envelope.causation_id != last.cause_id
            if event_id not in known and not may_be_unpublished:
                self.differences.append(RecordLocation(last.index, JOINER).missing(message.envelope.schema))

    def _has_read(self, said: ReplayRecord) -> bool:
        """True if the cause of a message is in the same log."""
        heard = (fact for fact in self.facts if fact.event_id == said.cause_id)
        return any(fact.entry.position.log_id == said.entry.position.log_id for fact in heard)

    def _fold_of(self, said: ReplayRecord | None) -> Fold | None:
        described = self.descriptions.get(ReadPlayer(said.reads).sha256) if said is not None else None
        return self._fold(said, described) if said is not None and described is not None else None

    def _fold(self, said: ReplayRecord, described: StageDescribed) -> Fold:
        log_id = said.entry.position.log_id
        key = log_id, said.message.envelope.reads
        if key not in self._folds:
            facts = [fact for fact in self.facts if fact.entry.position.log_id == log_id]
            self._folds[key] = folded(facts, join_of(described), said.reads)
        return self._folds[key]


def _read_as(said: ReplayRecord, made: Message | None) -> Message | None:
    """A late message follows from one record alone, whatever else the join had read by then."""
    return made.bound(made.envelope.with_output_metadata(said.message.envelope.reads, 0)) if made is not None else None
