"""Retry advice for clients."""

import pytest

from services.gateway.api.error_responses import error_response
from services.gateway.domain.errors import ApiError, RequestRefused, invalid, invalid_key, model_not_found, overloaded


def told(refused: RequestRefused) -> str | None:
    return error_response(refused.error, "/v1/messages").headers.get("x-should-retry")


@pytest.mark.parametrize("refused", [invalid("no"), invalid_key(), model_not_found("m")])
def test_what_will_be_refused_again_is_not_to_be_repeated(refused: RequestRefused) -> None:
    assert told(refused) == "false"


def test_what_passes_is_left_to_the_client() -> None:
    assert told(overloaded()) is None
    assert [status for status in (408, 409, 429, 500, 503) if not ApiError(status, "c", "m").repeatable] == []


def test_work_that_was_done_and_failed_is_not_to_be_repeated() -> None:
    assert not ApiError(502, "model_unavailable", "m", final=True).repeatable
