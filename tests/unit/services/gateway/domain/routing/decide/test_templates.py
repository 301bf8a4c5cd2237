"""Routing of a request that names a template, or has a profile."""

from dataclasses import replace

import pytest

from libs.adapters.templates.snapshot import TemplateSnapshot
from libs.adapters.templates.staffing import Nodes, loaded_profile, loaded_template
from libs.contracts.profile import Profile, ProfileMode
from libs.contracts.staffing import ModelRef
from libs.contracts.template import ExpertTemplate, TemplateExpert, TemplateModel
from libs.ports.identity import EVERYTHING, Caller, Grants
from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.question.fleet_question import Limits
from services.gateway.domain.routing.call_options import CallOptions
from services.gateway.domain.routing.claude_models import ModelIds
from services.gateway.domain.routing.decide import ToFleet, ToModel, decide
from services.gateway.domain.routing.direct_models import DirectModels
from services.gateway.domain.routing.model_resolver import ModelResolver

NODES = Nodes(("gpu-1", "gpu-2"))
MODELS = DirectModels(
    ModelRef(model="house-tools", server="gpu-1"),
    ModelRef(model="house-judge", server="gpu-1"),
    None,
    frozenset(NODES.servers),
)
RACKS = ExpertTemplate(
    id="racks",
    name="Racks",
    tool_model="coder:30b@gpu-2",
    tool_prompt="Call with care.",
    judge_model="own-judge:70b",
    experts={"vision": TemplateExpert(models=(TemplateModel(model="seer:7b"),)), "math": TemplateExpert()},
    history_max_turns=1,
    history_max_chars=-1,
    max_tokens=500,
    enable_cache=False,
)
CLAUDE = "claude-opus-5-5"
HI = [{"role": "user", "content": "Hi"}]
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {}}}]
IMAGE = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}]


def menu(mode: ProfileMode = "moe_orchestrated", **fields: object) -> ModelResolver:
    profile = Profile.model_validate({"id": "cc", "name": "CC", "moe_mode": mode, **fields})
    snapshot = TemplateSnapshot().with_templates([("acme", loaded_template(RACKS, 7, NODES))])
    return ModelResolver(snapshot.with_profiles([("acme", loaded_profile(profile, NODES))]), ModelIds.of(CLAUDE))


def decided(
    model: str, of: ModelResolver | None = None, models: DirectModels | None = MODELS, **fields: object
) -> ToFleet | ToModel:
    profile = "cc" if model == CLAUDE else ""
    grants = Grants(frozenset({("expert_template", "racks"), ("mcp_tool", EVERYTHING)}))
    caller = Caller("acme", user="ann", key_id="k1", grants=grants, profile=profile)
    return decide(CHAT.read({"model": model, "messages": HI, **fields}), caller, Limits(), models, of or menu())


def to_model(model: str, of: ModelResolver | None = None, **fields: object) -> ToModel:
    decision = decided(model, of, MODELS, **fields)
    assert isinstance(decision, ToModel)
    return decision


def to_fleet(model: str, of: ModelResolver | None = None, **fields: object) -> ToFleet:
    decision = decided(model, of, MODELS, **fields)
    assert isinstance(decision, ToFleet)
    return decision


def test_a_template_goes_to_the_fleet_with_its_staff_and_bounds() -> None:
    decision = to_fleet("racks")
    assert decision.staffing is not None
    assert (decision.model, decision.staffing.template, decision.staffing.version) == ("racks", "racks", 7)
    assert (decision.question.mode, decision.question.max_tokens) == ("default", 500)


def test_the_clients_smaller_bound_stays() -> None:
    assert to_fleet("racks", max_tokens=20).question.max_tokens == 20
    assert to_fleet("racks", max_tokens=900).question.max_tokens == 500


def test_a_template_has_a_history_of_its_own_length() -> None:
    said = [{"role": role, "content": text * 2500} for role, text in (("user", "a"), ("assistant", "b"))]
    history = to_fleet("racks", messages=[*said, *HI]).question.history
    assert [turn.text for turn in history] == ["b" * 2500]


