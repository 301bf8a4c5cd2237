"""Templates and profiles of all tenants in memory, refreshed from Postgres."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import asyncpg
import orjson

from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.refresher import OpenSession, PostgresRefresher, RefreshIntervals, RefreshSource
from libs.adapters.postgres.sessions import Connection, checked_address
from libs.adapters.templates.snapshot import TemplateSnapshot
from libs.adapters.templates.staffing import Nodes, loaded_profile, loaded_template
from libs.contracts.template_parsing import UnfitDocument, read_profile, read_template
from libs.core.database_roles import AUTHENTICATOR_ROLE
from libs.ports.templates import LoadedProfile, LoadedTemplate
from libs.runtime.settings.role_passwords import PasswordSource

log = logging.getLogger(__name__)

T = TypeVar("T")
_TEMPLATES = "SELECT tenant, version, document FROM moe.templates ORDER BY tenant, template_id"
_PROFILES = "SELECT tenant, version, document FROM moe.profiles ORDER BY tenant, profile_id"


class PostgresTemplates:
    """Enter its `watch` before use; it is also the readiness check, and does not wait for Postgres.

    While Postgres is unavailable, the last loaded state stays. Documents that this version cannot read are logged and
    omitted.
    """

    def __init__(
        self, open_session: OpenSession, nodes: Nodes, defaults: TemplateSnapshot, pace: RefreshIntervals | None = None
    ) -> None:
        self._nodes = nodes
        self._snapshot = defaults
        self.watch = PostgresRefresher(open_session, RefreshSource("templates", self._reload), pace)

    @property
    def loaded(self) -> bool:
        return self.watch.loaded

    async def wait_loaded(self) -> None:
        await self.watch.first_load()

    def template(self, tenant: str, name: str) -> LoadedTemplate | None:
        return self._snapshot.template(tenant, name)

    def templates(self, tenant: str) -> tuple[LoadedTemplate, ...]:
        return self._snapshot.templates(tenant)

    def profile(self, tenant: str, profile_id: str) -> LoadedProfile | None:
        return self._snapshot.profile(tenant, profile_id)

    def default_profile(self, tenant: str) -> LoadedProfile | None:
        return self._snapshot.default_profile(tenant)

    async def _reload(self, session: Connection, _since: int) -> None:
        templates = _readable(await session.fetch(_TEMPLATES), self._template)
        profiles = _readable(await session.fetch(_PROFILES), self._profile)
        self._snapshot = self._snapshot.with_templates(templates).with_profiles(profiles)
        log.debug("%d templates and %d profiles read", len(templates), len(profiles))

    def _template(self, document: object, version: int) -> LoadedTemplate:
        return loaded_template(read_template(document).document, version, self._nodes)

    def _profile(self, document: object, _version: int) -> LoadedProfile:
        return loaded_profile(read_profile(document).document, self._nodes)


def _readable(rows: Sequence[asyncpg.Record], read: Callable[[object, int], T]) -> list[tuple[str, T]]:
    found: list[tuple[str, T]] = []
    for row in rows:
        try:
            found.append((row["tenant"], read(orjson.loads(row["document"]), row["version"])))
        except UnfitDocument as error:
            log.warning("a document of tenant %s is left out: %s", row["tenant"], error)
    return found


def templates_at(url: str, passwords: PasswordSource, nodes: Nodes, defaults: TemplateSnapshot) -> PostgresTemplates:
    """Raises ConfigurationError for an invalid address."""
    return PostgresTemplates(partial(logged_in, checked_address(url), passwords, AUTHENTICATOR_ROLE), nodes, defaults)
