"""A request is priced by what serves it, not by the words of its client."""

from collections.abc import Mapping

import pytest

from libs.adapters.templates.snapshot import TemplateSnapshot
from libs.adapters.templates.staffing import Nodes, loaded_profile, loaded_template
from libs.contracts.profile import Profile, ProfileMode
from libs.contracts.staffing import ModelRef
from libs.contracts.template import ExpertTemplate
from libs.ports.identity import Caller, GrantKind, Grants
from services.gateway.domain.body.chat import read_chat_body
from services.gateway.domain.question.fleet_question import InferenceRequest, Limits
from services.gateway.domain.routing.claude_models import ModelIds
from services.gateway.domain.routing.decide import decide
from services.gateway.domain.routing.direct_models import DirectModels
from services.gateway.domain.routing.model_resolver import ModelResolver

NODES = Nodes(("n1",))
LAWYER = ExpertTemplate(id="lawyer", name="Our Lawyer")
MODEL = ModelRef(model="phi4", server="n1")
MODELS = DirectModels(MODEL, MODEL, None, frozenset({"n1"}))
KINDS: tuple[GrantKind, ...] = ("moe_mode", "expert_template", "model_endpoint", "mcp_tool")
ANN = Caller("acme", user="ann", key_id="k1", grants=Grants(frozenset((kind, "*") for kind in KINDS)))
BOUND = Caller("acme", user="ann", key_id="k1", grants=ANN.grants, profile="cc")
NOTHING: Mapping[str, object] = {}
TOOL = {"type": "function", "function": {"name": "f"}}


def profile(mode: ProfileMode, *accepted: str) -> Profile:
    return Profile(id="cc", name="CC", moe_mode=mode, accepted_models=accepted)


def priced(model: str, who: Caller = ANN, *profiles: Profile, more: Mapping[str, object] = NOTHING) -> tuple[str, str]:
    """Price category of a request, and the model that its client sees."""
    snapshot = TemplateSnapshot().with_templates([("acme", loaded_template(LAWYER, 1, NODES))])
    snapshot = snapshot.with_profiles([("acme", loaded_profile(each, NODES)) for each in profiles])
    menu = ModelResolver(snapshot, ModelIds.of("claude-opus-5-5", "claude-*", "claude-sonnet-*"))
    raw: dict[str, object] = {"model": model, "messages": [{"role": "user", "content": "Why?"}], **more}
    decision = decide(InferenceRequest(read_chat_body(raw), raw), who, Limits(), MODELS, menu)
    return decision.priced_as, decision.model


def test_a_mode_is_priced_as_itself() -> None:
    assert priced("moe-orchestrator-plan") == ("moe-orchestrator-plan", "moe-orchestrator-plan")


@pytest.mark.parametrize("fields", [{}, {"tools": [TOOL]}], ids=["fleet", "tools"])
@pytest.mark.parametrize("name", ["lawyer", "Our Lawyer"])
def test_a_template_is_priced_by_its_id_and_told_as_it_was_named(name: str, fields: dict[str, object]) -> None:
    assert priced(name, more=fields) == ("lawyer", name)


@pytest.mark.parametrize(
    ("model", "entry"),
    [
        ("claude-opus-5-5", "claude-opus-5-5"),
        ("claude-opus-5-5-free", "claude-*"),
        ("claude-sonnet-9", "claude-sonnet-*"),
    ],
)
@pytest.mark.parametrize("fields", [{}, {"tools": [TOOL]}], ids=["fleet", "tools"])
def test_an_id_of_claude_is_priced_by_the_entry_that_it_is_accepted_by(
    model: str, entry: str, fields: dict[str, object]
) -> None:
    assert priced(model, more=fields) == (entry, model)


@pytest.mark.parametrize("mode", ["native", "moe_reasoning", "moe_orchestrated"])
def test_so_is_one_that_a_profile_accepts(mode: ProfileMode) -> None:
    own = profile(mode, "our-*", "our-own")
    assert priced("our-own", BOUND, own) == ("our-own", "our-own")
    assert priced("our-other", BOUND, own) == ("our-*", "our-other")
    assert priced("claude-new", BOUND, profile(mode)) == ("claude-*", "claude-new")


def test_a_model_of_a_node_is_priced_by_its_name() -> None:
    assert priced("llama3@n1") == ("llama3@n1", "llama3@n1")
