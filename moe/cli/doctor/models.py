"""Check of the models: which server has which, and limits of small ones."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping

from libs.adapters.models.access import read_models
from libs.adapters.models.listing import ModelServerUnavailable, is_listed, listed_models
from libs.contracts.staffing import ModelRef
from libs.core.errors import ConfigurationError
from libs.runtime.settings.inference_servers import InferenceServer, parse_inference_servers
from libs.runtime.settings.model_catalogue import ModelCatalogue
from moe.cli.context.cli_context import CliContext
from moe.cli.doctor.findings import Finding, State
from moe.cli.doctor.stores import not_set

SMALL = "it plans by rule, uses plain prompts and streams text through"
_SHOWN_NAMES = 8

Listing = tuple[str, ...] | ModelServerUnavailable | None


async def check_models(place: CliContext) -> tuple[Finding, ...]:
    """Query every model server for its models."""
    if not place.settings.inference_servers:
        return (not_set("models", "INFERENCE_SERVERS", "a small model"),)
    try:
        servers = parse_inference_servers(place.settings.inference_servers)
        catalogue = read_models(place.settings).catalogue
    except ConfigurationError:
        return ()  # another finding reports it
    listings = dict(zip((server.name for server in servers), await _listings(servers), strict=True))
    uses = used_models(catalogue)
    return (*_servers(servers, listings, uses), *_models(listings, uses), *_small(catalogue, uses))


def used_models(catalogue: ModelCatalogue) -> dict[ModelRef, tuple[str, ...]]:
    """Purposes of each model."""
    uses: defaultdict[ModelRef, list[str]] = defaultdict(list)
    uses[catalogue.judge].append("judge")
    uses[catalogue.planner].append("planner")
    for category, tiers in catalogue.tiers.items():
        for number, refs in enumerate(tiers, start=1):
            for ref in refs:
                uses[ref].append(f"{category} T{number}")
    return {ref: tuple(names) for ref, names in uses.items()}


async def _listings(servers: tuple[InferenceServer, ...]) -> list[Listing]:
    async def one(server: InferenceServer) -> Listing:
        try:
            return await listed_models(server)
        except ModelServerUnavailable as error:
            return error

    return await asyncio.gather(*(one(server) for server in servers))


def _servers(
    servers: tuple[InferenceServer, ...], listings: Mapping[str, Listing], uses: Mapping[ModelRef, tuple[str, ...]]
) -> Iterator[Finding]:
    used = {ref.server for ref in uses}
    for server in servers:
        match listings[server.name]:
            case ModelServerUnavailable() as error:
                state: State = "fail" if server.name in used else "note"
                advice = "start it, or correct its url or token in INFERENCE_SERVERS"
                yield Finding("models", state, f"{server.name}: {error}", advice)
            case None:
                yield Finding("models", "ok", f"{server.name} answers, without a list of its models")
            case names:
                yield Finding("models", "ok", f"{server.name} answers and lists {_some(names)}")


def _models(listings: Mapping[str, Listing], uses: Mapping[ModelRef, tuple[str, ...]]) -> Iterator[Finding]:
    for ref, names in uses.items():
        listed = listings[ref.server]
        if not isinstance(listed, tuple):
            continue
        what = f"{ref} ({', '.join(names)})"
        if is_listed(ref.model, listed):
            yield Finding("models", "ok", f"{what} is there")
        else:
            advice = f"pull it on that server, or name one of: {_some(listed)}"
            yield Finding("models", "fail", f"{what} is not listed by its server", advice)


def _small(catalogue: ModelCatalogue, uses: Mapping[ModelRef, tuple[str, ...]]) -> Iterator[Finding]:
    for ref in uses:
        if catalogue.is_small(ref):
            advice = "for real plans and checked answers name a larger model: INFERENCE_SERVERS and JUDGE_MODEL"
            yield Finding("models", "note", f"{ref.model} is small: {SMALL}", advice)


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_SHOWN_NAMES]) or "none"
    return f"{shown} and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else shown
