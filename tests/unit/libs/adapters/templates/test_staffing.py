"""Effect of a template on a request."""

import pytest

from libs.adapters.templates.snapshot import TemplateSnapshot, configured_profiles
from libs.adapters.templates.staffing import Nodes, NotConfigured, loaded_template, staffing_of, tool_of
from libs.contracts.profile import Profile
from libs.contracts.staffing import ExpertRole, ModelRef, Staffing, StageRole
from libs.contracts.template import ExpertTemplate, TemplateExpert, TemplateModel, TierRole
from libs.core.errors import ConfigurationError

NODES = Nodes(("gpu-1", "gpu-2"))


def at(model: str, server: str = "gpu-1") -> ModelRef:
    return ModelRef(model=model, server=server)


def template(*models: TemplateModel, **fields: object) -> ExpertTemplate:
    experts = {"math": TemplateExpert(models=models)} if models else {}
    return ExpertTemplate.model_validate({"id": "t", "name": "T", "experts": experts, **fields})


def tiers(*models: tuple[str, TierRole | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    named = (TemplateModel(model=model, role=role) for model, role in models)
    role = staffing_of(template(*named), 1, NODES).experts["math"]
    return tuple(each.model for each in role.fast), tuple(each.model for each in role.large)


def test_planner_and_judge_have_their_words_and_models() -> None:
    given = template(planner_prompt="P", planner_model="phi4:14b@gpu-2", judge_prompt="J", judge_model="big:70b")
    staffing = staffing_of(given, 4, NODES)
    assert staffing.planner == StageRole(prompt="P", model=at("phi4:14b", "gpu-2"))
    assert staffing.judge == StageRole(prompt="J", model=at("big:70b"))
    assert (staffing.template, staffing.version) == ("t", 4)


def test_an_empty_template_leaves_the_defaults() -> None:
    assert staffing_of(template(), 1, NODES) == Staffing(template="t", version=1)


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ((("a:7b", None), ("b:70b", None)), (("a:7b",), ("b:70b",))),
        ((("b:70b", None),), (("b:70b",), ())),
        ((("b:70b", "primary"), ("a:7b", "fallback")), (("b:70b",), ("a:7b",))),
        ((("a:7b", "fallback"),), (("a:7b",), ())),
        ((("a:7b", "primary"), ("b:70b", None)), (("a:7b", "b:70b"), ())),
    ],
)
def test_roles_decide_about_tiers_and_sizes_where_there_are_none(
    models: tuple[tuple[str, TierRole | None], ...], expected: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    assert tiers(*models) == expected


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ((("a:7b", "primary"), ("b:8b", "always")), (("a:7b",), (), ("b:8b",))),
        ((("a:7b", "always"), ("b:8b", "always")), (("a:7b",), (), ("b:8b",))),
        ((("a:7b", "always"), ("b:8b", "always"), ("c:70b", "fallback")), (("a:7b",), ("c:70b",), ("b:8b",))),
        ((("a:7b", None), ("b:70b", None), ("c:8b", "always")), (("a:7b",), ("b:70b",), ("c:8b",))),
        ((("a:7b", "primary"), ("a:7b", "always")), (("a:7b",), (), ())),
    ],
)
def test_what_always_answers_stands_beside_the_tiers_and_leads_where_there_is_no_first_tier(
    models: tuple[tuple[str, TierRole | None], ...], expected: tuple[tuple[str, ...], ...]
) -> None:
    named = tuple(TemplateModel(model=name, role=role) for name, role in models)
    role = staffing_of(template(experts={"math": TemplateExpert(models=named)}), 1, NODES).experts["math"]
    assert tuple(tuple(at.model for at in models) for models in (role.fast, role.large, role.beside)) == expected


