import json
from typing import Any

import pytest
from anthropic.types import ModelInfo

from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.routing.model_pages import Page, anthropic_list, anthropic_model, ollama_model, read_page
from services.gateway.domain.routing.model_resolver import PublicModel
from tests.support.dialects.official_types import differences

MODELS = [PublicModel(name, "default") for name in "abcde"]
WIDE = PublicModel("w", "default", 32_000)


def page(**fields: Any) -> Any:  # noqa: ANN401 - JSON in and out
    told = json.loads(anthropic_list(MODELS, 1_767_225_600, Page(**fields)))
    return "".join(model["id"] for model in told["data"]), told["has_more"], told["first_id"], told["last_id"]


def test_a_model_has_name_and_time() -> None:
    (first, *_) = json.loads(anthropic_list(MODELS, 1_767_225_600, Page()))["data"]
    named = {"type": "model", "id": "a", "display_name": "a", "created_at": "2026-01-01T00:00:00Z"}
    assert first | named == first


@pytest.mark.parametrize("model", [MODELS[0], WIDE])
def test_a_model_has_each_field_of_the_official_type(model: PublicModel) -> None:
    body = anthropic_model(model, 0)
    read = ModelInfo.model_validate_json(body, strict=True)
    assert list(differences(read, json.loads(body), frozenset())) == []


def test_a_window_is_told_where_the_protocol_has_a_field_for_it() -> None:
    assert json.loads(anthropic_model(WIDE, 0))["max_input_tokens"] == 32_000
    assert json.loads(ollama_model(WIDE, 0))["model_info"]["fleet.context_length"] == 32_000
    assert "context_length" not in ollama_model(MODELS[0], 0).decode()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, ("abcde", False, "a", "e")),
        ({"limit": 2}, ("ab", True, "a", "b")),
        ({"limit": 2, "after": "b"}, ("cd", True, "c", "d")),
        ({"limit": 2, "after": "d"}, ("e", False, "e", "e")),
        ({"limit": 2, "before": "d"}, ("bc", True, "b", "c")),
        ({"limit": 9, "before": "c"}, ("ab", False, "a", "b")),
        ({"after": "gone"}, ("", False, None, None)),
    ],
)
def test_pages_go_on_from_a_cursor(fields: dict[str, object], told: tuple[object, ...]) -> None:
    assert page(**fields) == told


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "many", "²"])
def test_a_limit_is_a_number(limit: str) -> None:
    with pytest.raises(RequestRefused, match="limit"):
        read_page(limit, "", "")
