"""What every tool promises, held for every tool in the registry."""

import time

import pytest
from pydantic import JsonValue, ValidationError

from services.mcp.tools.contract import AnswerStyle, ToolDescription, ToolError
from services.mcp.tools.registry import TOOLS, describe, invoke

DESCRIPTIONS = {tool.name: tool for tool in describe()}
NAMES = tuple(DESCRIPTIONS)


@pytest.fixture(params=NAMES)
def tool(request: pytest.FixtureRequest) -> ToolDescription:
    return DESCRIPTIONS[str(request.param)]


def refusal(name: str, args: dict[str, JsonValue], style: AnswerStyle | None = None) -> ToolError:
    with pytest.raises(ToolError) as caught:
        invoke(name, args, style or AnswerStyle())
    return caught.value


def test_the_three_tools_are_listed_in_a_stable_order() -> None:
    assert [tool.name for tool in describe()] == ["calculate", "date_diff", "subnet_calc"]


def test_the_example_gives_exactly_its_result_and_answer(tool: ToolDescription) -> None:
    outcome = invoke(tool.name, tool.example.args)
    assert outcome.tool == tool.name
    assert outcome.result == tool.example.result
    assert outcome.answer == tool.example.answer


def test_the_error_example_is_refused_with_its_code(tool: ToolDescription) -> None:
    assert refusal(tool.name, tool.error_example.args).code == tool.error_example.code


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


def test_every_argument_in_the_schema_is_bounded(tool: ToolDescription) -> None:
    properties = tool.input_schema["properties"]
    assert isinstance(properties, dict)
    for schema in properties.values():
        assert isinstance(schema, dict)
        assert "maxLength" in schema


def test_unknown_and_missing_arguments_are_refused_by_name(tool: ToolDescription) -> None:
    extra = refusal(tool.name, {**tool.example.args, "surprise": "x"})
    missing = refusal(tool.name, {})
    assert (extra.code, missing.code) == ("invalid_argument", "invalid_argument")
    assert "surprise" in str(extra)
    assert next(iter(tool.example.args)) in str(missing)


@pytest.mark.parametrize("wrong", [1, 1.5, True, None, [], ["2024-01-15"], {}, {"a": "b"}])
def test_arguments_are_never_coerced(tool: ToolDescription, wrong: JsonValue) -> None:
    for name in tool.example.args:
        assert refusal(tool.name, {**tool.example.args, name: wrong}).code == "invalid_argument"


def test_a_megabyte_is_refused_in_a_tenth_of_a_second_with_the_limit_named_and_not_repeated(
    tool: ToolDescription,
) -> None:
    for name in tool.example.args:
        started = time.process_time()
        error = refusal(tool.name, {**tool.example.args, name: "9" * 1_000_000})
        assert time.process_time() - started < 0.1
        assert error.code == "limit_exceeded"
        assert any(str(limit.value) in str(error) for limit in tool.limits)
        assert len(str(error)) < 200


def test_annotations_say_that_tools_only_read_and_may_be_repeated(tool: ToolDescription) -> None:
    assert tool.annotations.read_only
    assert tool.annotations.idempotent
    assert not tool.annotations.open_world
    first, second = invoke(tool.name, tool.example.args), invoke(tool.name, tool.example.args)
    assert first == second


def test_each_focus_is_answered_in_both_languages(tool: ToolDescription) -> None:
    for focus in (None, *tool.focuses):
        english = invoke(tool.name, tool.example.args, AnswerStyle(language="en", focus=focus)).answer
        german = invoke(tool.name, tool.example.args, AnswerStyle(language="de", focus=focus)).answer
        assert english.endswith((".", ")"))
        assert german.endswith((".", ")"))
        assert "{" not in english + german
        assert "None" not in english + german


def test_an_unknown_focus_is_refused(tool: ToolDescription) -> None:
    assert refusal(tool.name, tool.example.args, AnswerStyle(focus="colour")).code == "invalid_argument"


def test_descriptions_are_one_line_in_two_languages(tool: ToolDescription) -> None:
    texts = {tool.description.en, tool.description.de}
    assert len(texts) == 2
    assert all(text and "\n" not in text for text in texts)


def test_an_unknown_tool_is_refused_with_the_names_that_exist() -> None:
    error = refusal("launch_missiles" * 100, {})
    assert error.code == "unknown_tool"
    assert "calculate" in str(error)
    assert len(str(error)) < 200


def test_arguments_and_results_are_frozen() -> None:
    outcome = invoke("date_diff", {"date1": "2024-01-15", "date2": "2024-03-10"})
    with pytest.raises(ValidationError):
        outcome.tool = "other"  # type: ignore[misc]  # the point of the test


def test_a_cheap_tool_takes_less_than_a_millisecond() -> None:
    for tool in TOOLS:
        args = DESCRIPTIONS[tool.name].example.args
        invoke(tool.name, args)
        best = min(_duration(tool.name, args) for _ in range(20))
        assert best < 0.001, tool.name


def _duration(name: str, args: dict[str, JsonValue]) -> float:
    started = time.process_time()
    invoke(name, args)
    return time.process_time() - started
