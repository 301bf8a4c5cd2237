"""Templates as a gateway keeps them, and the office that writes them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

import httpx

from libs.adapters.identity.directory_writer import DirectoryWriter
from libs.adapters.identity.users import UserStore
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.refresher import RefreshIntervals
from libs.adapters.templates.document_writer import PROFILES, TEMPLATES, Documents
from libs.adapters.templates.postgres import PostgresTemplates
from libs.adapters.templates.snapshot import TemplateSnapshot
from libs.adapters.templates.staffing import Nodes
from libs.contracts.profile import Profile
from libs.contracts.template import ExpertTemplate, TemplateExpert
from libs.core.database_roles import AUTHENTICATOR_ROLE
from libs.testing.keys import SIGNING_KEY
from libs.testing.waiting import eventually

NODES = Nodes(("gpu-1", "gpu-2"))
QUICK = RefreshIntervals(look_every_s=0.2, look_timeout_s=30.0, pause_s=0.05)
PATIENCE_S = 60.0  # ends a hang; not a limit of the test
RACKS = ExpertTemplate(
    id="racks", name="Rack experts", experts={"technical_support": TemplateExpert(system_prompt="You know our racks.")}
)
NATIVE = Profile(id="native", name="Native", moe_mode="native", tool_model="qwen3-coder:30b@gpu-2")


def office(url: str, tenant: str = "default") -> DirectoryWriter:
    return DirectoryWriter(url, SIGNING_KEY, tenant, "ada")


def templates_of(url: str, tenant: str = "default") -> Documents[ExpertTemplate]:
    return Documents(office(url, tenant), TEMPLATES)


def profiles_of(url: str, tenant: str = "default") -> Documents[Profile]:
    return Documents(office(url, tenant), PROFILES)


async def tenant(url: str, name: str) -> None:
    await UserStore(office(url, name)).create_tenant()


@asynccontextmanager
async def loaded_templates(url: str, defaults: TemplateSnapshot | None = None) -> AsyncIterator[PostgresTemplates]:
    """Yield the templates of a gateway after their first load."""
    session = partial(logged_in, url, SIGNING_KEY, AUTHENTICATOR_ROLE)
    templates = PostgresTemplates(session, NODES, defaults or TemplateSnapshot(), QUICK)
    async with templates.watch as watch:
        await eventually(lambda: watch.loaded)
        yield templates


_UNKNOWN = {HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE}


async def answers(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """First response to a key that is known: it takes a moment to know any, and longer a new one."""

    async def known() -> httpx.Response | None:
        response = await ask()
        return None if response.status_code in _UNKNOWN else response

    return await eventually(known, within_s=PATIENCE_S, look_every_s=0.05)
