"""The served tools as a process has them, from its settings."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from starlette.routing import BaseRoute

from libs.ports.bus import Publisher
from services.mcp.contract import AnyServedTool
from services.mcp.tools.served import chess, graph, infra, media, research, tasks
from services.mcp.tools.served.local import local_tools
from services.mcp.tools.served.settings import ServedSettings
from services.mcp.tools.served.web.fetchers import outside_of


@dataclass(frozen=True)
class ServedTools:
    """The tools; `resources` are entered before the first call, `routes` need no key, `workers` run beside."""

    tools: tuple[AnyServedTool, ...]
    resources: tuple[AbstractAsyncContextManager[object], ...]
    routes: tuple[BaseRoute, ...]
    workers: tuple[Callable[[Publisher], Coroutine[object, object, None]], ...]


def served_tools_of(settings: ServedSettings, port: int) -> ServedTools:
    """Every served tool of a service on a port; tools that lack a setting are unavailable and name it.

    Opens nothing. Raises ConfigurationError.
    """
    local, outside = local_tools(settings, port), outside_of(settings)
    tools = (
        *local.tools,
        *chess.build(settings),
        *research.build(settings, outside),
        *tasks.build(settings, outside),
        *infra.build(settings, outside),
        *media.build(settings, outside, local.file_links),
        *graph.build(),
    )
    return ServedTools(tools, local.resources, local.routes, local.workers)
