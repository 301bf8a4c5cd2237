"""Changes of a broker's topics are computed without a broker."""

import pytest

from libs.adapters.kafka.topic_plan import Change, ObservedTopic, changes, default_replication
from libs.contracts.catalogue import TOPICS
from libs.contracts.topics import HOUR_MS, SEGMENT_MS, Placement, Topic

WEEK_MS = 7 * 24 * HOUR_MS
WORK = Topic("moe.pipeline.work.v1", Placement.PART, partitions=12, retention_ms=1000)
BROADCAST = Topic("moe.pipeline.shout.v1", Placement.BROADCAST, partitions=1, retention_ms=1000)
AS_WANTED = ObservedTopic(partitions=12, replication=1, retention_ms=1000)


def test_an_empty_broker_gets_every_topic() -> None:
    planned = changes(TOPICS, {}, replication=3)
    assert [(change.kind, change.topic, change.want) for change in planned] == [("create", t, 3) for t in TOPICS]


def test_a_topic_as_wanted_needs_nothing() -> None:
    assert changes((WORK,), {WORK.name: AS_WANTED}, replication=1) == ()


@pytest.mark.parametrize(("replication", "min_in_sync"), [(3, 2), (3, 3), (2, 1), (1, 1)])
def test_one_broker_may_be_away_and_no_more(replication: int, min_in_sync: int) -> None:
    seen = ObservedTopic(12, replication, 1000, min_in_sync=min_in_sync)
    assert changes((WORK,), {WORK.name: seen}, replication=1) == ()


def test_topics_of_others_are_not_looked_at() -> None:
    assert changes((WORK,), {WORK.name: AS_WANTED, "somebody.else": AS_WANTED}, replication=1) == ()


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (ObservedTopic(6, 1, 1000), ("partitions", 6, 12)),
        (ObservedTopic(12, 1, 99), ("retention", 99, 1000)),
        (ObservedTopic(12, 1, -1), ("retention", -1, 1000)),
        (ObservedTopic(12, 1, 1000, WEEK_MS), ("segment", WEEK_MS, SEGMENT_MS)),
        (ObservedTopic(12, 1, 1000, compression="producer"), ("compression", 0, 1)),
        (ObservedTopic(12, 3, 1000, min_in_sync=1), ("in-sync", 1, 2)),
    ],
)
def test_a_difference_that_can_be_changed_is_planned(seen: ObservedTopic, expected: tuple[str, int, int]) -> None:
    (change,) = changes((WORK,), {WORK.name: seen}, replication=1)
    assert (change.kind, change.have, change.want) == expected
    assert not change.by_hand


def test_too_few_copies_are_moved_by_hand() -> None:
    (change,) = changes((WORK,), {WORK.name: AS_WANTED}, replication=3)
    assert (change.kind, change.have, change.want, change.by_hand) == ("replication", 1, 3, True)


def test_more_copies_than_wanted_are_fine() -> None:
    assert changes((WORK,), {WORK.name: ObservedTopic(12, 3, 1000)}, replication=1) == ()


def test_more_partitions_are_an_operator_s_choice() -> None:
    assert changes((WORK,), {WORK.name: ObservedTopic(48, 1, 1000)}, replication=1) == ()


def test_more_partitions_of_a_broadcast_would_not_be_read() -> None:
    (change,) = changes((BROADCAST,), {BROADCAST.name: ObservedTopic(4, 1, 1000)}, replication=1)
    assert (change.kind, change.by_hand) == ("too-many-partitions", True)


def test_a_retention_that_the_broker_does_not_tell_is_not_compared() -> None:
    assert changes((WORK,), {WORK.name: ObservedTopic(12, 1, None)}, replication=1) == ()


def test_segments_that_a_broker_closes_earlier_are_an_operator_s_choice() -> None:
    assert changes((WORK,), {WORK.name: ObservedTopic(12, 1, 1000, SEGMENT_MS // 6)}, replication=1) == ()


def test_several_differences_of_one_topic_are_all_named() -> None:
    planned = changes((WORK,), {WORK.name: ObservedTopic(1, 1, 5, WEEK_MS)}, replication=2)
    assert [change.kind for change in planned] == ["partitions", "retention", "segment", "replication"]
    assert all(WORK.name in str(change) for change in planned)


def test_every_kind_of_change_can_be_told() -> None:
    assert str(Change("create", WORK, 0, 3)) == f"create {WORK.name}: 12 partitions, replication 3, kept 1000 ms"
    assert str(Change("partitions", WORK, 6, 12)) == f"grow {WORK.name}: 6 to 12 partitions"
    assert str(Change("retention", WORK, 5, 1000)) == f"change {WORK.name}: keep 1000 ms instead of 5"
    assert str(Change("segment", WORK, 9, 5)) == f"change {WORK.name}: close segments after 5 ms instead of 9"
    assert str(Change("compression", WORK, 0, 1)) == f"change {WORK.name}: store records uncompressed"
    assert str(Change("replication", WORK, 1, 3)) == f"by hand {WORK.name}: replication is 1, wanted 3"
    assert str(Change("too-many-partitions", WORK, 4, 1)).startswith(f"by hand {WORK.name}: has 4 partitions")


@pytest.mark.parametrize(("brokers", "copies"), [(0, 1), (1, 1), (2, 2), (3, 3), (9, 3)])
def test_there_are_as_many_copies_as_brokers_but_three_at_most(brokers: int, copies: int) -> None:
    assert default_replication(brokers) == copies
