"""The tool families that need this machine only (files, code, laws, a sandbox), and their resources."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass

from starlette.routing import BaseRoute

from libs.adapters.files.object_folder import ObjectFolder
from libs.adapters.web.fetcher import FetchLimits
from libs.core.clock import Clock, SystemClock
from libs.ports.bus import Publisher
from libs.ports.fetching import Fetcher
from libs.ports.objects import ObjectError, ObjectStore
from services.mcp.contract import AnyServedTool
from services.mcp.sandbox.runner import SandboxRunner
from services.mcp.tools.served import code, files, legal, sandbox
from services.mcp.tools.served.documents.jobs import MAX_DOCUMENT_BYTES
from services.mcp.tools.served.documents.workshop import Workshop
from services.mcp.tools.served.files.downloads import downloads
from services.mcp.tools.served.files.file_links import FileLinks
from services.mcp.tools.served.files.settings import links_of
from services.mcp.tools.served.settings import LocalSettings
from services.mcp.tools.served.web.fetchers import web_fetcher
from services.mcp.tools.served.web.outside import WEB_IS_OFF

_SWEEP_S = 600.0
_CELLS = 2


@dataclass(frozen=True)
class LocalTools:
    """The tools; `resources` are entered before the first call, `routes` need no key, `workers` run beside.

    `file_links` stores files, None if no key signs links to them.
    """

    tools: tuple[AnyServedTool, ...]
    file_links: FileLinks | None
    resources: tuple[AbstractAsyncContextManager[object], ...]
    routes: tuple[BaseRoute, ...]
    workers: tuple[Callable[[Publisher], Coroutine[object, object, None]], ...]


def local_tools(settings: LocalSettings, port: int, clock: Clock | None = None) -> LocalTools:
    """Raises ConfigurationError. Starts only a probe of the kernel."""
    clock = clock or SystemClock()
    workshop, cells = Workshop(allow_unsandboxed=settings.unsandboxed_parsers), SandboxRunner(_CELLS)
    store, links = ObjectFolder(settings.data_dir / "files", clock), links_of(settings, port)
    file_links = FileLinks(store, links, clock) if links else None
    web = _web(settings)
    parts = files.FileParts(workshop, file_links, web, None if web else WEB_IS_OFF)
    return LocalTools(
        tools=(
            *files.build(parts),
            *code.build(settings, workshop, cells),
            *legal.build(settings, clock),
            *sandbox.build(cells),
        ),
        file_links=file_links,
        resources=(workshop,),
        routes=(downloads(store, links, clock),) if links else (),
        workers=(_sweeping(store),) if links else (),
    )


def _web(settings: LocalSettings) -> Fetcher | None:
    """A fetcher for whole documents; the responses of other tools are smaller."""
    if settings.web_tools != "on":
        return None
    return web_fetcher(settings, FetchLimits(max_bytes=MAX_DOCUMENT_BYTES, total_s=30.0, at_once=8))


def _sweeping(store: ObjectStore) -> Callable[[Publisher], Coroutine[object, object, None]]:
    async def sweep(_: Publisher) -> None:
        while True:
            with suppress(ObjectError):  # a failed disk is reported on the next upload
                await store.sweep()
            await asyncio.sleep(_SWEEP_S)

    return sweep
