"""Reading templates and profiles that people wrote."""

import json

import pytest

from libs.contracts.template import MAX_TEMPLATE_BYTES, ExpertTemplate
from libs.contracts.template_parsing import UnfitDocument, read_profile, read_template
from libs.contracts.tool import TOOL_NAMES
from services.planner.domain.offer import TOOLS

SMALLEST = {"id": "racks", "name": "Rack experts"}
EXPERT = {
    "system_prompt": "You know our racks.",
    "context_window": 32768,
    "max_tokens": 900,
    "mcp_tools": ["calculate"],
    "models": [{"model": "qwen3:32b", "endpoint": "gpu-1", "role": "primary"}],
}
FULL = {
    **SMALLEST,
    "description": "of building 2",
    "planner_prompt": "Prefer one task.",
    "planner_model": "phi4:14b@gpu-1",
    "judge_prompt": "Cite.",
    "judge_model": "llama3.3:70b",
    "tool_model": "coder:30b@gpu-2",
    "tool_prompt": "Careful.",
    "experts": {"technical_support": EXPERT},
    "enable_cache": False,
    "force_think": True,
    "history_max_turns": -1,
    "history_max_chars": 9000,
    "max_tokens": 2000,
}


def fault(value: object) -> str:
    with pytest.raises(UnfitDocument) as caught:
        read_template(value)
    return str(caught.value)


def profile_fault(value: object) -> str:
    with pytest.raises(UnfitDocument) as caught:
        read_profile(value)
    return str(caught.value)


def test_a_whole_template_says_the_same_again() -> None:
    read = read_template(FULL)
    assert read.warnings == ()
    assert json.loads(read.document.model_dump_json(exclude_defaults=True)) == FULL


def test_what_is_left_out_has_its_default() -> None:
    assert read_template(SMALLEST).document == ExpertTemplate(id="racks", name="Rack experts")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"judge_promt": "x"}, "racks: judge_promt: no such field"),
        ({"name": ""}, "racks: name: "),
        ({"id": "Rack 1"}, "Rack 1: id: "),
        ({"id": None}, "id: "),
        ({"judge_model": "a@b@c"}, "racks: judge_model: "),
        ({"history_max_turns": -2}, "racks: history_max_turns: "),
        ({"enable_cache": "perhaps"}, "racks: enable_cache: "),
        ({"experts": ["math"]}, "experts: must be a JSON object"),
        ({"experts": {"cooking": {}}}, "experts.cooking: no such category; there are: general, math"),
        ({"experts": {"math": "phi4"}}, "experts.math: must be a JSON object"),
        ({"experts": {"math": {"prompt": "x"}}}, "experts.math.prompt: no such field"),
        ({"experts": {"math": {"context_window": "big"}}}, "racks: experts.math.context_window: "),
        ({"experts": {"math": {"models": [{"endpoint": "gpu-1"}]}}}, "racks: experts.math.models[0].model: "),
        ({"experts": {"math": {"models": [{"model": "m", "role": "boss"}]}}}, "racks: experts.math.models[0].role: "),
        (
            {"experts": {"math": {"models": [{"model": "m", "node": "x"}]}}},
            "experts.math.models[0].node: no such field",
        ),
        ({"experts": {"math": {"models": ["phi4"]}}}, "experts.math.models[0]: must be a JSON object"),
        ({"id": "moe-orchestrator-x"}, "id and name must not begin with moe-orchestrator"),
        ({"name": "moe-orchestrator"}, "id and name must not begin with moe-orchestrator"),
        ({"planner_prompt": "x" * 20_001}, "racks: planner_prompt: "),
    ],
)
def test_what_is_wrong_is_named_by_its_field(change: dict[str, object], told: str) -> None:
    assert told in fault({**SMALLEST, **change})


@pytest.mark.parametrize("value", [None, [], "racks", 7])
def test_what_is_no_object_is_no_template(value: object) -> None:
    assert fault(value) == "template: must be a JSON object"


@pytest.mark.parametrize("prompt", ["x" * 19_000, "ä" * 9_500])
def test_a_template_that_is_too_large_to_travel_is_refused(prompt: str) -> None:
    experts = {name: {"system_prompt": prompt} for name in ("math", "general", "science", "legal_advisor")}
    assert f"the limit is {MAX_TEMPLATE_BYTES}" in fault({**SMALLEST, "experts": experts})


def test_what_is_not_built_is_told_where_it_is_asked_for() -> None:
    asked = {"enable_graphrag": True, "enable_web_research": False, "max_agentic_rounds": 3, "guardrail_model": ""}
    assert read_template({**SMALLEST, **asked}).warnings == (
        "racks: enable_graphrag: nothing here honours it yet",
        "racks: max_agentic_rounds: nothing here honours it yet",
    )


def test_experts_that_are_not_there_yet_are_left_out_with_a_word() -> None:
    read = read_template({**SMALLEST, "experts": {"research": {"anything": 1}, "math": {}}})
    assert list(read.document.experts) == ["math"]
    assert read.warnings == ("racks: experts.research: there is no such expert yet, it is left out",)


def test_tools_that_are_not_there_are_told() -> None:
    read = read_template({**SMALLEST, "experts": {"math": {"mcp_tools": ["calculate", "pdf"]}}})
    assert read.warnings == ("racks: experts.math.mcp_tools: not there yet, left out: pdf",)


def test_images_go_to_one_model_and_that_is_told() -> None:
    models = [{"model": "a"}, {"model": "b"}]
    read = read_template({**SMALLEST, "experts": {"vision": {"models": models}, "math": {"models": models}}})
    assert read.warnings == ("racks: experts.vision.models: images go to one model, the others are not asked",)


def test_a_category_has_three_models_at_most_that_always_answer() -> None:
    models = [{"model": name, "role": "always"} for name in "abcd"]
    assert read_template({**SMALLEST, "experts": {"math": {"models": models[:3]}}}).warnings == ()
    told = fault({**SMALLEST, "experts": {"math": {"models": models}}})
    assert told == "racks: experts.math.models: 4 models have the role always, the limit is 3"


def test_what_an_export_says_besides_is_passed_over() -> None:
    assert read_template({**SMALLEST, "version": 7, "updated_at": 1.5, "updated_by": "ada"}).warnings == ()


def test_the_tools_of_templates_are_those_that_a_plan_can_have() -> None:
    assert tuple(tool.name for tool in TOOLS) == TOOL_NAMES


def test_a_profile_is_read() -> None:
    read = read_profile({"id": "cc", "name": "CC", "moe_mode": "native", "tool_model": "m", "agent_cache": True})
    assert read.document.moe_mode == "native"
    assert read.warnings == ("cc: agent_cache: nothing here honours it yet",)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"moe_mode": "fast"}, "cc: moe_mode: "),
        ({"tool_choice": "never"}, "cc: tool_choice: "),
        ({"tool_max_tokens": -1}, "cc: tool_max_tokens: "),
        ({"accepted_models": [""]}, "cc: accepted_models[0]: "),
        ({"tool_model": "m@gpu-1", "tool_endpoint": "gpu-2"}, "cc: tool_endpoint: tool_model names a server already"),
        ({"expert_template": "x"}, "cc: expert_template: no such field"),
    ],
)
def test_what_is_wrong_in_a_profile_is_named_by_its_field(change: dict[str, object], told: str) -> None:
    assert told in profile_fault({"id": "cc", "name": "CC", **change})
