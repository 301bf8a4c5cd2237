"""The guard lines of a service's consumer group, with the tests that must fail without each."""

from tests.chaos.mutation.mutation import Mutation

_CONSUMER = "tests/unit/libs/runtime/kafka/test_consumer.py::"

GUARDS: tuple[Mutation, ...] = (
    Mutation(
        "a topic whose records wait for slots is paused",
        "libs/runtime/kafka/consumer.py",
        "if not topic.is_congested or name in self._paused:",
        "if True:",
        tests=(f"{_CONSUMER}test_a_topic_is_paused_while_its_fetched_records_wait_for_slots",),
    ),
    Mutation(
        "a topic without a slot leaves the others theirs",
        "libs/runtime/kafka/group_topic.py",
        "if self._is_taking_backlog or not self.intake.has_slot:",
        "if self._is_taking_backlog:",
        tests=(f"{_CONSUMER}test_a_topic_without_a_slot_leaves_the_others_theirs_and_one_commit_covers_all",),
    ),
    Mutation(
        "what waits for a slot is dropped at a reassignment",
        "libs/runtime/kafka/group_topic.py",
        "self._backlog.clear()",
        "pass",
        tests=(f"{_CONSUMER}test_what_came_with_one_fetch_and_waits_at_a_reassignment_is_not_taken",),
    ),
    Mutation(
        "carried offsets are where the consumer begins",
        "libs/runtime/kafka/consumer.py",
        "self._consumer.seek(place, offsets.begins.watermark)",
        "pass",
        tests=(f"{_CONSUMER}test_a_group_without_offsets_goes_on_where_the_group_of_an_earlier_version_was",),
    ),
    Mutation(
        "carried offsets are committed",
        "libs/runtime/ledger/partition.py",
        "self._changes = 1 if is_due else 0",
        "self._changes = 0",
        tests=(f"{_CONSUMER}test_a_group_without_offsets_goes_on_where_the_group_of_an_earlier_version_was",),
    ),
    Mutation(
        "each topic is spread over the members",
        "libs/runtime/kafka/assignor.py",
        "name: ConsumerProtocolMemberMetadata(member.version, [topic], member.user_data)",
        "name: member",
        tests=(
            (
                "tests/unit/libs/runtime/kafka/test_assignor.py::"
                "test_every_partition_has_one_owner_and_each_topic_is_spread_evenly"
            ),
        ),
    ),
)
