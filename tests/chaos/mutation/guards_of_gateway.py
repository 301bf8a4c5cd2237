"""The guard lines of the gateway, with the tests that must miss each."""

from tests.chaos.mutation.mutation import Mutation

GUARDS: tuple[Mutation, ...] = (
    Mutation(
        "a user sees own responses alone",
        "services/gateway/domain/ownership.py",
        "return caller.admin or not account.user or account.user == caller.user",
        "return True",
        tests=(
            (
                "tests/integration/gateway/test_feedback.py::"
                "test_what_another_asked_for_cannot_be_rated_shown_or_cancelled"
            ),
        ),
    ),
    Mutation(
        "an open request is known to its tenant alone",
        "services/gateway/replies/pending_replies.py",
        "return pending.opened if pending is not None and pending.tenant == tenant and not pending.ended else None",
        "return pending.opened if pending is not None and not pending.ended else None",
        tests=(
            (
                "tests/unit/services/gateway/replies/test_pending_replies.py::"
                "test_an_open_request_is_known_to_its_tenant_until_it_ends"
            ),
        ),
    ),
    Mutation(
        "the first end of a request is the end",
        "services/gateway/replies/pending_replies.py",
        "if not self._end.done():",
        "if True:",
        tests=(
            (
                "tests/unit/services/gateway/replies/test_pending_replies.py::"
                "test_an_end_reaches_its_own_request_and_the_first_one_wins"
            ),
        ),
    ),
    Mutation(
        "a gateway that lost its place admits nothing",
        "services/gateway/replies/pending_replies.py",
        "if self._refusal is not None:",
        "if False:",
        tests=(
            (
                "tests/unit/services/gateway/replies/test_pending_replies.py::"
                "test_closed_replies_admit_no_request_and_let_open_ones_continue"
            ),
            (
                "tests/unit/services/gateway/replies/test_pending_replies.py::"
                "test_draining_refuses_new_requests_and_waits_for_open_ones"
            ),
        ),
    ),
    Mutation(
        "a tenant has no more than its number of requests open",
        "services/gateway/domain/admission/shares.py",
        "return bound > 0 and bound <= self.open_of(tenant)",
        "return False",
        tests=("tests/unit/services/gateway/domain/test_admission.py::test_a_tenant_may_be_bounded_by_a_number",),
    ),
    Mutation(
        "no more requests are open than the limit",
        "services/gateway/domain/admission/shares.py",
        "return not self._has_its_own(tenant) and self._fits(tenant)",
        "return not self._has_its_own(tenant)",
        tests=(
            "tests/unit/services/gateway/domain/test_admission.py::test_never_more_than_the_limit_and_never_nobody",
            (
                "tests/unit/services/gateway/domain/test_admission.py::"
                "test_a_full_gateway_says_so_to_a_tenant_below_its_share"
            ),
        ),
    ),
    Mutation(
        "an answer with parts missing is not cached",
        "services/gateway/domain/routing/answer_cache.py",
        'return end.outcome == "answered" and not end.truncated and not end.partial and len(end.text) > '
        "rules.min_chars",
        'return end.outcome == "answered" and not end.truncated and len(end.text) > rules.min_chars',
        tests=(
            "tests/unit/services/gateway/domain/routing/test_answer_cache.py::test_what_is_no_whole_answer_is_not_kept",
        ),
    ),
    Mutation(
        "admin routes need an admin",
        "services/gateway/api/authentication.py",
        "if not caller_in(scope).admin:",
        "if False:",
        tests=("tests/integration/identity/test_matrix.py::test_every_route_lets_in_whom_it_should",),
    ),
    Mutation(
        "routes need the grant that they declare",
        "services/gateway/api/authentication.py",
        "if not caller_in(scope).grants.allow(self._kind, self._resource):",
        "if False:",
        tests=("tests/integration/identity/test_matrix.py::test_every_route_lets_in_whom_it_should",),
    ),
    Mutation(
        "what cannot be checked for an erasure is not shown",
        "services/gateway/lookup/erasure_check.py",
        "raise temporarily_unavailable() from error",
        "return",
        tests=("tests/integration/erasure/test_erased_responses.py::test_nothing_is_shown_that_cannot_be_checked",),
    ),
    Mutation(
        "an erased response is not shown",
        "services/gateway/lookup/erasure_check.py",
        'if removal == "erased":',
        "if False:",
        tests=(
            (
                "tests/integration/erasure/test_erased_responses.py::"
                "test_an_answer_on_the_log_is_shown_by_no_route_after_its_owner_or_its_user_was_erased"
            ),
        ),
    ),
    Mutation(
        "a deleted response is not shown",
        "services/gateway/lookup/erasure_check.py",
        'if removal == "deleted" and not self.finds_deleted:',
        "if False:",
        tests=(
            (
                "tests/integration/erasure/test_deleted_responses.py::"
                "test_an_answer_of_the_fleet_is_shown_by_no_gateway_once_it_is_deleted"
            ),
        ),
    ),
    Mutation(
        "a token of an admin names the group of admins",
        "libs/adapters/identity/oidc_admins.py",
        "if claims is None or self._rules.group not in claims.groups:",
        "if claims is None:",
        tests=("tests/integration/identity/test_oidc.py::test_a_token_with_a_wrong_claim_opens_nothing",),
    ),
    Mutation(
        "a token does not live for long",
        "libs/adapters/identity/oidc_admins.py",
        "return claims.exp - claims.iat <= LONGEST_LIFE_S",
        "return True",
        tests=("tests/integration/identity/test_oidc.py::test_a_token_with_a_wrong_claim_opens_nothing",),
    ),
    Mutation(
        "a token of another type opens nothing",
        "libs/adapters/identity/oidc_admins.py",
        'if key is None or str(header.get("typ", "JWT")).lower() not in _TYPES:',
        "if key is None:",
        tests=("tests/integration/identity/test_oidc.py::test_a_token_of_another_type_opens_nothing",),
    ),
)