def test_tools_of_a_template_go_to_its_tool_model_with_its_words() -> None:
    decision = to_model("racks", tools=TOOLS)
    assert (decision.ref, decision.why) == (ModelRef(model="coder:30b", server="gpu-2"), "tools")
    assert decision.options == CallOptions("Call with care.", 500)


def test_images_of_a_template_go_to_its_seeing_expert() -> None:
    assert to_model("racks", messages=IMAGE).ref == ModelRef(model="seer:7b", server="gpu-1")


@pytest.mark.parametrize(
    ("mode", "ref"),
    [
        ("native", ModelRef(model="house-tools", server="gpu-1")),
        ("moe_reasoning", ModelRef(model="house-judge", server="gpu-1")),
    ],
)
def test_a_profile_sends_everything_straight_to_a_model(mode: ProfileMode, ref: ModelRef) -> None:
    decision = to_model(CLAUDE, menu(mode, system_prompt_prefix="You serve Acme."))
    assert (decision.ref, decision.why, decision.model) == (ref, "profile", CLAUDE)
    assert decision.options.prompt == "You serve Acme."


@pytest.mark.parametrize("mode", ["native", "moe_reasoning", "moe_orchestrated"])
def test_tools_under_a_profile_go_to_its_tool_model(mode: ProfileMode) -> None:
    of = menu(mode, tool_model="own:8b", tool_max_tokens=64, tool_choice="any")
    decision = to_model(CLAUDE, of, tools=TOOLS)
    assert (decision.ref, decision.why) == (ModelRef(model="own:8b", server="gpu-1"), "tools")
    assert (decision.options.max_tokens, decision.options.must_call) == (64, True)


def test_an_orchestrated_profile_asks_the_fleet_with_its_words_and_template() -> None:
    of = menu(system_prompt_prefix="You serve Acme.", expert_template_id="racks")
    system = {"role": "system", "content": "Be brief."}
    decision = to_fleet(CLAUDE, of, messages=[system, *HI])
    assert decision.question.instructions == "You serve Acme.\n\nBe brief."
    assert decision.question.mode == "agent_orchestrated"
    assert decision.staffing is not None
    assert decision.staffing.template == "racks"


def test_a_profile_that_needs_a_model_is_refused_where_none_is_known() -> None:
    with pytest.raises(RequestRefused) as caught:
        decided(CLAUDE, menu("native"), None)
    assert (caught.value.error.status, caught.value.error.code) == (422, "profile_unusable")


def test_a_template_that_wants_no_cache_gets_none() -> None:
    assert to_fleet("racks").cache is False
    assert to_fleet(CLAUDE).cache is True


def test_a_profile_without_bounds_has_the_default_ones() -> None:
    of = replace(menu("moe_reasoning"), tool_max_tokens=64, reasoning_max_tokens=128)
    assert to_model(CLAUDE, of, tools=TOOLS).options.max_tokens == 64
    assert to_model(CLAUDE, of).options.max_tokens == 128
    own = replace(menu("moe_reasoning", reasoning_max_tokens=32), tool_max_tokens=64, reasoning_max_tokens=128)
    assert to_model(CLAUDE, own).options.max_tokens == 32


@pytest.mark.parametrize(
    ("stream", "background", "streamed"),
    [(False, False, False), (True, False, True), (False, True, True), (True, True, True)],
)
def test_the_fleet_streams_what_a_client_may_read_while_it_is_written(
    *, stream: bool, background: bool, streamed: bool
) -> None:
    request = CHAT.read({"model": "moe-orchestrator", "messages": HI, "stream": stream})
    caller = Caller("acme", user="ann", key_id="k1", grants=Grants(frozenset({("moe_mode", EVERYTHING)})))
    decision = decide(replace(request, background=background), caller, Limits(), MODELS)
    assert isinstance(decision, ToFleet)
    assert decision.question.streamed is streamed
