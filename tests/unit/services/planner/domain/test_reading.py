import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.planner.domain.reading import MAX_DEPTH, MAX_TASK_CHARS, read_tasks
from tests.support.planner.questions import plan, task

ONE, TWO = task("Explain pools fully."), task("Explain queues fully.", "general")
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["tasks", "task", "category", "mcp_tool", "mcp_args", "needs", "id", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


def texts(answer: str) -> list[str]:
    return [raw.task for raw in read_tasks(answer)]


@pytest.mark.parametrize(
    "answer",
    [
        plan(ONE, TWO),
        json.dumps([ONE, TWO]),
        json.dumps({"plan": [ONE, TWO]}),
        json.dumps({"plan": {"tasks": [ONE, TWO]}}),
        f"```json\n{plan(ONE, TWO)}\n```",
        f"Here is the plan [as asked]:\n\n{plan(ONE, TWO)}\n\nI hope this helps {{really}}!",
        f"<think>One or two? [{{]</think>{plan(ONE, TWO)}",
        f"{json.dumps(ONE)}\n{json.dumps(TWO)}",
        plan(ONE, TWO)[:-2],
        plan(ONE, TWO, task("Explain something that is cut"))[:-30],
    ],
)
def test_tasks_are_found_in_whatever_a_model_wrote(answer: str) -> None:
    assert texts(answer) == ["Explain pools fully.", "Explain queues fully."]


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", '{"tasks": []}', "I cannot plan this.", '{"tasks": ["pools", {}, 7, null]}', "{" * 3_000]
)
def test_nothing_usable_is_no_tasks(answer: str) -> None:
    assert texts(answer) == []


@pytest.mark.parametrize("name", ["task", "task_description", "instruction", "description"])
def test_a_task_may_go_by_other_names(name: str) -> None:
    assert texts(plan({name: "Explain it."})) == ["Explain it."]


def test_strings_and_empty_objects_are_discarded_among_good_tasks() -> None:
    assert texts(plan("keyword", {}, ONE, {"category": "math"}, {"task": "  "})) == ["Explain pools fully."]


def test_tool_calls_are_read_with_their_arguments_as_json() -> None:
    arguments = {"expression": 12, "digits": None, "rows": [[1.5, True], {"a": "x"}]}
    (raw,) = read_tasks(plan(task("x", mcp_tool="Calculate", mcp_args=arguments)))
    assert (raw.tool, raw.arguments) == ("calculate", arguments)


def test_arguments_that_are_no_number_or_nested_without_end_are_left_out() -> None:
    deep: object = "deep"
    for _ in range(MAX_DEPTH):
        deep = [deep]
    (raw,) = read_tasks(plan(task("x", mcp_tool="t", mcp_args={"a": float("nan"), "b": deep})))
    assert raw.arguments["a"] is None
    assert "deep" not in str(raw.arguments["b"])


def test_arguments_may_be_json_in_a_string() -> None:
    (raw,) = read_tasks(plan(task("x", tool="calculate", arguments='{"expression": "1+1"}')))
    assert raw.arguments == {"expression": "1+1"}


def test_needs_may_be_numbers_or_a_single_name() -> None:
    first, second = read_tasks(plan(task("a", id=7, needs=[1, "t2", None, {}]), task("b", depends_on="7")))
    assert (first.needs, second.needs) == (("1", "t2"), ("7",))
    assert first.names == ("7", "t1", "1")


def test_categories_are_read_loosely() -> None:
    (raw,) = read_tasks(plan(task("x", " Code-Reviewer ")))
    assert raw.category == "code_reviewer"


def test_a_task_text_can_be_stored_anywhere() -> None:
    (raw,) = read_tasks('{"task": "a\\u0000b\\ud800c\\nd"}')
    assert raw.task == "abc\nd"


def test_a_task_text_is_capped() -> None:
    (raw,) = read_tasks(plan(task("word " * 5_000)))
    assert len(raw.task) <= MAX_TASK_CHARS


@given(JSON_VALUES.map(json.dumps), st.integers(0, 60), st.text(max_size=10))
def test_nothing_that_a_model_writes_raises(answer: str, cut: int, around: str) -> None:
    for raw in read_tasks(f"{around}{answer[: len(answer) - cut]}{around}"):
        raw.task.encode()
        assert raw.task or raw.tool
