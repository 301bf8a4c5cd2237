"""Resolves the models of a template to configured servers, in two tiers."""

from dataclasses import dataclass

from libs.contracts.profile import Profile
from libs.contracts.staffing import ExpertRole, ModelRef, Staffing, StageRole
from libs.contracts.template import ExpertTemplate, TemplateExpert, TemplateModel
from libs.contracts.tool import TOOL_NAMES
from libs.core.errors import Rejected
from libs.ports.templates import LoadedProfile, LoadedTemplate
from libs.runtime.settings.model_catalogue import DEFAULT_TIER_BOUNDARY_B, split_by_tier


class NotConfigured(Rejected):
    """A document names a server that is missing in INFERENCE_SERVERS."""

    code = "server_not_configured"


@dataclass(frozen=True, slots=True)
class Nodes:
    """Configured servers; the first one serves models without a server. Models above `boundary_b` are large."""

    servers: tuple[str, ...]
    boundary_b: float = DEFAULT_TIER_BOUNDARY_B

    def place(self, model: str, server: str, field: str) -> ModelRef:
        """The first server if `server` is empty. Raises NotConfigured naming the field."""
        if not self.servers:
            raise NotConfigured(f"{field}: INFERENCE_SERVERS names no server")
        if server and server not in self.servers:
            raise NotConfigured(f"{field}: no server in INFERENCE_SERVERS is named {server!r}")
        return ModelRef(model=model.strip(), server=server or self.servers[0])

    def named(self, name: str, field: str) -> ModelRef | None:
        """Parse `model` or `model@server`; None for an empty model. Raises NotConfigured."""
        model, _, server = name.partition("@")
        return self.place(model, server.strip(), field) if model.strip() else None


def loaded_template(template: ExpertTemplate, version: int, nodes: Nodes) -> LoadedTemplate:
    """Sets `fault` if a server is not configured."""
    try:
        staffing = staffing_of(template, version, nodes)
        return LoadedTemplate(template, staffing, nodes.named(template.tool_model, "tool_model"))
    except NotConfigured as error:
        return LoadedTemplate(template, Staffing(template=template.id, version=version), fault=str(error))


def loaded_profile(profile: Profile, nodes: Nodes) -> LoadedProfile:
    """Sets `fault` if a server is not configured."""
    try:
        return LoadedProfile(profile, tool_of(profile, nodes))
    except NotConfigured as error:
        return LoadedProfile(profile, fault=str(error))


def tool_of(profile: Profile, nodes: Nodes) -> ModelRef | None:
    """The model for tools, None for the configured one. Raises NotConfigured."""
    if profile.tool_endpoint:
        return nodes.place(profile.tool_model, profile.tool_endpoint, "tool_endpoint") if profile.tool_model else None
    return nodes.named(profile.tool_model, "tool_model")


def staffing_of(template: ExpertTemplate, version: int, nodes: Nodes) -> Staffing:
    """Raises NotConfigured naming the field."""
    return Staffing(
        template=template.id,
        version=version,
        planner=StageRole(
            prompt=template.planner_prompt,
            model=nodes.named(template.planner_model, "planner_model"),
            context_window=template.planner_context_window,
        ),
        judge=StageRole(
            prompt=template.judge_prompt,
            model=nodes.named(template.judge_model, "judge_model"),
            context_window=template.judge_context_window,
        ),
        experts={
            category: _role(expert, f"experts.{category}", nodes) for category, expert in template.experts.items()
        },
        tools=_tools(template),
        force_think=template.force_think,
    )


def _role(expert: TemplateExpert, field: str, nodes: Nodes) -> ExpertRole:
    placed = [
        (model, nodes.place(*_divided(model), f"{field}.models[{position}]"))
        for position, model in enumerate(expert.models)
    ]
    fast, large = _tiers(placed, nodes.boundary_b)
    always = tuple(at for model, at in placed if model.role == "always" and at not in fast)
    lead, beside = (fast, always) if fast else (always[:1], always[1:])
    if not lead:
        lead, large = large[:1], large[1:]
    return ExpertRole(
        prompt=expert.system_prompt,
        fast=lead,
        large=large,
        beside=beside,
        max_tokens=expert.max_tokens,
        context_window=expert.context_window,
    )


def _divided(model: TemplateModel) -> tuple[str, str]:
    name, _, server = model.model.partition("@")
    return name, model.endpoint or server


def _tiers(
    placed: list[tuple[TemplateModel, ModelRef]], boundary_b: float
) -> tuple[tuple[ModelRef, ...], tuple[ModelRef, ...]]:
    """Roles decide the tier; sizes decide for models without a role."""
    refs = [at for model, at in placed if model.role is None]
    small, big = split_by_tier(refs, boundary_b)
    fast = [at for model, at in placed if model.role == "primary" or at in small]
    large = [at for model, at in placed if model.role == "fallback" or at in big]
    return tuple(fast), tuple(large)


def _tools(template: ExpertTemplate) -> tuple[str, ...] | None:
    """None if no expert names tools: the planner may then use all."""
    named = {tool for expert in template.experts.values() for tool in expert.mcp_tools}
    return tuple(tool for tool in TOOL_NAMES if tool in named) if named else None
