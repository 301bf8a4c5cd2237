"""Resolution of a model id."""

import pytest

from libs.adapters.templates.postgres import templates_at
from libs.adapters.templates.snapshot import TemplateSnapshot
from libs.adapters.templates.staffing import Nodes, loaded_profile, loaded_template
from libs.contracts.profile import Profile, ProfileMode
from libs.contracts.staffing import ModelRef
from libs.contracts.template import ExpertTemplate, TemplateExpert
from libs.ports.identity import Caller, GrantKind, Grants
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.routing.claude_models import ModelIds
from services.gateway.domain.routing.model_resolver import ModelResolver, ResolvedModel, models_for, resolve_model

NODES = Nodes(("gpu-1", "gpu-2"))
RACKS = ExpertTemplate(
    id="racks",
    name="Rack experts",
    tool_model="coder:30b@gpu-2",
    experts={"technical_support": TemplateExpert(mcp_tools=("calculate", "date_diff"))},
)
BROKEN = ExpertTemplate(id="broken", name="Broken", judge_model="big@gone")
ALL_TOOLS: tuple[tuple[GrantKind, str], ...] = (("mcp_tool", "*"),)
CLAUDE = "claude-opus-5-5"


def caller(*granted: tuple[GrantKind, str], profile: str = "", tools: bool = True) -> Caller:
    grants = Grants(frozenset((*granted, *(ALL_TOOLS if tools else ()))))
    return Caller("acme", user="ann", key_id="k1", grants=grants, profile=profile)


def profile(mode: ProfileMode = "moe_orchestrated", **fields: object) -> Profile:
    return Profile.model_validate({"id": "cc", "name": "CC", "moe_mode": mode, **fields})


def menu(*profiles: Profile) -> ModelResolver:
    templates = [("acme", loaded_template(each, 7, NODES)) for each in (RACKS, BROKEN)]
    snapshot = (
        TemplateSnapshot()
        .with_templates(templates)
        .with_profiles([("acme", loaded_profile(p, NODES)) for p in profiles])
    )
    return ModelResolver(snapshot, ModelIds.of(CLAUDE, "claude-sonnet-*"))


def refusal(model: str, who: Caller, of: ModelResolver | None = None) -> tuple[int, str]:
    with pytest.raises(RequestRefused) as caught:
        resolve_model(model, who, of or menu())
    return caught.value.error.status, caught.value.error.code


def test_a_mode_is_served_to_whom_it_is_granted() -> None:
    assert resolve_model("moe-orchestrator-plan", caller(("moe_mode", "plan")), menu()) == ResolvedModel(
        "moe-orchestrator-plan", "plan"
    )
    assert refusal("moe-orchestrator-plan", caller(("moe_mode", "report"))) == (403, "permission_denied")


def test_nothing_is_missing_and_nothing_is_served_before_the_templates_are_loaded() -> None:
    templates = templates_at("postgresql://moe@127.0.0.1:9/moe", "a signing key of a test", NODES, TemplateSnapshot())
    for name, who in (("moe-orchestrator", caller(("moe_mode", "*"))), (CLAUDE, caller(profile="cc"))):
        assert refusal(name, who, ModelResolver(templates)) == (503, "temporarily_unavailable")


@pytest.mark.parametrize("name", ["racks", "Rack experts"])
def test_a_template_is_named_by_its_id_or_its_name(name: str) -> None:
    served = resolve_model(name, caller(("expert_template", "racks")), menu())
    assert (served.model, served.mode, served.template) == (name, "default", RACKS)
    assert served.staffing is not None
    assert (served.staffing.template, served.staffing.version) == ("racks", 7)
    assert served.tool == ModelRef(model="coder:30b", server="gpu-2")


def test_a_template_that_is_not_granted_is_refused() -> None:
    assert refusal("racks", caller(("expert_template", "other"))) == (403, "permission_denied")


def test_a_template_of_another_tenant_is_none() -> None:
    other_tenant = Caller("umbrella", user="eve", key_id="k2", grants=Grants(frozenset({("expert_template", "*")})))
    assert refusal("racks", other_tenant) == (404, "model_not_found")


def test_a_template_that_is_granted_and_gone_is_a_ghost() -> None:
    assert refusal("gone", caller(("expert_template", "gone"))) == (422, "template_not_found")
    assert refusal("gone", caller(("expert_template", "*"))) == (404, "model_not_found")


def test_a_template_that_names_a_server_which_is_not_there_cannot_be_used() -> None:
    assert refusal("broken", caller(("expert_template", "*"))) == (422, "template_unusable")


def test_what_nobody_knows_is_not_found() -> None:
    assert refusal("gpt-5", caller(("moe_mode", "*"), ("expert_template", "*"))) == (404, "model_not_found")
    assert refusal(CLAUDE, caller(("moe_mode", "*")), ModelResolver(claude=ModelIds.of("claude-x"))) == (
        404,
        "model_not_found",
    )


@pytest.mark.parametrize("model", [CLAUDE, "claude-sonnet-9"])
def test_the_ids_of_claude_go_to_the_orchestrated_fleet_without_a_profile(model: str) -> None:
    served = resolve_model(model, caller(("moe_mode", "agent_orchestrated")), menu())
    assert (served.model, served.mode, served.straight) == (model, "agent_orchestrated", None)
    assert refusal(model, caller(("moe_mode", "default"))) == (403, "permission_denied")


