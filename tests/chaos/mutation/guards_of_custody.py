"""The guard lines of the journal, its export and budgets, with the tests that must miss each."""

from tests.chaos.mutation.mutation import Mutation

GUARDS: tuple[Mutation, ...] = (
    Mutation(
        "a retry that finds its row waits for the synchronous standby",
        "libs/adapters/postgres/sessions.py",
        """DURABLY_FOUND = f"{DURABLY}, pg_logical_emit_message(true, 'moe', '')\"""",
        "DURABLY_FOUND = DURABLY",
        tests=(
            (
                "tests/integration/postgres/test_failover.py::"
                "test_a_retry_that_finds_its_row_waits_for_the_standby_as_well"
            ),
        ),
    ),
    Mutation(
        "of several servers the next one is tried beside one that does not answer",
        "libs/adapters/postgres/connection.py",
        "head_start_s = HEAD_START_S if left else None",
        "head_start_s = None",
        tests=(
            "tests/integration/postgres/test_failover.py::test_a_primary_that_is_lost_without_a_word_holds_up_nobody",
        ),
    ),
    Mutation(
        "late words of an erased person have no key when the person is back",
        "libs/adapters/journal/subject_keys.py",
        "return self.key if recorded_ms > self.erased_until_ms else None",
        "return self.key",
        tests=(
            (
                "tests/integration/journal/test_clock_skew.py::"
                "test_the_journal_keeps_late_words_of_a_fast_clock_without_content"
            ),
        ),
    ),
    Mutation(
        "a subject's key is bound to its subject",
        "libs/adapters/journal/cipher.py",
        'return json.dumps(["moe journal key", self._tenant, subject]).encode()',
        'return json.dumps(["moe journal key", self._tenant]).encode()',
        tests=("tests/unit/libs/adapters/journal/cipher/test_tenant_key.py::test_a_key_is_bound_to_its_subject_still",),
    ),
    Mutation(
        "an accepted request's content is bound to the request",
        "libs/adapters/write_ahead/content.py",
        'return json.dumps(["moe accepted", tenant, response_id, kind, *named]).encode()',
        'return json.dumps(["moe accepted", tenant, kind, *named]).encode()',
        tests=(
            "tests/integration/journal/test_acceptance.py::test_content_cannot_be_put_in_the_place_of_another_request",
        ),
    ),
    Mutation(
        "a legal hold forbids an erasure",
        "libs/adapters/journal/erasure.py",
        "require_no_hold(await open_holds(session, request.tenant), await _with_others(session, request))",
        "pass",
        tests=("tests/integration/journal/test_custody.py::test_a_hold_forbids_erasure_until_it_is_released",),
    ),
    Mutation(
        "an erasure destroys the keys",
        "libs/adapters/journal/erasure.py",
        '_DESTROY = "DELETE FROM moe.subject_keys WHERE key_id = ANY($1::bigint[])"',
        '_DESTROY = "SELECT key_id FROM moe.subject_keys WHERE key_id = ANY($1::bigint[])"',
        tests=(
            (
                "tests/integration/journal/test_custody.py::"
                "test_what_was_said_before_and_comes_after_is_kept_without_content"
            ),
        ),
    ),
    Mutation(
        "a reader of one tenant sees that tenant alone",
        "libs/adapters/journal/reader.py",
        "role = AUDITOR_ROLE if tenant is None else READER_ROLE",
        "role = AUDITOR_ROLE",
        tests=("tests/integration/journal/test_rights.py::test_a_reader_of_one_tenant_finds_nothing_of_another",),
    ),
    Mutation(
        "another record at a position of the journal is refused",
        "libs/adapters/journal/rows.py",
        "if timestamp_ms == entry.timestamp_ms and (tag == row.tag or tag is None or row.tag is None):",
        "if True:",
        tests=(
            (
                "tests/integration/journal/test_postgres_journal.py::"
                "test_another_record_at_a_kept_position_is_refused_and_its_neighbours_are_kept"
            ),
        ),
    ),
    Mutation(
        "the chain links each row to the one before",
        "libs/core/chain.py",
        "return hashlib.sha256(previous + header + committed).digest()",
        "return hashlib.sha256(header + committed).digest()",
        tests=(
            (
                "tests/unit/libs/core/test_chain.py::"
                "test_a_link_is_the_hash_of_the_one_before_the_header_and_the_commitment"
            ),
        ),
    ),
    Mutation(
        "changed content of an export is found",
        "tools/verify_export.py",
        "if hashlib.sha256(salt + content).digest() != committed:",
        "if False:",
        tests=("tests/unit/tools/test_verify_export.py::test_tampering_is_found_at_the_right_row",),
    ),
    Mutation(
        "a changed header of an export is found",
        "tools/verify_export.py",
        'if state.hash != binary(value, "hash", place, 32):',
        "if False:",
        tests=("tests/unit/tools/test_verify_export.py::test_tampering_is_found_at_the_right_row",),
    ),
    Mutation(
        "a tail of an export that was cut off is found",
        "tools/verify_export.py",
        "if sequence > state.sequence:",
        "if False:",
        tests=("tests/unit/tools/test_verify_export.py::test_tampering_is_found_at_the_right_row",),
    ),
    Mutation(
        "no lease is larger than what is left",
        "libs/adapters/quota/budgets/lease_size.py",
        "short = [each for each in standings if each.left < need]",
        "short: list[PeriodStatus] = []",
        tests=(
            (
                "tests/integration/metering/test_budget_periods.py::"
                "test_spending_since_the_first_moment_of_a_period_counts"
            ),
        ),
    ),
    Mutation(
        "costs are rounded up where they are reserved",
        "libs/adapters/quota/budgets/lease_size.py",
        "return tokens if factor == 1.0 else math.ceil(tokens * Decimal(str(factor)))",
        "return tokens if factor == 1.0 else round(tokens * Decimal(str(factor)))",
        tests=("tests/integration/metering/test_books.py::test_costs_are_rounded_up_and_exact_ones_stay",),
    ),
    Mutation(
        "costs are rounded up where they are booked",
        "libs/adapters/quota/budgets/statements.py",
        "SELECT t.*, ceil((t.prompt_tokens::numeric + t.completion_tokens) * coalesce(c.factor, 1)) AS cost",
        "SELECT t.*, round((t.prompt_tokens::numeric + t.completion_tokens) * coalesce(c.factor, 1)) AS cost",
        tests=("tests/integration/metering/test_books.py::test_costs_are_rounded_up_and_exact_ones_stay",),
    ),
    Mutation(
        "costs of late calls are rounded up",
        "libs/adapters/quota/budgets/statements.py",
        "ceil((m.prompt_tokens + m.completion_tokens) * coalesce(c.factor, 1)) AS cost",
        "round((m.prompt_tokens + m.completion_tokens) * coalesce(c.factor, 1)) AS cost",
        tests=("tests/integration/metering/test_books.py::test_costs_of_late_calls_are_rounded_up",),
    ),
    Mutation(
        "a rate grants no more than the bucket holds",
        "libs/adapters/quota/rates/token_bucket.py",
        "granted = max(draw.need, int(level) // SHARE) if 0 < draw.need <= level else 0",
        "granted = max(draw.need, int(level) // SHARE)",
        tests=(
            "tests/unit/libs/adapters/quota/rates/test_token_bucket.py::test_who_needs_more_than_there_is_gets_nothing",
        ),
    ),
    Mutation(
        "a clock that runs backwards fills no bucket",
        "libs/adapters/quota/rates/token_bucket.py",
        "return TokenBucket(min(limit, self.level + max(0.0, now - self.at) * limit / WINDOW_S), now)",
        "return TokenBucket(min(limit, self.level + abs(now - self.at) * limit / WINDOW_S), now)",
        tests=(
            "tests/unit/libs/adapters/quota/rates/test_token_bucket.py::test_a_clock_that_runs_backwards_fills_nothing",
        ),
    ),
)
