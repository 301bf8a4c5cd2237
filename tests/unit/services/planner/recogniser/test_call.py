"""The tools themselves answer recognised calls."""

import pytest

from libs.contracts.tool_catalogue import catalogue
from libs.testing.every import for_every
from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import TOOLS, invoke
from services.planner.domain.jobs import tool_call
from services.planner.recogniser import ToolCall, recognise
from tests.support.planner.corpora import Expected, positives

ANSWERABLE = frozenset(tool.name for tool in TOOLS)
CALLS: dict[str, Expected] = {f"{call.tool} {call.arguments} {call.focus}": call for _, call in positives()}
# Rejections that a tool may return although the question was read correctly.
ACCEPTED_REFUSALS = frozenset({"domain_error", "limit_exceeded", "undecided", "division_by_zero", "ambiguous"})


def refusal_of(call: ToolCall) -> str:
    """Code of a tool's rejection, empty for an answer."""
    try:
        return "" if invoke(call.tool, dict(call.arguments)).answer else "silent"
    except ToolError as error:
        return error.code


def test_every_tool_that_is_recognised_is_there() -> None:
    assert {call.tool for call in CALLS.values()} <= ANSWERABLE


@for_every(call=CALLS.values())
def test_a_call_is_valid_and_gives_the_expected_answer(call: Expected) -> None:
    answer = invoke(call.tool, call.arguments, AnswerStyle(focus=call.focus)).answer
    assert call.answer
    assert call.answer in answer


@for_every(call=CALLS.values())
def test_a_call_passes_the_planner_unchanged(call: Expected) -> None:
    passed = tool_call(call.tool, call.arguments, catalogue())
    assert passed is not None
    assert passed.arguments == call.arguments


def test_every_phrasing_is_answered_by_its_tool_in_both_languages() -> None:
    for question, expected in positives():
        for call in recognise(question) or ():
            for style in (AnswerStyle(focus=call.focus), AnswerStyle(language="de", focus=call.focus)):
                assert invoke(call.tool, dict(call.arguments), style).answer, (question, expected.tool)


@pytest.mark.parametrize(
    "question",
    [
        "What is 5 choose 9?",
        "What is 3 choose 7?",
        "Convert 102 from binary to decimal",
        "What is the inverse of [[1,2],[2,4]]?",
        "What is the gcd of 0 and 0?",
        "What weekday was 1582-10-10?",
        "Is DE00 0000 0000 0000 0000 00 a valid IBAN?",
        "What date is 400000 days after 2024-01-15?",
        "Convert 2024-03-31 02:30 from Europe/Berlin to America/New_York",
        "Is 0 prime?",
        "Write 5000 in Roman numerals",
        "What is the integral of 1/x from -1 to 1?",
        "Solve x = x",
        "What is the molar mass of Og2?",
        "What is the median of 5, 5?",
        "Convert -300 °C to kelvin",
    ],
)
def test_what_no_tool_can_answer_is_refused_with_a_reason_or_left_alone(question: str) -> None:
    assert {refusal_of(call) for call in recognise(question) or ()} <= {"", *ACCEPTED_REFUSALS}
