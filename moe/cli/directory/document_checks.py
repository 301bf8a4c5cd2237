"""Check that servers named by templates and profiles are configured and list the named models."""

import asyncio
from collections.abc import Iterator, Sequence

from libs.adapters.models.listing import ModelServerUnavailable, is_listed, listed_models
from libs.adapters.templates.staffing import Nodes, loaded_profile, loaded_template
from libs.contracts.profile import Profile
from libs.contracts.staffing import ModelRef, Staffing
from libs.contracts.template import ExpertTemplate
from libs.contracts.template_parsing import UnfitDocument
from libs.runtime.settings.inference_servers import InferenceServer, parse_inference_servers
from moe.cli.context.cli_context import read_cli_context

UNCHECKED = "INFERENCE_SERVERS is not set and no fleet runs here: servers and models were not checked"


async def check_models(documents: Sequence[ExpertTemplate | Profile]) -> tuple[str, ...]:
    """Warnings, one line each.

    Raises UnfitDocument for a server that is not configured, ConfigurationError for a wrong setting.
    """
    settings = read_cli_context().settings
    servers = parse_inference_servers(settings.inference_servers)
    if not servers:
        return (UNCHECKED,)
    nodes = Nodes(tuple(server.name for server in servers), settings.tier_boundary_b)
    named = [(document.id, model) for document in documents for model in _models(document, nodes)]
    used = {model.server for _, model in named}
    looks = await asyncio.gather(*(_missing(server, named) for server in servers if server.name in used))
    return (*(line for lines in looks for line in lines), *_unbounded(documents, nodes, servers))


def _models(document: ExpertTemplate | Profile, nodes: Nodes) -> tuple[ModelRef, ...]:
    """Models named by a document. Raises UnfitDocument."""
    if isinstance(document, Profile):
        profile = loaded_profile(document, nodes)
        fault, models = profile.fault, [profile.tool]
    else:
        template = loaded_template(document, 0, nodes)
        fault, models = template.fault, [template.tool, *_of_staff(template.staffing)]
    if fault:
        raise UnfitDocument(f"{document.id}: {fault}")
    return tuple(dict.fromkeys(model for model in models if model is not None))


def _of_staff(staffing: Staffing) -> Iterator[ModelRef | None]:
    yield from (staffing.planner.model, staffing.judge.model)
    for role in staffing.experts.values():
        yield from (*role.fast, *role.large, *role.beside)


def _unbounded(
    documents: Sequence[ExpertTemplate | Profile], nodes: Nodes, servers: Sequence[InferenceServer]
) -> Iterator[str]:
    """Yield a line for each server that silently truncates input beyond its context window."""
    cutting = {server.name for server in servers if server.api_type == "ollama"}
    for document in documents:
        for name in sorted({model.server for model in _models(document, nodes)} & cutting):
            if _has_window(document):
                yield f"{document.id}: {name} does not receive context_window: set OLLAMA_CONTEXT_LENGTH there"


def _has_window(document: ExpertTemplate | Profile) -> bool:
    if isinstance(document, Profile):
        return bool(document.context_window)
    windows = (document.planner_context_window, document.judge_context_window, document.tool_context_window)
    return any((*windows, *(expert.context_window for expert in document.experts.values())))


async def _missing(server: InferenceServer, named: Sequence[tuple[str, ModelRef]]) -> list[str]:
    try:
        listed = await listed_models(server)
    except ModelServerUnavailable as error:
        return [f"models of {server.name} were not looked for: {error}"]
    if listed is None:
        return []
    wanted = ((document, at.model) for document, at in named if at.server == server.name)
    return [f"{each}: {server.name} has no {model!r} yet" for each, model in wanted if not is_listed(model, listed)]
