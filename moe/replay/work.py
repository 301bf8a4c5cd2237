"""Verifies the work of handlers: recomputes every message from its cause and its reads."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.contracts.message import Message
from moe.replay.descriptions import Descriptions
from moe.replay.mismatch import ABSENT, RecordLocation, ReplayMismatch, compare
from moe.replay.read_player import ReadPlayer
from moe.replay.records import ReplayRecord
from moe.replay.running import Run, rerun
from moe.replay.stages import STAGES, Stage


@dataclass
class Verification:
    """Reruns all work of one history. `differences` are those so far, `checked` counts recomputed messages.

    A cause may be on the log in several versions after its stage crashed and worked again; any of them may have led to
    a message.
    """

    causes: dict[str, list[ReplayRecord]]
    descriptions: Descriptions
    differences: list[ReplayMismatch] = field(default_factory=list)
    checked: int = 0
    complete: set[str] = field(default_factory=set)
    partial: dict[str, tuple[ReplayRecord, Sequence[Message]]] = field(default_factory=dict)
    _runs: dict[tuple[int, str], Run] = field(default_factory=dict)

    async def check(self, said: ReplayRecord, known: frozenset[str]) -> None:
        """Recompute one message; `known` are the ids of all events in the history."""
        versions = self.causes.get(said.cause_id, [])
        stage = STAGES[type(versions[0].message)] if versions else None
        place = RecordLocation(said.index, stage.service if stage else "unknown")
        if stage is None:
            missed = place.missing("a record of this history", "envelope.causation_id", said.cause_id)
            self.differences.append(missed)
            return
        if ReadPlayer(said.reads).sha256 not in self.descriptions:
            self.differences.append(place.mismatch("reads[0].sha256", "a stage that the journal describes", ABSENT))
            return
        if ReadPlayer(said.reads).is_omitted:
            self.complete.add(said.cause_id)
            return
        self.checked += 1
        outcomes = [(await self._run(stage, cause, said), cause) for cause in versions]
        found = [(_compared(run, said, place), run) for run, _ in outcomes]
        differences, run = min(found, key=lambda pair: len(pair[0]))
        self.differences += differences
        if not differences:
            self._note(said, run, known)

    async def _run(self, stage: Stage, cause: ReplayRecord, said: ReplayRecord) -> Run:
        key = cause.index, said.message.envelope.reads
        if key not in self._runs:
            player = ReadPlayer(said.reads)
            self._runs[key] = await rerun(stage, cause.message, self.descriptions[player.sha256], player)
        return self._runs[key]

    def _note(self, said: ReplayRecord, run: Run, known: frozenset[str]) -> None:
        """Record whether all outputs of a run are in the history."""
        missing = [output for output in run.outputs if output.envelope.event_id not in known]
        if missing:
            self.partial.setdefault(said.cause_id, (said, missing))
        elif run.ended:
            self.complete.add(said.cause_id)

    def check_completeness(self) -> None:
        """Work publishes its outputs together or republishes them; if no run was complete, the rest is missing."""
        for cause_id, (said, missing) in self.partial.items():
            if cause_id not in self.complete:
                stage = STAGES[type(self.causes[cause_id][0].message)]
                place = RecordLocation(said.index, stage.service)
                self.differences += [place.missing(output.envelope.schema) for output in missing]


def causes_of(history: Sequence[ReplayRecord]) -> dict[str, list[ReplayRecord]]:
    """Records that handlers consume, by event id, each with its distinct versions."""
    versions: dict[str, dict[tuple[bytes, float], ReplayRecord]] = defaultdict(dict)
    for said in history:
        if type(said.message) in STAGES:
            key = said.entry.payload, said.message.envelope.deadline_at
            versions[said.event_id].setdefault(key, said)
    return {event_id: list(known.values()) for event_id, known in versions.items()}


def _compared(run: Run, said: ReplayRecord, place: RecordLocation) -> tuple[ReplayMismatch, ...]:
    if run.mismatch is not None:
        return (place.mismatch(f"reads[{run.mismatch.number}].kind", run.mismatch.wanted, run.mismatch.found),)
    made = [output for output in run.outputs if output.envelope.event_id == said.event_id]
    if not made:
        return (place.mismatch("event_id", _ids(run.outputs), said.event_id),)
    return compare(place, made[-1], said.message, said.entry.payload, said.revision)


def _ids(outputs: Sequence[Message]) -> str:
    return ", ".join(f"{output.envelope.schema} {output.envelope.event_id}" for output in outputs) or ABSENT
