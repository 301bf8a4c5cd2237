"""Fields of a server's error object."""

import pytest

from libs.core.error_objects import error_in, is_error, status_in
from libs.core.json_values import JsonObject


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"error": {"code": "full"}}, {"code": "full"}),
        ({"object": "error", "code": 400}, {"object": "error", "code": 400}),
        ({"error": "in words"}, {"error": "in words"}),
        ({}, {}),
    ],
)
def test_an_error_stands_under_its_name_or_bare(told: JsonObject, error: JsonObject) -> None:
    assert error_in(told) == error


@pytest.mark.parametrize(
    ("told", "is_one"),
    [({"error": {"code": 1}}, True), ({"object": "error"}, True), ({"error": None, "choices": []}, False), ({}, False)],
)
def test_an_error_is_told_from_an_answer(told: JsonObject, *, is_one: bool) -> None:
    assert is_error(told) is is_one


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"code": 503}, 503),
        ({"status_code": "429"}, 429),
        ({"code": "rate_limit", "status": 429}, 429),
        ({"code": 200}, None),
        ({"code": 503.5}, None),
        ({"message": "HTTP 503"}, None),
    ],
)
def test_a_status_is_found_under_any_of_its_names(error: JsonObject, status: int | None) -> None:
    assert status_in(error) == status
