"""Partitions of a group: each has one owner, each topic is spread evenly, and little moves when members change."""

from collections import Counter
from collections.abc import Mapping

from aiokafka.cluster import ClusterMetadata
from aiokafka.protocol.metadata import MetadataResponse_v0
from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from libs.runtime.kafka.assignor import StickyByTopicAssignor, sticky_by_topic

Share = set[TopicPartition]


def cluster_of(partitions: Mapping[str, int]) -> ClusterMetadata:
    cluster = ClusterMetadata()
    topics = [(0, name, [(0, number, 1, [1], [1]) for number in range(count)]) for name, count in partitions.items()]
    cluster.update_metadata(MetadataResponse_v0([(1, "a", 1)], topics))
    return cluster


class Group:
    """Members by name, each with the assignor of its consumer."""

    def __init__(self, partitions: Mapping[str, int]) -> None:
        self.partitions = partitions
        self.members: dict[str, type[StickyByTopicAssignor]] = {}
        self.generation = 0

    def join(self, name: str) -> None:
        self.members[name] = sticky_by_topic()

    def leave(self, name: str) -> None:
        del self.members[name]

    def rebalance(self, topics: Mapping[str, list[str]] | None = None) -> dict[str, Share]:
        """Assign anew. `topics` are those of each member, by default all."""
        self.generation += 1
        subscribed = topics or dict.fromkeys(self.members, sorted(self.partitions))
        asked = {name: assignor.metadata(subscribed[name]) for name, assignor in self.members.items()}
        assigned = StickyByTopicAssignor.assign(cluster_of(self.partitions), asked)
        for name, assignor in self.members.items():
            assignor.on_generation_assignment(self.generation)
            assignor.on_assignment(assigned[name])
        return {name: set(share.partitions()) for name, share in assigned.items()}

    @property
    def all_partitions(self) -> list[TopicPartition]:
        return [TopicPartition(name, number) for name, count in self.partitions.items() for number in range(count)]


def spread(shares: Mapping[str, Share], topic: str) -> int:
    """Difference between the most and the fewest partitions of a topic that a member has."""
    counts = [sum(1 for place in share if place.topic == topic) for share in shares.values()]
    return max(counts) - min(counts)


changes = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=8)


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 13), min_size=1), changes)
def test_every_partition_has_one_owner_and_each_topic_is_spread_evenly(
    partitions: dict[str, int], changes: list[tuple[bool, int]]
) -> None:
    group = Group(partitions)
    group.join("m9")
    group.rebalance()
    for comes, number in changes:
        if comes:
            group.join(f"m{number}")
        elif f"m{number}" in group.members:
            group.leave(f"m{number}")
        shares = group.rebalance()
        owned = Counter(place for share in shares.values() for place in share)
        assert owned == Counter(group.all_partitions)
        assert all(spread(shares, topic) <= 1 for topic in partitions)


def test_a_member_that_joins_takes_its_part_of_every_topic_and_the_rest_stays() -> None:
    group = Group({"asked": 12, "known": 12})
    group.join("first")
    (before,) = group.rebalance().values()
    group.join("second")
    after = group.rebalance()
    assert after["first"] < before
    assert {topic: sum(place.topic == topic for place in after["second"]) for topic in group.partitions} == {
        "asked": 6,
        "known": 6,
    }


def test_partitions_of_a_member_that_leaves_go_to_the_others_which_keep_theirs() -> None:
    group = Group({"asked": 12, "known": 3})
    for name in ("first", "second", "third"):
        group.join(name)
    before = group.rebalance()
    group.leave("second")
    after = group.rebalance()
    assert before["first"] <= after["first"]
    assert before["third"] <= after["third"]


def test_two_consumers_of_a_process_remember_their_own_partitions() -> None:
    one, other = sticky_by_topic(), sticky_by_topic()
    one.on_generation_assignment(7)
    assert (one.generation, other.generation) == (7, -1)


def test_a_topic_of_one_member_alone_is_its_own() -> None:
    group = Group({"asked": 4, "new": 4})
    group.join("old")
    group.join("upgraded")
    shares = group.rebalance({"old": ["asked"], "upgraded": ["asked", "new"]})
    assert {place for place in shares["upgraded"] if place.topic == "new"} == {
        TopicPartition("new", number) for number in range(4)
    }
    assert not any(place.topic == "new" for place in shares["old"])
