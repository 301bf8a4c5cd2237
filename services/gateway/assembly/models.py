"""Assembly of the model resolver: modes, templates, the ids of Claude and their profiles."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace

from libs.adapters.templates.postgres import templates_at
from libs.adapters.templates.snapshot import TemplateSnapshot, configured_profiles
from libs.adapters.templates.staffing import Nodes
from libs.runtime.service import Check
from libs.runtime.settings.inference_servers import parse_inference_servers
from services.gateway.domain.routing.claude_models import ModelIds
from services.gateway.domain.routing.model_resolver import ModelResolver
from services.gateway.settings import Settings


@dataclass(frozen=True)
class ModelResolverComponent:
    """`resolver` resolves the model of every request; `resources` and `checks` belong to its template snapshot."""

    resolver: ModelResolver = field(default_factory=ModelResolver)
    resources: tuple[AbstractAsyncContextManager[object], ...] = ()
    checks: tuple[Check, ...] = ()


def model_resolver_of(settings: Settings) -> ModelResolverComponent:
    """Build the resolver. Without Postgres there are no templates, and only the profiles of the environment.

    Opens nothing. Raises ConfigurationError.
    """
    servers = parse_inference_servers(settings.inference_servers)
    nodes = Nodes(tuple(server.name for server in servers), settings.tier_boundary_b)
    defaults = TemplateSnapshot(defaults=configured_profiles(settings.claude_code_profiles, nodes))
    claude = ModelIds.of(*settings.claude_code_models.split(","))
    menu = ModelResolver(defaults, claude, settings.tool_max_tokens, settings.reasoning_max_tokens)
    if not (url := settings.postgres_url.get_secret_value()):
        return ModelResolverComponent(menu)
    templates = templates_at(url, settings.passwords, nodes, defaults)
    return ModelResolverComponent(replace(menu, templates=templates), (templates.watch,), (templates.watch,))
