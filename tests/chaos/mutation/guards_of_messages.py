"""The guard lines of messages, tokens and outside input, with the tests that must fail without each."""

from tests.chaos.mutation.mutation import Mutation

GUARDS: tuple[Mutation, ...] = (
    Mutation(
        "what was read is signed",
        "libs/runtime/messaging/signing.py",
        'head = f"{whose}\\n{what}\\n{envelope.waited_ms}\\n{envelope.reads}\\n"',
        'head = f"{whose}\\n{what}\\n{envelope.waited_ms}\\n"',
        tests=(
            "tests/unit/libs/runtime/messaging/test_signing.py::test_a_changed_envelope_is_refused",
            "tests/unit/libs/runtime/messaging/test_signing.py::test_an_optional_header_that_is_taken_away_is_missed",
        ),
    ),
    Mutation(
        "the subject is signed",
        "libs/runtime/messaging/signing.py",
        'what = f"{envelope.schema}\\n{envelope.deadline_at:.6f}\\n{envelope.subject}"',
        'what = f"{envelope.schema}\\n{envelope.deadline_at:.6f}\\n"',
        tests=("tests/unit/libs/runtime/messaging/test_signing.py::test_a_changed_envelope_is_refused",),
    ),
    Mutation(
        "the body is signed",
        "libs/runtime/messaging/signing.py",
        "return head.encode() + hashlib.sha256(body).digest()",
        "return head.encode()",
        tests=("tests/unit/libs/runtime/messaging/test_signing.py::test_another_body_is_refused",),
    ),
    Mutation(
        "each tenant has a signing key of its own",
        "libs/runtime/messaging/signing.py",
        'return hmac.new(hmac.digest(key, f"tenant:{tenant}".encode(), "sha256"), digestmod="sha256")',
        'return hmac.new(hmac.digest(key, b"tenant:", "sha256"), digestmod="sha256")',
        tests=(
            (
                "tests/unit/libs/runtime/messaging/test_signing.py::"
                "test_a_signature_is_an_hmac_under_the_key_of_the_tenant_over_every_signed_field"
            ),
        ),
    ),
    Mutation(
        "a signature holds under the key that it names alone",
        "libs/runtime/messaging/signing.py",
        "return (self._others[signed_with],) if signed_with in self._others else ()",
        "return (self._tenant_macs, *self._others.values())",
        tests=(
            (
                "tests/unit/libs/runtime/messaging/test_signing.py::"
                "test_a_signature_holds_under_the_key_that_it_names_alone"
            ),
        ),
    ),
    Mutation(
        "a short signing key is refused",
        "libs/runtime/messaging/signing.py",
        "if len(key) < MIN_KEY_BYTES:",
        "if False:",
        tests=("tests/unit/libs/runtime/messaging/test_signing.py::test_a_short_key_is_refused",),
    ),
    Mutation(
        "headers hold possible numbers",
        "libs/contracts/envelope.py",
        "return counts and is_unix_time(envelope.deadline_at)",
        "return True",
        tests=(
            (
                "tests/unit/libs/runtime/delivery/test_retry_headers.py::"
                "test_an_envelope_holds_possible_numbers_or_is_refused"
            ),
        ),
    ),
    Mutation(
        "a message stands on its own topics alone",
        "libs/runtime/messaging/codec.py",
        "if kind is None or not may_stand_on(kind, record.topic):",
        "if kind is None:",
        tests=("tests/unit/libs/runtime/messaging/test_codec.py::test_a_schema_has_no_place_on_a_foreign_topic",),
    ),
    Mutation(
        "a reply goes to a partition that exists",
        "libs/runtime/messaging/codec.py",
        "if partition >= partitions:",
        "if False:",
        tests=(
            "tests/unit/libs/runtime/messaging/test_codec.py::test_a_reply_to_a_partition_that_is_not_there_is_refused",
        ),
    ),
    Mutation(
        "a record that is in hand is not handled a second time",
        "libs/runtime/ledger/partition.py",
        "if offset < self.next_offset:",
        "if False:",
        tests=("tests/unit/libs/runtime/ledger/test_partition.py::test_a_record_that_is_in_hand_is_not_taken_again",),
    ),
    Mutation(
        "a weak key is refused",
        "libs/core/key_strength.py",
        "if len(set(key)) < _MIN_DISTINCT or _fresh(key) < _MIN_FRESH or key == key[::-1]:",
        "if False:",
        tests=("tests/unit/libs/core/test_key_strength.py::test_published_examples_words_and_patterns_are_weak",),
    ),
    Mutation(
        "failures of one key are throttled",
        "libs/core/failure_throttle.py",
        "allowed = level >= 1",
        "allowed = True",
        tests=(
            (
                "tests/unit/libs/core/test_failure_throttle.py::"
                "test_failures_are_answered_in_full_up_to_the_limit_and_again_as_time_passes"
            ),
        ),
    ),
    Mutation(
        "the memory of failures is bounded",
        "libs/core/failure_throttle.py",
        "if len(self._buckets) > self._most_names:",
        "if False:",
        tests=(
            (
                "tests/unit/libs/core/test_failure_throttle.py::"
                "test_names_are_forgotten_beyond_the_bound_the_longest_quiet_first"
            ),
        ),
    ),
    Mutation(
        "large unfinished heads share one memory",
        "libs/runtime/process/http/request_bounds.py",
        "while self._total > self._most:",
        "while False:",
        tests=(
            (
                "tests/unit/libs/runtime/process/http/test_request_bounds.py::"
                "test_the_oldest_large_head_is_closed_when_the_memory_is_full"
            ),
        ),
    ),
    Mutation(
        "a text cannot close its prompt block",
        "libs/core/prompt_blocks.py",
        "return f\"<{name}>\\n{_TAG.sub('&lt;', text.strip())}\\n</{name}>\"",
        'return f"<{name}>\\n{text.strip()}\\n</{name}>"',
        tests=("tests/unit/libs/core/test_prompt_blocks.py::test_a_text_cannot_close_its_block",),
    ),
    Mutation(
        "growth of a topic moves no request",
        "libs/runtime/messaging/codec.py",
        "return zlib.crc32(response_id.encode()) % min(partitions, topic.partitions)",
        "return zlib.crc32(response_id.encode()) % partitions",
        tests=(
            (
                "tests/unit/libs/runtime/messaging/test_codec.py::"
                "test_facts_of_a_response_stay_where_they_are_when_their_topic_grows"
            ),
        ),
    ),
    Mutation(
        "no join starts on fewer partitions than declared",
        "libs/runtime/kafka/bus.py",
        "needed = {topic: declared.get(topic, 1) for group in self._groups.values() for topic in group.topics}",
        "needed = {topic: 1 for group in self._groups.values() for topic in group.topics}",
        tests=(
            (
                "tests/integration/topics/test_kafka_topics.py::"
                "test_a_join_does_not_start_on_fewer_partitions_than_declared"
            ),
        ),
    ),
    Mutation(
        "two of three brokers acknowledge a record",
        "libs/adapters/kafka/topic_plan.py",
        "if seen.replication >= SAFE_COPIES and seen.min_in_sync is not None and seen.min_in_sync < MIN_IN_SYNC:",
        "if False:",
        tests=("tests/unit/libs/adapters/kafka/test_topic_plan.py::test_a_difference_that_can_be_changed_is_planned",),
    ),
    Mutation(
        "topics are applied when every broker knows them",
        "libs/adapters/kafka/topic_reader.py",
        "if any(counts.get(name, 0) < topic.partitions for name, topic in topics.items()):",
        "if False:",
        tests=(
            (
                "tests/unit/libs/adapters/kafka/test_topic_reader.py::"
                "test_a_topic_is_known_when_each_broker_has_all_its_partitions"
            ),
        ),
    ),
)
