"""Model ids that clients see: what each stands for, and what it is priced by."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import orjson

from libs.contracts.profile import Profile
from libs.contracts.question import Mode
from libs.contracts.staffing import ModelRef, Staffing
from libs.contracts.template import ExpertTemplate
from libs.contracts.tool import TOOL_NAMES
from libs.ports.identity import Caller
from libs.ports.templates import LoadedProfile, LoadedTemplate, Templates
from services.gateway.domain.errors import (
    model_not_found,
    not_granted,
    profile_not_found,
    profile_unusable,
    template_not_found,
    template_unusable,
    templates_unavailable,
)
from services.gateway.domain.routing.claude_models import CLAUDE_CODE_MODELS, ModelIds

CREATED = 1_767_225_600  # 2026-01-01: the field must be an integer, and clients sort by it


@dataclass(frozen=True, slots=True)
class PublicModel:
    """One model. `window` is the maximum number of tokens of a request, 0: unbounded."""

    id: str
    mode: Mode
    window: int = 0

    def as_dict(self) -> dict[str, str | int]:
        return {"id": self.id, "object": "model", "created": CREATED, "owned_by": "sovereign-fleet"}


MODELS: tuple[PublicModel, ...] = (
    PublicModel("moe-orchestrator", "default"),
    PublicModel("moe-orchestrator-code", "code"),
    PublicModel("moe-orchestrator-concise", "concise"),
    PublicModel("moe-orchestrator-agent", "agent"),
    PublicModel("moe-orchestrator-agent-orchestrated", "agent_orchestrated"),
    PublicModel("moe-orchestrator-plan", "plan"),
    PublicModel("moe-orchestrator-report", "report"),
)

_HIDES_REASONING: frozenset[Mode] = frozenset({"agent", "agent_orchestrated"})

_BY_ID = {model.id: model for model in MODELS}


def mode_model(model_id: str) -> PublicModel | None:
    """None for an id that is no mode's."""
    return _BY_ID.get(model_id)


def shows_reasoning(mode: Mode) -> bool:
    """True when streams of the mode show the progress of the fleet; programs that act on answers want none."""
    return mode not in _HIDES_REASONING


def models_of(caller: Caller) -> tuple[PublicModel, ...]:
    """List the mode models that the caller is granted."""
    return tuple(model for model in MODELS if caller.grants.allow("moe_mode", model.mode))


def listed(models: Iterable[PublicModel]) -> bytes:
    return orjson.dumps({"object": "list", "data": [model.as_dict() for model in models]})


def shown(model: PublicModel) -> bytes:
    return orjson.dumps(model.as_dict())


PROFILED_MODE: Mode = "agent_orchestrated"

Straight = Literal["tool", "judge"]


@dataclass(frozen=True, slots=True)
class ModelResolver:
    """The sources of model ids besides modes. Without `templates` there are neither templates nor profiles.

    The bounds, in tokens, apply to profiles without bounds of their own; 0: unbounded.
    """

    templates: Templates | None = None
    claude: ModelIds = field(default_factory=lambda: ModelIds.of(*CLAUDE_CODE_MODELS.split(",")))
    tool_max_tokens: int = 0
    reasoning_max_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """The configuration that answers a request. `model` is the id that the client named.

    `straight`: all requests use one model, the tool model or the judge's. `tool` is the model for requests with tools,
    None for the configured one.
    """

    model: str
    mode: Mode = "default"
    staffing: Staffing | None = None
    template: ExpertTemplate | None = None
    profile: Profile | None = None
    tool: ModelRef | None = None
    straight: Straight | None = None


def resolve_model(model_id: str, caller: Caller, resolver: ModelResolver) -> ResolvedModel:
    """Resolve a model id.

    Raises RequestRefused: 404 for an id that is not served, 403 for a missing grant, 422 for a granted template or
    profile that is deleted or unusable, 503 until templates are loaded.
    """
    if resolver.templates is not None and not resolver.templates.loaded:
        raise templates_unavailable()
    own = _profile_of(caller, resolver)
    if own is not None and model_id in ModelIds.of(*own.profile.accepted_models):
        return _profiled(model_id, own, caller, resolver)
    if (public := mode_model(model_id)) is not None:
        _require_mode(public.mode, caller)
        return ResolvedModel(model_id, public.mode, _permitted(None, caller))
    if (found := _template(model_id, caller, resolver)) is not None:
        return _templated(model_id, found, caller)
    if own is None and caller.profile:
        raise profile_not_found(caller.profile)  # the missing profile may have accepted this id
    if model_id not in resolver.claude or (own is not None and own.profile.accepted_models):
        raise model_not_found(model_id)
    if own is not None:
        return _profiled(model_id, own, caller, resolver)
    _require_mode(PROFILED_MODE, caller)
    return ResolvedModel(model_id, PROFILED_MODE, _permitted(None, caller))


def model_of(model_id: str, caller: Caller, resolver: ModelResolver) -> PublicModel:
    """Raises RequestRefused as `resolve_model` does."""
    served = resolve_model(model_id, caller, resolver)
    return PublicModel(model_id, served.mode, served.profile.context_window if served.profile is not None else 0)


