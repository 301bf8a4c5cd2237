"""Looks up current erasures and deletions in the journal's database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from itertools import groupby
from operator import attrgetter

from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.role_pool import RoleLogin, RolePool
from libs.adapters.postgres.sessions import AS_TENANT, Connection, PostgresUnavailable, Session
from libs.contracts.answer import AnswerFinished
from libs.contracts.direct import DirectOpened
from libs.contracts.progress import RequestOpened
from libs.contracts.records import RequestLogged
from libs.core.database_roles import SUBJECT_KEYS_ROLE
from libs.core.errors import ConfigurationError
from libs.core.ids import accepted_at_of
from libs.core.resource import Resource
from libs.core.subjects import SEPARATOR
from libs.ports.erasures import Removal, RequestRef
from libs.runtime.settings.role_passwords import PasswordSource

WAIT_S = 0.5
_SETTINGS = {"application_name": "moe erasures"}
# Feedback may be erased with the person who gave it, while its response stays.
_SCHEMAS = [contract.schema_name() for contract in (RequestOpened, DirectOpened, RequestLogged, AnswerFinished)]
_REMOVED = f"""
SELECT response_id, CASE WHEN EXISTS (
    SELECT FROM moe.erasures e
    WHERE e.tenant = $1 AND e.subject = ANY(string_to_array(r.subject, '{SEPARATOR}')) AND e.until_ms >= r.accepted_ms
) OR EXISTS (
    SELECT FROM moe.journal j
    WHERE j.response_id = r.response_id AND j.tenant = $1 AND j.key_id IS NULL AND j.schema = ANY($5::text[])
) THEN 'erased' WHEN EXISTS (
    SELECT FROM moe.deletions d WHERE d.tenant = $1 AND d.response_id = r.response_id
) THEN 'deleted' END AS removal
FROM unnest($2::text[], $3::text[], $4::bigint[]) AS r (response_id, subject, accepted_ms)
"""
_DELETE = "INSERT INTO moe.deletions (tenant, response_id) VALUES ($1, $2) ON CONFLICT (tenant, response_id) DO NOTHING"
_ACT = "INSERT INTO moe.audit_outbox (tenant, action, actor, target) VALUES ($1, 'response-deleted', $2, $3)"


class PostgresErasures(Resource):
    """`ErasureLookup` and `ResponseDeletions`. Connects at its first use; leaving it closes the connections."""

    def __init__(self, url: str, passwords: PasswordSource) -> None:
        self._url = url
        self._passwords = passwords
        self._pool = RolePool(url, passwords, RoleLogin(SUBJECT_KEYS_ROLE, _SETTINGS, sessions=4))

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.callback(self._pool.forget)

    def open_session(self) -> AbstractAsyncContextManager[Connection]:
        """A session that receives notifications of erasures. Entering it raises as `logged_in` does."""
        return logged_in(self._url, self._passwords, SUBJECT_KEYS_ROLE)

    async def erased(self, requests: Sequence[RequestRef]) -> frozenset[RequestRef]:
        tenant_of = attrgetter("tenant")
        found: set[RequestRef] = set()
        for tenant, group in groupby(sorted(requests, key=tenant_of), key=tenant_of):
            refs = tuple(group)
            erased = {response_id for response_id, removal in await self._removals(tenant, refs) if removal == "erased"}
            found.update(each for each in refs if each.response_id in erased)
        return frozenset(found)

    async def removal(self, request: RequestRef) -> Removal | None:
        ((_, removal),) = await self._removals(request.tenant, (request,))
        return removal

    async def delete(self, tenant: str, response_id: str, actor: str) -> None:
        async with self._as_tenant(tenant, readonly=False) as session:
            recorded = await session.execute(_DELETE, tenant, response_id)
            if not recorded.endswith(" 0"):
                await session.execute(_ACT, tenant, actor, response_id)

    async def _removals(self, tenant: str, requests: Sequence[RequestRef]) -> list[tuple[str, Removal | None]]:
        ids, subjects = [each.response_id for each in requests], [each.subject for each in requests]
        accepted_ms = [int(accepted_at_of(response_id) * 1000) for response_id in ids]
        async with self._as_tenant(tenant, readonly=True) as session:
            rows = await session.fetch(_REMOVED, tenant, ids, subjects, accepted_ms, _SCHEMAS)
        return [(row["response_id"], row["removal"]) for row in rows]

    @asynccontextmanager
    async def _as_tenant(self, tenant: str, *, readonly: bool) -> AsyncIterator[Session]:
        try:
            async with self._pool.session(WAIT_S) as session, session.transaction(readonly=readonly):
                await session.execute(AS_TENANT, tenant)
                yield session
        except ConfigurationError as error:  # the operator must fix it; until then no response may be shown
            raise PostgresUnavailable(f"erasures cannot be looked up: {error}") from error
