"""Assignment of partitions to the members of a group: sticky, and even within each topic."""

from collections import defaultdict
from collections.abc import Mapping

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

Members = Mapping[str, ConsumerProtocolMemberMetadata]


class StickyByTopicAssignor(StickyPartitionAssignor):  # type: ignore[misc]  # the library has no types
    """The client's sticky assignor, applied to one topic at a time.

    Over all topics at once it evens out only the total: after a replica has joined, it may have all partitions of one
    topic and none of another, so that only one replica does the work of a busy topic.
    """

    name = "sticky-by-topic"

    @classmethod
    def assign(cls, cluster: ClusterMetadata, members: Members) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Assign all partitions of the topics that the members subscribe to, by member id."""
        shares: dict[str, list[tuple[str, list[int]]]] = defaultdict(list)
        for topic in sorted({topic for member in members.values() for topic in member.subscription}):
            assigned = super().assign(cluster, _subscribers(members, topic))
            for member, share in assigned.items():
                shares[member] += share.assignment
        return {member: ConsumerProtocolMemberAssignment(cls.version, shares[member], b"") for member in members}


def sticky_by_topic() -> type[StickyByTopicAssignor]:
    """A new assignor class for one consumer: the client keeps a member's last assignment in its assignor's class."""
    return type(StickyByTopicAssignor.__name__, (StickyByTopicAssignor,), {})


def _subscribers(members: Members, topic: str) -> dict[str, ConsumerProtocolMemberMetadata]:
    """The members that subscribe to a topic, as if they subscribed to no other."""
    return {
        name: ConsumerProtocolMemberMetadata(member.version, [topic], member.user_data)
        for name, member in members.items()
        if topic in member.subscription
    }