@pytest.mark.parametrize(
    ("mode", "straight"), [("native", "tool"), ("moe_reasoning", "judge"), ("moe_orchestrated", None)]
)
def test_a_profile_says_who_answers(mode: ProfileMode, straight: str | None) -> None:
    served = resolve_model(
        CLAUDE, caller(profile="cc"), menu(profile(mode, tool_model="coder:30b", tool_endpoint="gpu-2"))
    )
    assert (served.straight, served.mode) == (straight, "agent_orchestrated")
    assert served.tool == ModelRef(model="coder:30b", server="gpu-2")


def test_a_profile_brings_its_template_to_whoever_may_use_the_profile() -> None:
    served = resolve_model(CLAUDE, caller(profile="cc"), menu(profile(expert_template_id="racks")))
    assert served.template == RACKS
    assert served.tool == ModelRef(model="coder:30b", server="gpu-2")
    own = resolve_model(CLAUDE, caller(profile="cc"), menu(profile(expert_template_id="racks", tool_model="own:8b")))
    assert own.tool == ModelRef(model="own:8b", server="gpu-1")


def test_a_profile_whose_template_is_gone_or_broken_is_refused() -> None:
    assert refusal(CLAUDE, caller(profile="cc"), menu(profile(expert_template_id="gone"))) == (
        422,
        "template_not_found",
    )
    assert refusal(CLAUDE, caller(profile="cc"), menu(profile(expert_template_id="broken"))) == (
        422,
        "template_unusable",
    )


def test_a_key_that_is_bound_to_a_profile_which_is_gone_or_off_is_refused() -> None:
    assert refusal(CLAUDE, caller(profile="gone")) == (422, "profile_not_found")
    assert refusal(CLAUDE, caller(profile="cc"), menu(profile(enabled=False))) == (422, "profile_not_found")


def test_a_key_whose_profile_is_gone_still_has_its_modes() -> None:
    bound = caller(("moe_mode", "code"), profile="gone")
    assert resolve_model("moe-orchestrator-code", bound, menu()).mode == "code"
    assert [model.id for model in models_for(bound, menu())] == ["moe-orchestrator-code"]


def test_a_profile_that_names_a_server_which_is_not_there_cannot_be_used() -> None:
    assert refusal(CLAUDE, caller(profile="cc"), menu(profile(tool_model="m@gone"))) == (422, "profile_unusable")


def test_a_profile_answers_to_the_ids_that_it_accepts_and_no_others() -> None:
    bound, of = (
        caller(("moe_mode", "*"), profile="cc"),
        menu(profile("native", accepted_models=("my-coder", "claude-9*"))),
    )
    assert resolve_model("my-coder", bound, of).straight == "tool"
    assert resolve_model("claude-9-beta", bound, of).straight == "tool"
    assert refusal(CLAUDE, bound, of) == (404, "model_not_found")
    assert resolve_model("moe-orchestrator", bound, of).straight is None


def test_a_profile_can_take_a_mode_for_itself() -> None:
    bound = caller(profile="cc")
    of = menu(profile("native", accepted_models=("moe-orchestrator",)))
    assert resolve_model("moe-orchestrator", bound, of).straight == "tool"


def test_the_default_profile_is_for_those_to_whom_it_is_granted() -> None:
    of = menu(profile("native", default=True))
    assert resolve_model(CLAUDE, caller(("cc_profile", "cc")), of).straight == "tool"
    assert resolve_model(CLAUDE, caller(("moe_mode", "*")), of).straight is None


def test_tools_that_a_key_may_not_use_are_not_offered() -> None:
    modes: tuple[GrantKind, str] = ("moe_mode", "*")
    none = resolve_model("moe-orchestrator", caller(modes, tools=False), menu()).staffing
    one = resolve_model("moe-orchestrator", caller(modes, ("mcp_tool", "calculate"), tools=False), menu()).staffing
    of_template = resolve_model(
        "racks", caller(("expert_template", "*"), ("mcp_tool", "date_diff"), tools=False), menu()
    ).staffing
    assert none is not None
    assert one is not None
    assert of_template is not None
    assert (none.tools, one.tools, of_template.tools) == ((), ("calculate",), ("date_diff",))
    assert of_template.template == "racks"


def test_what_is_listed_is_what_is_granted() -> None:
    assert [m.id for m in models_for(caller(("moe_mode", "code"), ("expert_template", "racks")), menu())] == [
        "moe-orchestrator-code",
        "racks",
    ]
    assert [m.id for m in models_for(caller(profile="cc"), menu(profile("native")))] == [CLAUDE]
    accepting = menu(profile("native", accepted_models=("my-coder", "x*")))
    assert [m.id for m in models_for(caller(profile="cc"), accepting)] == ["my-coder"]


def test_everything_that_is_listed_is_served() -> None:
    everything = caller(("moe_mode", "*"), ("expert_template", "racks"))
    listed = [model.id for model in models_for(everything, menu())]
    assert len(listed) == 9
    assert [resolve_model(model, everything, menu()).model for model in listed] == listed