def test_an_expert_without_models_has_those_of_the_configuration() -> None:
    role = staffing_of(template(experts={"math": TemplateExpert(system_prompt="x")}), 1, NODES).experts["math"]
    assert role == ExpertRole(prompt="x")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (TemplateModel(model="m"), at("m")),
        (TemplateModel(model="m", endpoint="gpu-2"), at("m", "gpu-2")),
        (TemplateModel(model="m@gpu-2"), at("m", "gpu-2")),
    ],
)
def test_a_model_is_on_the_server_that_is_named_else_on_the_first(model: TemplateModel, expected: ModelRef) -> None:
    assert staffing_of(template(model), 1, NODES).experts["math"].fast == (expected,)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (template(TemplateModel(model="m"), TemplateModel(model="m", endpoint="x")), "experts.math.models[1]"),
        (template(judge_model="m@x"), "judge_model"),
        (template(planner_model="m@x"), "planner_model"),
    ],
)
def test_a_server_that_is_not_configured_is_named_with_its_field(given: ExpertTemplate, field: str) -> None:
    with pytest.raises(NotConfigured) as caught:
        staffing_of(given, 1, NODES)
    assert str(caught.value) == f"{field}: no server in INFERENCE_SERVERS is named 'x'"
    assert loaded_template(given, 1, NODES).fault == str(caught.value)


def test_without_servers_a_template_that_names_a_model_is_at_fault() -> None:
    assert (
        loaded_template(template(judge_model="m"), 1, Nodes(())).fault
        == "judge_model: INFERENCE_SERVERS names no server"
    )
    assert loaded_template(template(), 1, Nodes(())).fault == ""


def test_the_tool_model_of_a_template_is_found() -> None:
    assert loaded_template(template(tool_model="coder@gpu-2"), 1, NODES).tool == at("coder", "gpu-2")
    assert loaded_template(template(tool_model="coder@x"), 1, NODES).fault.startswith("tool_model: ")


def test_the_tools_of_a_template_are_those_that_its_experts_name() -> None:
    experts = {
        "math": TemplateExpert(mcp_tools=("date_diff", "pdf")),
        "general": TemplateExpert(mcp_tools=("calculate",)),
    }
    assert staffing_of(template(experts=experts), 1, NODES).tools == ("calculate", "date_diff")
    assert staffing_of(template(experts={"math": TemplateExpert(mcp_tools=("pdf",))}), 1, NODES).tools == ()
    assert staffing_of(template(), 1, NODES).tools is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"tool_model": "m"}, at("m")),
        ({"tool_model": "m@gpu-2"}, at("m", "gpu-2")),
        ({"tool_model": "m", "tool_endpoint": "gpu-2"}, at("m", "gpu-2")),
        ({"tool_endpoint": "gpu-2"}, None),
    ],
)
def test_the_tool_model_of_a_profile_is_found(fields: dict[str, str], expected: ModelRef | None) -> None:
    assert tool_of(Profile.model_validate({"id": "cc", "name": "CC", **fields}), NODES) == expected


def test_an_id_goes_before_a_name_and_a_name_before_nothing() -> None:
    one = ExpertTemplate(id="a", name="b")
    two = ExpertTemplate(id="b", name="c")
    snapshot = TemplateSnapshot().with_templates([("acme", loaded_template(each, 1, NODES)) for each in (one, two)])
    found = [snapshot.template("acme", name) for name in "abc"]
    assert [each.template.id if each is not None else "" for each in found] == ["a", "b", "b"]
    assert snapshot.template("other", "a") is None


def test_the_profiles_of_the_environment_are_for_every_tenant() -> None:
    (given,) = configured_profiles('[{"id": "cc", "name": "CC", "moe_mode": "native", "default": true}]', NODES)
    snapshot = TemplateSnapshot(defaults=(given,))
    assert snapshot.profile("acme", "cc") == snapshot.default_profile("umbrella") == given


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "CLAUDE_CODE_PROFILES: not valid JSON"),
        ("{}", "CLAUDE_CODE_PROFILES: must be a JSON array"),
        ('[{"id": "cc"}]', "CLAUDE_CODE_PROFILES: cc: name: "),
        ('[{"id": "cc", "name": "CC", "tool_model": "m@x"}]', "CLAUDE_CODE_PROFILES: cc: tool_model: no server"),
    ],
)
def test_a_wrong_variable_is_named_with_the_field_at_fault(text: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured_profiles(text, NODES)
    assert str(caught.value).startswith(told)


def test_no_profiles_are_none() -> None:
    assert configured_profiles("", NODES) == configured_profiles("[]", NODES) == ()


def test_a_default_that_is_switched_off_is_none() -> None:
    profiles = configured_profiles('[{"id": "cc", "name": "CC", "default": true, "enabled": false}]', NODES)
    assert TemplateSnapshot(defaults=profiles).default_profile("acme") is None
