"""The guard lines of storage, signing and look-up, with the tests that must fail without each."""

from tests.chaos.mutation.mutation import Mutation

PERIODS = "tests/integration/metering/test_budget_periods.py"
BOOKS = "tests/integration/metering/test_books.py"

GUARDS: tuple[Mutation, ...] = (
    Mutation(
        "the spending of a month counts in its budget",
        "libs/adapters/quota/budgets/lease_store.py",
        "ON (s.tenant, s.kind, s.holder, s.period, s.starts) = (b.tenant, b.kind, b.holder, b.period, p.starts::date)",
        "ON (s.tenant, s.kind, s.holder, s.period, s.starts) = "
        "(b.tenant, b.kind, b.holder, b.period, p.starts::date) AND b.period <> 'monthly'",
        tests=(f"{PERIODS}::test_spending_since_the_first_moment_of_a_period_counts",),
    ),
    Mutation(
        "the spending of the month before does not count",
        "libs/adapters/quota/budgets/statements.py",
        "('daily', date_trunc('day', b.at)::date), ('monthly', date_trunc('month', b.at)::date), "
        "('total', '-infinity'::date)",
        "('daily', date_trunc('day', b.at)::date), ('monthly', date_trunc('month', now())::date), "
        "('total', '-infinity'::date)",
        tests=(f"{PERIODS}::test_spending_of_the_period_before_does_not_count",),
    ),
    Mutation(
        "a lease of the month before does not count",
        "libs/adapters/quota/budgets/lease_store.py",
        "AND c.expires_at > statement_timestamp() AND c.leased_at >= p.starts",
        "AND c.expires_at > statement_timestamp()",
        tests=(f"{PERIODS}::test_a_lease_of_the_period_before_does_not_count",),
    ),
    Mutation(
        "of two ends in one batch the first is recorded",
        "libs/adapters/quota/budgets/usage_store.py",
        "first = {each.envelope.request: each for each in reversed(messages) if isinstance(each, RequestLogged)}",
        "first = {each.envelope.request: each for each in messages if isinstance(each, RequestLogged)}",
        tests=(f"{BOOKS}::test_of_two_ends_in_one_batch_the_first_counts",),
    ),
    Mutation(
        "Idempotency-Keys of two users are two keys",
        "services/gateway/pipeline/idempotency.py",
        'whose = f"{caller.user}\\0{key}".encode(errors="replace")',
        'whose = key.encode(errors="compare_and_swap")',
        tests=("tests/integration/gateway/test_idempotency.py::test_the_key_of_another_person_is_another_key",),
    ),
    Mutation(
        "an Idempotency-Key is not reused with another body",
        "services/gateway/pipeline/idempotency.py",
        "if first.fingerprint != request.record.fingerprint:",
        "if False:",
        tests=("tests/integration/gateway/test_idempotency.py::test_another_body_under_the_same_key_is_refused",),
    ),
    Mutation(
        "the journal's content is bound to its row and position",
        "libs/adapters/journal/cipher.py",
        "return json.dumps([tenant, place.log_id, place.topic, place.partition, place.offset]).encode()",
        "return tenant.encode()",
        tests=(
            (
                "tests/unit/libs/adapters/journal/cipher/test_row_binding.py::"
                "test_content_of_one_row_is_refused_in_another"
            ),
            "tests/integration/journal/test_row_swaps.py::test_content_in_another_row_or_position_is_not_read",
        ),
    ),
    Mutation(
        "an erased person's words stay erased when a gateway's clock is 60 s ahead",
        "libs/adapters/journal/erasure.py",
        "await session.execute(_MARK, part.tenant, part.expected, part.now_ms + CLOCK_SKEW_MS)",
        "await session.execute(_MARK, part.tenant, part.expected, part.now_ms)",
        tests=tuple(
            f"tests/integration/journal/test_clock_skew.py::{name}"
            for name in (
                "test_the_journal_keeps_late_words_of_a_fast_clock_without_content",
                "test_the_write_ahead_store_keeps_no_late_request_of_a_fast_clock",
                "test_notes_have_no_key_for_late_words_of_a_fast_clock",
                "test_a_request_of_a_fast_clock_counts_as_erased",
            )
        ),
    ),
    Mutation(
        "a Kafka key is the response id for every signer",
        "libs/runtime/messaging/codec.py",
        "if record.key != envelope.response_id.encode():",
        "if False:",
        tests=(
            (
                "tests/unit/libs/runtime/messaging/test_codec.py::"
                "test_a_key_that_is_not_the_response_id_is_refused_whoever_signed"
            ),
        ),
    ),
    Mutation(
        "an answer of tools with parts missing is partial",
        "services/merger/domain/ending.py",
        'return AnswerFinished(outcome="answered", text=text, sources=sources, usage=spent, partial=bool(missing))',
        'return AnswerFinished(outcome="answered", text=text, sources=sources, usage=spent)',
        tests=(
            "tests/unit/services/merger/domain/join/test_conclusions.py"
            "::test_recognised_tools_with_a_part_missing_are_partial_and_complete_ones_are_not",
        ),
    ),
    Mutation(
        "a look-up in the log passes over what other tenants say",
        "services/gateway/lookup/log.py",
        "return lambda message: message.envelope.tenant == tenant and enough(message)",
        "return enough",
        tests=(
            "tests/unit/services/gateway/lookup/test_log.py::test_a_response_of_another_tenant_is_unknown",
            "tests/unit/services/gateway/lookup/test_log.py::test_what_another_tenant_said_first_is_passed_over",
            "tests/integration/gateway/test_resuming.py::test_somebody_elses_response_looks_like_one_that_never_was",
        ),
    ),
)
