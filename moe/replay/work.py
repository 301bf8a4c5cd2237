"""Verifying the work of handlers: every message is made again from its cause and its reads."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.contracts.message import Message
from moe.replay.descriptions import Descriptions
from moe.replay.mismatch import ABSENT, Difference, Place, compare
from moe.replay.read_player import Player
from moe.replay.records import Said
from moe.replay.running import Run, rerun
from moe.replay.stages import STAGES, Stage


@dataclass
class Verification:
    """Runs every piece of work of one history. `differences` are those found so far, `checked` the messages made again.

    A cause may lie on the log in several versions, when its stage died and worked again: any of them may have led to
    a message.
    """

    causes: dict[str, list[Said]]
    descriptions: Descriptions
    differences: list[Difference] = field(default_factory=list)
    checked: int = 0
    complete: set[str] = field(default_factory=set)
    partial: dict[str, tuple[Said, Sequence[Message]]] = field(default_factory=dict)
    _runs: dict[tuple[int, str], Run] = field(default_factory=dict)

    async def check(self, said: Said, known: frozenset[str]) -> None:
        """Make one message again; `known` are the ids of all events in the history."""
        versions = self.causes.get(said.cause_id, [])
        stage = STAGES[type(versions[0].message)] if versions else None
        place = Place(said.index, stage.service if stage else "unknown")
        if stage is None:
            missed = place.misses("a record of this history", "envelope.causation_id", said.cause_id)
            self.differences.append(missed)
            return
        if Player(said.reads).sha256 not in self.descriptions:
            self.differences.append(place.differs("reads[0].sha256", "a stage that the journal describes", ABSENT))
            return
        if Player(said.reads).is_omitted:
            self.complete.add(said.cause_id)
            return
        self.checked += 1
        outcomes = [(await self._run(stage, cause, said), cause) for cause in versions]
        found = [(_compared(run, said, place), run) for run, _ in outcomes]
        differences, run = min(found, key=lambda pair: len(pair[0]))
        self.differences += differences
        if not differences:
            self._note(said, run, known)

    async def _run(self, stage: Stage, cause: Said, said: Said) -> Run:
        key = cause.index, said.message.envelope.reads
        if key not in self._runs:
            player = Player(said.reads)
            self._runs[key] = await rerun(stage, cause.message, self.descriptions[player.sha256], player)
        return self._runs[key]

    def _note(self, said: Said, run: Run, known: frozenset[str]) -> None:
        """Remember whether all that this run says is there."""
        missing = [output for output in run.outputs if output.envelope.event_id not in known]
        if missing:
            self.partial.setdefault(said.cause_id, (said, missing))
        elif run.ended:
            self.complete.add(said.cause_id)

    def check_that_all_was_said(self) -> None:
        """What work says is said together, or said again: of what was never said whole, the rest is missing."""
        for cause_id, (said, missing) in self.partial.items():
            if cause_id not in self.complete:
                stage = STAGES[type(self.causes[cause_id][0].message)]
                place = Place(said.index, stage.service)
                self.differences += [place.misses(output.envelope.schema) for output in missing]


def causes_of(history: Sequence[Said]) -> dict[str, list[Said]]:
    """Return the records that handlers work on, by event id: of each the different versions."""
    versions: dict[str, dict[tuple[bytes, float], Said]] = defaultdict(dict)
    for said in history:
        if type(said.message) in STAGES:
            key = said.entry.payload, said.message.envelope.deadline_at
            versions[said.event_id].setdefault(key, said)
    return {event_id: list(known.values()) for event_id, known in versions.items()}


def _compared(run: Run, said: Said, place: Place) -> tuple[Difference, ...]:
    if run.strays is not None:
        return (place.differs(f"reads[{run.strays.number}].kind", run.strays.wanted, run.strays.found),)
    made = [output for output in run.outputs if output.envelope.event_id == said.event_id]
    if not made:
        return (place.differs("event_id", _ids(run.outputs), said.event_id),)
    return compare(place, made[-1], said.message, said.entry.payload, said.revision)


def _ids(outputs: Sequence[Message]) -> str:
    return ", ".join(f"{output.envelope.schema} {output.envelope.event_id}" for output in outputs) or ABSENT
