"""Compares the broker's topics with the declared ones; plans creations and changes. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from libs.contracts.topics import COMPRESSION, SEGMENT_MS, Placement, Topic

MAX_DEFAULT_REPLICATION = 3
SAFE_COPIES = 3  # from here on at least two brokers acknowledge a record, so one may be unavailable
MIN_IN_SYNC = 2
ChangeKind = Literal[
    "create", "partitions", "retention", "segment", "compression", "in-sync", "too-many-partitions", "replication"
]


@dataclass(frozen=True, slots=True)
class ObservedTopic:
    """A topic as the broker describes it. Settings that the broker does not report are None."""

    partitions: int
    replication: int
    retention_ms: int | None
    segment_ms: int | None = None
    compression: str | None = None
    min_in_sync: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `have` and `want` are counts, milliseconds, or 0 and 1; `have` is 0 for a missing topic."""

    kind: ChangeKind
    topic: Topic
    have: int
    want: int

    @property
    def by_hand(self) -> bool:
        """True if only an operator can apply it: partitions cannot shrink, and replicas must be moved."""
        return self.kind in ("too-many-partitions", "replication")

    def __str__(self) -> str:
        name, have, want = self.topic.name, self.have, self.want
        texts: dict[ChangeKind, str] = {
            "create": f"create {name}: {self.topic.partitions} partitions, replication {want}, "
            f"kept {self.topic.retention_ms} ms",
            "partitions": f"grow {name}: {have} to {want} partitions",
            "retention": f"change {name}: keep {want} ms instead of {have}",
            "segment": f"change {name}: close segments after {want} ms instead of {have}",
            "compression": f"change {name}: store records uncompressed",
            "in-sync": f"change {name}: acknowledge records on {want} brokers at least, instead of {have}",
            "too-many-partitions": f"by hand {name}: has {have} partitions, every reader looks at {want} only",
            "replication": f"by hand {name}: replication is {have}, wanted {want}",
        }
        return texts[self.kind]


def default_replication(brokers: int) -> int:
    """One copy per broker, at most three, at least one."""
    return max(1, min(MAX_DEFAULT_REPLICATION, brokers))


def changes(wanted: Iterable[Topic], observed: Mapping[str, ObservedTopic], replication: int) -> tuple[Change, ...]:
    """Changes that the `wanted` topics need, in their order; other topics are ignored.

    More partitions than wanted are accepted as an operator's choice, except on a topic of which each consumer reads one
    partition. Shorter segments are accepted too. Longer ones would retain records longer than erasure promises.
    """
    return tuple(
        change
        for topic in wanted
        for change in (
            _differences(topic, observed[topic.name], replication)
            if topic.name in observed
            else (Change("create", topic, 0, replication),)
        )
    )


def _differences(topic: Topic, seen: ObservedTopic, replication: int) -> tuple[Change, ...]:
    found = []
    if seen.partitions < topic.partitions:
        found.append(Change("partitions", topic, seen.partitions, topic.partitions))
    if seen.partitions > topic.partitions and topic.placement is Placement.BROADCAST:
        found.append(Change("too-many-partitions", topic, seen.partitions, topic.partitions))
    if seen.retention_ms is not None and seen.retention_ms != topic.retention_ms:
        found.append(Change("retention", topic, seen.retention_ms, topic.retention_ms))
    if seen.segment_ms is not None and seen.segment_ms > SEGMENT_MS:
        found.append(Change("segment", topic, seen.segment_ms, SEGMENT_MS))
    if seen.compression is not None and seen.compression != COMPRESSION:
        found.append(Change("compression", topic, 0, 1))
    if seen.replication >= SAFE_COPIES and seen.min_in_sync is not None and seen.min_in_sync < MIN_IN_SYNC:
        found.append(Change("in-sync", topic, seen.min_in_sync, MIN_IN_SYNC))
    if seen.replication < replication:
        found.append(Change("replication", topic, seen.replication, replication))
    return tuple(found)