def models_for(caller: Caller, resolver: ModelResolver, straight: Iterable[ModelRef] = ()) -> tuple[PublicModel, ...]:
    """List the models of a caller: modes, templates by id, those of `straight` that are granted, and the served ids of
    Claude."""
    loaded = resolver.templates.templates(caller.tenant) if resolver.templates is not None else ()
    granted = (each.template.id for each in loaded if caller.grants.allow("expert_template", each.template.id))
    templates = tuple(PublicModel(template_id, "default") for template_id in granted)
    native = map(str, straight)
    nodes = (PublicModel(name, "default") for name in native if caller.grants.allow("model_endpoint", name))
    own = _profile_of(caller, resolver)
    window = own.profile.context_window if own is not None else 0
    claude = (PublicModel(name, PROFILED_MODE, window) for name in _claude_ids(caller, resolver))
    return (*models_of(caller), *templates, *dict.fromkeys(nodes), *claude)


def _claude_ids(caller: Caller, resolver: ModelResolver) -> tuple[str, ...]:
    own = _profile_of(caller, resolver)
    if own is None and caller.profile:
        return ()
    if own is not None:
        return ModelIds.of(*own.profile.accepted_models).named if own.profile.accepted_models else resolver.claude.named
    return resolver.claude.named if caller.grants.allow("moe_mode", PROFILED_MODE) else ()


def _require_mode(mode: Mode, caller: Caller) -> None:
    if not caller.grants.allow("moe_mode", mode):
        raise not_granted("moe_mode", mode)


def _template(name: str, caller: Caller, resolver: ModelResolver) -> LoadedTemplate | None:
    """None for a name that is no template's."""
    found = resolver.templates.template(caller.tenant, name) if resolver.templates is not None else None
    if found is None:
        if name in caller.grants.of("expert_template"):
            raise template_not_found(name)
        return None
    if not caller.grants.allow("expert_template", found.template.id):
        raise not_granted("expert_template", name)
    return found


def _templated(model_id: str, found: LoadedTemplate, caller: Caller, mode: Mode = "default") -> ResolvedModel:
    if found.fault:
        raise template_unusable(found.template.id, found.fault)
    staffing = _permitted(found.staffing, caller)
    return ResolvedModel(model_id, mode, staffing, found.template, tool=found.tool)


def _profile_of(caller: Caller, resolver: ModelResolver) -> LoadedProfile | None:
    """The profile that the key is bound to, None where it is deleted or disabled. For an unbound key, the tenant's
    default profile where it is granted."""
    if resolver.templates is None:
        return None
    if not caller.profile:
        default = resolver.templates.default_profile(caller.tenant)
        allowed = default is not None and caller.grants.allow("cc_profile", default.profile.id)
        return default if allowed else None
    bound = resolver.templates.profile(caller.tenant, caller.profile)
    return bound if bound is not None and bound.profile.enabled else None


def _profiled(model_id: str, own: LoadedProfile, caller: Caller, resolver: ModelResolver) -> ResolvedModel:
    if own.fault:
        raise profile_unusable(own.profile.id, own.fault)
    profile = _bounded(own.profile, resolver)
    if profile.moe_mode != "moe_orchestrated":
        straight: Straight = "tool" if profile.moe_mode == "native" else "judge"
        return ResolvedModel(model_id, PROFILED_MODE, profile=profile, tool=own.tool, straight=straight)
    served = _of_fleet(model_id, profile, caller, resolver)
    return ResolvedModel(model_id, PROFILED_MODE, served.staffing, served.template, profile, own.tool or served.tool)


def _bounded(profile: Profile, resolver: ModelResolver) -> Profile:
    tools = profile.tool_max_tokens or resolver.tool_max_tokens
    reasoning = profile.reasoning_max_tokens or resolver.reasoning_max_tokens
    return profile.model_copy(update={"tool_max_tokens": tools, "reasoning_max_tokens": reasoning})


def _of_fleet(model_id: str, profile: Profile, caller: Caller, resolver: ModelResolver) -> ResolvedModel:
    """The template of a profile needs no grant besides the profile's."""
    if not profile.expert_template_id or resolver.templates is None:
        return ResolvedModel(model_id, staffing=_permitted(None, caller))
    found = resolver.templates.template(caller.tenant, profile.expert_template_id)
    if found is None:
        raise template_not_found(profile.expert_template_id)
    return _templated(model_id, found, caller)


def _permitted(staffing: Staffing | None, caller: Caller) -> Staffing | None:
    """Remove the tools that the caller may not use; None for the default staffing."""
    if caller.grants.allow_all("mcp_tool"):
        return staffing
    offered = TOOL_NAMES if staffing is None or staffing.tools is None else staffing.tools
    granted = tuple(tool for tool in offered if caller.grants.allow("mcp_tool", tool))
    if granted == offered:
        return staffing
    return (staffing or Staffing()).model_copy(update={"tools": granted})


def priced_as(served: ResolvedModel, resolver: ModelResolver) -> str:
    """The id of a mode or of a template; for a profile or an id of Claude the entry that accepts it, which may
    end in `*`."""
    profile = served.profile
    if profile is not None:
        accepted = ModelIds.of(*profile.accepted_models) if profile.accepted_models else resolver.claude
        return accepted.entry_of(served.model)
    if served.template is not None:
        return served.template.id
    return served.model if mode_model(served.model) is not None else resolver.claude.entry_of(served.model)
