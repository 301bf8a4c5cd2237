"""Statuses become the port's errors, and their messages state the remedy without quoting the server."""

import pytest

from libs.adapters.models.openai_chat.failures import (
    Busy,
    ErrorReply,
    Objection,
    failure,
    retry_after_s,
    stream_failure,
)
from libs.contracts.staffing import ModelRef
from libs.core.errors import FleetError
from libs.ports.llm import ModelRefused, ModelUnavailable

REF = ModelRef(model="phi4:14b", server="local")
MISSING = b'{"error":{"message":"model \\"phi4:14b\\" not found, try pulling it first","type":"not_found_error"}}'


def error(status: int, body: bytes = b"") -> FleetError:
    return failure(REF, ErrorReply(status, body))


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_unavailable(status: int) -> None:
    assert isinstance(error(status), ModelUnavailable)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 405, 413, 415, 422])
def test_what_will_not_pass_is_refused(status: int) -> None:
    assert isinstance(error(status), ModelRefused)


def test_only_overload_is_worth_another_attempt_at_once() -> None:
    assert {status for status in range(300, 600) if isinstance(error(status), Busy)} == {429, 503, 529}
    assert not isinstance(error(429, b'{"error":{"code":"insufficient_quota"}}'), Busy)


def test_a_missing_model_says_what_to_do() -> None:
    assert "load it there or name another model" in str(error(404, MISSING))
    assert "phi4:14b" in str(error(404, MISSING))
    assert "load it there" in str(error(400, b"The model `phi4:14b` does not exist."))


def test_a_missing_route_points_at_the_url() -> None:
    assert "INFERENCE_SERVERS" in str(error(404, b"<html>404 page not found</html>"))
    assert "INFERENCE_SERVERS" in str(error(302))


def test_a_refused_key_points_at_the_token() -> None:
    assert "token in INFERENCE_SERVERS" in str(error(401))


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":{"code":"context_length_exceeded"}}',
        b'{"error":{"type":"exceed_context_size_error"}}',
        b"This model's maximum context length is 4096 tokens",
    ],
)
def test_a_prompt_that_does_not_fit_has_its_own_code(body: bytes) -> None:
    assert error(400, body).code == "context_length"


def test_other_objections_may_be_about_the_request() -> None:
    assert isinstance(error(400, b"unknown field"), Objection)
    assert isinstance(error(422, b"unknown field"), Objection)
    assert not isinstance(error(401), Objection)


def test_messages_carry_the_servers_words_for_the_kind_of_error_and_no_others() -> None:
    body = b'{"error":{"message":"bad key sk-123 in my secret prompt","type":"invalid_request_error","code":"sk-123"}}'

    message = str(error(401, body))

    assert "HTTP 401, invalid_request_error" in message
    assert "sk-123" not in message
    assert "secret" not in message


def test_an_error_object_in_a_stream_counts_by_its_number() -> None:
    assert isinstance(stream_failure(REF, b'{"error":{"code":503}}'), Busy)
    assert isinstance(stream_failure(REF, b'{"error":{"code":"429"}}'), Busy)
    assert isinstance(stream_failure(REF, b'{"object":"error","code":400}'), ModelRefused)
    assert isinstance(stream_failure(REF, MISSING), ModelUnavailable)
    assert isinstance(stream_failure(REF, b"out of memory"), ModelUnavailable)


@pytest.mark.parametrize(
    ("headers", "pause_s"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
    ],
)
def test_the_pause_a_server_asks_for_is_read(headers: dict[str, str], pause_s: float | None) -> None:
    assert retry_after_s(headers) == pause_s
