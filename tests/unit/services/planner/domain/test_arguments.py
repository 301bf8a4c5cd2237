"""Handling of tool arguments that a planning model writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from libs.testing.every import for_every
from services.planner.domain.arguments import Schema, fitted, signature, strict_schema
from services.planner.domain.offer import TOOLS

NEED = {"type": "object", "properties": {"hosts": {"type": "integer", "minimum": 1}}, "required": ["hosts"]}
SCHEMA: Schema = {
    "$defs": {"Need": NEED},
    "properties": {
        "text": {"type": "string", "maxLength": 9},
        "count": {"type": "integer", "default": 1},
        "value": {"type": ["number", "string"]},
        "needs": {"type": "array", "items": {"$ref": "#/$defs/Need"}},
        "to": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "rates": {"type": "object", "patternProperties": {"^[A-Z]{3}$": {"type": "string"}}},
    },
    "required": ["text"],
    "type": "object",
}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2)
)


def fit(**given: JsonValue) -> dict[str, JsonValue] | None:
    return fitted(given, SCHEMA)


def test_a_signature_marks_what_may_be_left_out() -> None:
    assert signature(SCHEMA) == ("text", "count?", "value?", "needs?", "to?", "rates?")


@pytest.mark.parametrize("given", [{}, {"text": ""}, {"text": None}, {"count": 3}])
def test_a_call_without_a_required_argument_is_none(given: dict[str, JsonValue]) -> None:
    assert fitted(given, SCHEMA) is None


def test_what_the_tool_does_not_know_and_what_is_null_is_left_out() -> None:
    assert fit(text="x", colour="red", to=None) == {"text": "x"}


def test_a_number_is_text_where_text_is_asked_for() -> None:
    assert fit(text=12) == {"text": "12"}


def test_data_is_json_text_where_text_is_asked_for() -> None:
    assert fit(text=[1, "ä"]) == {"text": '[1, "ä"]'}


def test_text_is_the_number_or_list_that_it_says_where_that_is_asked_for() -> None:
    assert fit(text="x", count="3", needs='[{"hosts": 5}]') == {"text": "x", "count": 3, "needs": [{"hosts": 5}]}


def test_text_that_says_no_number_is_left_for_the_tool_to_refuse() -> None:
    assert fit(text="x", count="many") == {"text": "x", "count": "many"}


@pytest.mark.parametrize("value", [1.5, "1,5"])
def test_what_may_be_a_number_or_text_stays_as_it_is(value: JsonValue) -> None:
    assert fit(text="x", value=value) == {"text": "x", "value": value}


def test_what_strict_servers_are_given_is_closed_and_allows_null_for_what_may_be_left_out() -> None:
    made = strict_schema(SCHEMA)
    need = {"type": "object", "properties": {"hosts": {"type": "integer"}}, "required": ["hosts"]}
    assert made == {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "count": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "value": {"anyOf": [{"type": ["number", "string"]}, {"type": "null"}]},
            "needs": {"anyOf": [{"type": "array", "items": need | {"additionalProperties": False}}, {"type": "null"}]},
            "to": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "rates": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["text", "count", "value", "needs", "to", "rates"],
        "additionalProperties": False,
    }


@given(st.dictionaries(st.sampled_from(["text", "count", "value", "needs", "to", "rates"]), JSON_VALUES))
def test_whatever_a_model_writes_nothing_raises(given_arguments: dict[str, JsonValue]) -> None:
    made = fitted(given_arguments, SCHEMA)
    assert made is None or isinstance(made["text"], str)


@for_every(tool=TOOLS)
def test_every_tool_has_a_signature_and_a_form(tool: object) -> None:
    offered = next(known for known in TOOLS if known == tool)
    assert len(signature(offered.arguments)) == len(strict_schema(offered.arguments)["required"])  # type: ignore[arg-type]
