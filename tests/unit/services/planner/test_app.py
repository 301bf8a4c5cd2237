import pytest

from libs.adapters.models.access import read_models
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.message import Message
from libs.contracts.plan import ToolCall
from libs.contracts.progress import CallsMade, PlanDrafted
from libs.contracts.question import QuestionAsked
from libs.contracts.tool import RunTool
from libs.core.errors import ConfigurationError
from libs.runtime.settings import ModelSettings
from libs.runtime.wiring import consumed_by, published_by
from moe.registry import build_service, spec_of
from services.planner.domain.offer import TOOLS
from services.planner.settings import Settings
from services.planner.tools import capabilities_of, recognised_calls

GIVEN = {
    "INFERENCE_SERVERS": '[{"name":"gpu","url":"http://127.0.0.1:1/v1"},'
    '{"name":"tiny","url":"http://127.0.0.1:1/v1","small":true}]',
    "JUDGE_MODEL": "phi4:14b",
    "EXPERT_MODELS": '{"reasoning":["phi4:14b@gpu","qwen3:32b@gpu"],"general":["smol:360m@tiny"]}',
}


def test_building_opens_nothing_and_names_what_is_heard_and_said() -> None:
    (handler,) = build_service("planner", GIVEN).handlers
    said: set[type[Message]] = {PlanDrafted, AskExpertT1, AskExpertT2, RunTool, CallsMade}
    assert consumed_by(handler) is QuestionAsked
    assert published_by(handler).union(spec_of("planner").publishes) == said


def test_a_wrong_value_names_its_variable() -> None:
    with pytest.raises(ConfigurationError, match="PLANNER_TIMEOUT"):
        build_service("planner", GIVEN | {"PLANNER_TIMEOUT": "soon"})


def test_the_capabilities_follow_from_the_models() -> None:
    capabilities = capabilities_of(read_models(ModelSettings.read(GIVEN)).catalogue)
    assert capabilities.large == {"reasoning"}
    assert capabilities.small == {"general"}
    assert not capabilities.planner_is_small
    tiny = GIVEN | {"PLANNER_MODEL": "smol:360m", "PLANNER_ENDPOINT": "tiny"}
    assert capabilities_of(read_models(ModelSettings.read(tiny)).catalogue).planner_is_small


def test_a_precision_question_is_recognised_as_a_call_with_its_focus() -> None:
    (call,) = recognised_calls("What is the broadcast address of 172.20.128.0/19?") or ()
    assert isinstance(call, ToolCall)
    assert (call.tool, call.arguments) == ("subnet_calc", {"cidr": "172.20.128.0/19"})
    assert call.focus == "broadcast"


def test_an_open_question_is_not_recognised() -> None:
    assert recognised_calls("Explain what a broadcast address is for.") is None


def test_served_tools_are_planned_for_where_the_fleet_names_them() -> None:
    catalogue = read_models(ModelSettings.read(GIVEN)).catalogue
    served = {tool.name for tool in TOOLS if tool.served}
    assert not served & {tool.name for tool in capabilities_of(catalogue).tools}
    assert {tool.name for tool in capabilities_of(catalogue, served).tools} == {tool.name for tool in TOOLS}


def test_a_tool_that_is_not_there_cannot_be_named() -> None:
    with pytest.raises(ConfigurationError, match="launch_rocket"):
        Settings.read({**GIVEN, "MOE_PLANNER_SERVED_TOOLS": "launch_rocket"})
