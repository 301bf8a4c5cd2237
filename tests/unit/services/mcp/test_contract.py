"""Promises of every tool, checked for every tool in the registry."""

import time

import pytest
from pydantic import JsonValue, ValidationError

from libs.contracts.tool_catalogue import catalogue
from libs.testing.every import for_every
from services.mcp.contract import AnswerStyle, ToolDescription, ToolError
from services.mcp.tools.pure.registry import describe, invoke
from tests.support.mcp.schemas import arguments_of, longest_text, may_be, needed, unbounded

DESCRIPTIONS = {tool.name: tool for tool in describe().every}
NAMES = tuple(DESCRIPTIONS)
EVERY = tuple(DESCRIPTIONS.values())


def refusal(name: str, args: dict[str, JsonValue], style: AnswerStyle | None = None) -> ToolError:
    with pytest.raises(ToolError) as caught:
        invoke(name, args, style or AnswerStyle())
    return caught.value


def test_names_are_unique_and_listed_in_the_order_that_planners_know() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert tuple(tool.name for tool in catalogue() if not tool.served) == NAMES


@for_every(tool=EVERY)
def test_the_example_gives_exactly_its_result_and_answer(tool: ToolDescription) -> None:
    outcome = invoke(tool.name, tool.example.args)
    assert outcome.tool == tool.name
    assert outcome.result == tool.example.result
    assert outcome.answer == tool.example.answer


@for_every(tool=EVERY)
def test_the_error_example_is_refused_with_its_code(tool: ToolDescription) -> None:
    assert refusal(tool.name, tool.error_example.args).code == tool.error_example.code


@for_every(tool=EVERY)
def test_schemas_are_json_schema_2020_12_and_describe_the_example(tool: ToolDescription) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    for schema, instance in (
        (tool.input_schema, tool.example.args),
        (tool.output_schema, tool.example.result),
    ):
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(instance)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema).validate({**instance, "unknown": 1})


@for_every(tool=EVERY)
def test_every_argument_in_the_schema_is_bounded(tool: ToolDescription) -> None:
    assert unbounded(tool.input_schema) == []


@for_every(tool=EVERY)
def test_unknown_and_missing_arguments_are_refused_by_name(tool: ToolDescription) -> None:
    extra = refusal(tool.name, {**tool.example.args, "surprise": "x"})
    assert (extra.code, "surprise" in str(extra)) == ("invalid_argument", True)
    for name in needed(tool):
        rest = {each: value for each, value in tool.example.args.items() if each != name}
        missing = refusal(tool.name, rest)
        assert (missing.code, name in str(missing)) == ("invalid_argument", True)


@for_every(tool=EVERY, wrong=[1, 1.5, True, None, [], ["2024-01-15"], {}, {"a": "b"}])
def test_arguments_are_never_coerced(tool: ToolDescription, wrong: JsonValue) -> None:
    for name, schema in arguments_of(tool).items():
        if not may_be(schema, wrong):
            assert refusal(tool.name, {**tool.example.args, name: wrong}).code == "invalid_argument", name


@for_every(tool=EVERY)
def test_a_megabyte_is_refused_at_once_with_the_limit_named_and_not_repeated(
    tool: ToolDescription,
) -> None:
    for name, schema in arguments_of(tool).items():
        if longest := longest_text(schema):
            started = time.process_time()
            error = refusal(tool.name, {**tool.example.args, name: "9" * 1_000_000})
            assert time.process_time() - started < 1.0
            assert error.code == "limit_exceeded"
            assert str(longest) in str(error)
            assert len(str(error)) < 200


@for_every(tool=EVERY)
def test_annotations_say_that_tools_only_read_and_may_be_repeated(tool: ToolDescription) -> None:
    assert tool.annotations.read_only
    assert tool.annotations.idempotent
    assert not tool.annotations.open_world
    first, second = invoke(tool.name, tool.example.args), invoke(tool.name, tool.example.args)
    assert first == second


@for_every(tool=EVERY)
def test_each_focus_is_answered_in_both_languages(tool: ToolDescription) -> None:
    for focus in (None, *tool.focuses):
        english = invoke(tool.name, tool.example.args, AnswerStyle(language="en", focus=focus)).answer
        german = invoke(tool.name, tool.example.args, AnswerStyle(language="de", focus=focus)).answer
        assert english.endswith((".", ")"))
        assert german.endswith((".", ")"))
        assert "{" not in english + german
        assert "None" not in english + german


@for_every(tool=EVERY)
def test_an_unknown_focus_is_refused(tool: ToolDescription) -> None:
    assert refusal(tool.name, tool.example.args, AnswerStyle(focus="colour")).code == "invalid_argument"


@for_every(tool=EVERY)
def test_descriptions_are_one_line_in_two_languages(tool: ToolDescription) -> None:
    texts = {tool.description.en, tool.description.de}
    assert len(texts) == 2
    assert all(text and "\n" not in text for text in texts)


def test_an_unknown_tool_is_refused_with_the_names_that_may_be_meant() -> None:
    with pytest.raises(ToolError, match="did you mean calculate") as caught:
        invoke("calcualte", {})
    assert caught.value.code == "unknown_tool"


def test_a_name_that_is_like_no_other_is_shown_where_to_look() -> None:
    with pytest.raises(ToolError, match="GET /tools lists"):
        invoke("x" * 10_000, {})


def test_arguments_and_results_are_frozen() -> None:
    outcome = invoke("date_diff", {"date1": "2024-01-15", "date2": "2024-03-10"})
    with pytest.raises(ValidationError):
        outcome.tool = "other"  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1.5, "n: Input should be a valid string or a valid integer"),
        (2**67, "less than or equal to 9223372036854775807"),
        ("12x", "should match pattern"),
    ],
)
def test_an_argument_of_several_kinds_is_refused_by_the_kind_that_it_is_of(value: JsonValue, told: str) -> None:
    assert told in str(refusal("prime_factorize", {"n": value}))


def test_a_json_number_that_may_have_been_rounded_on_its_way_is_refused() -> None:
    assert "send it as text" in str(refusal("unit_convert", {"value": 2.0**67, "from_unit": "m", "to_unit": "km"}))
    exact = invoke("unit_convert", {"value": str(2**67), "from_unit": "m", "to_unit": "km"})
    assert "'147573952589676412.928'" in str(exact.result)
