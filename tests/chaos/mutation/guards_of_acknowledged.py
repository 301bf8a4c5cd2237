"""The guard lines of delivery on acknowledgement, with the tests that must fail without each."""

from tests.chaos.mutation.mutation import Mutation

_CONSUMER = "tests/unit/libs/runtime/kafka/test_consumer.py::"
_ACKNOWLEDGED = "tests/unit/libs/runtime/kafka/test_acknowledged.py::"

GUARDS: tuple[Mutation, ...] = (
    Mutation(
        "a record that was not fetched is no proof of a gap",
        "libs/runtime/ledger/partition.py",
        "return offset == self.next_offset and self.deliver(offset)",
        "return self.deliver(offset)",
        tests=(
            f"{_CONSUMER}test_what_is_acknowledged_behind_a_record_of_somebody_else_waits_for_the_fetch",
            f"{_CONSUMER}test_whatever_happens_nothing_is_committed_that_nobody_did",
        ),
    ),
    Mutation(
        "nothing is handed over during a reassignment",
        "libs/runtime/kafka/consumer.py",
        "if self._committer.settled.is_set():",
        "if True:",
        tests=(f"{_CONSUMER}test_what_is_acknowledged_during_a_reassignment_waits_for_the_fetch",),
    ),
    Mutation(
        "what was handed over is compared with the log",
        "libs/runtime/kafka/group_topic.py",
        "if record.offset <= self._fetched[number] or not is_confirmed:",
        "if record.offset <= self._fetched[number]:",
        tests=(f"{_CONSUMER}test_where_the_log_has_another_record_than_the_acknowledged_one_it_is_read_from_there",),
    ),
    Mutation(
        "an acknowledgement without an offset hands nothing over",
        "libs/runtime/kafka/acknowledged.py",
        "if place.offset < 0:",
        "if False:",
        tests=(f"{_ACKNOWLEDGED}test_what_is_not_known_to_be_on_the_log_is_not_handed_over",),
    ),
    Mutation(
        "a consumer that has left gets nothing",
        "libs/runtime/kafka/acknowledged.py",
        "consumers.remove(take)",
        "pass",
        tests=(f"{_ACKNOWLEDGED}test_a_consumer_that_has_left_gets_nothing",),
    ),
    Mutation(
        "what was handed over and waits for a slot is bounded",
        "libs/runtime/ledger/intake.py",
        "if self._closing or ledger is None or self._waiting_bytes >= WAITING_BYTES:",
        "if self._closing or ledger is None:",
        tests=(
            (
                "tests/unit/libs/runtime/ledger/test_intake.py::"
                "test_what_was_handed_over_and_waits_for_a_slot_is_bounded"
            ),
        ),
    ),
    Mutation(
        "a lost partition's records do not start when a slot is free",
        "libs/runtime/ledger/intake.py",
        "if not self._closing and self.ledgers.of(arrival.record.partition) is arrival.ledger:",
        "if not self._closing:",
        tests=(
            (
                "tests/unit/libs/runtime/ledger/test_intake.py::"
                "test_what_waits_for_a_slot_and_comes_again_with_its_partition_runs_once"
            ),
        ),
    ),
    Mutation(
        "a record of another process makes fetches urgent",
        "libs/runtime/kafka/acknowledged.py",
        "return self._local < last.local + LOCAL_RECORDS or self._clock.monotonic() < last.fetched_at + URGENT_S",
        "return False",
        tests=(f"{_ACKNOWLEDGED}test_a_record_of_another_process_makes_fetches_urgent_for_a_while",),
    ),
)
