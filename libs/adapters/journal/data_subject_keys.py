"""Data-subject keys of the journal for other encrypted stores; one erasure destroys the keys of both."""

from contextlib import AsyncExitStack

from libs.adapters.journal.cipher import SubjectKey
from libs.adapters.journal.subject_keys import NEVER_MS, Subject, SubjectKeys
from libs.adapters.postgres.role_pool import RoleLogin, RolePool
from libs.adapters.postgres.sessions import AS_WRITER, PostgresUnavailable
from libs.core.clock import Clock, SystemClock
from libs.core.database_roles import SUBJECT_KEYS_ROLE
from libs.core.errors import ConfigurationError
from libs.core.resource import Resource
from libs.ports.key_values import DataSubject, KeyValueStoreUnavailable
from libs.runtime.settings.journal_secrets import JournalSecrets

WAIT_S = 0.5
REST_S = 1.0
_SETTINGS = {"application_name": "moe notes"}


class DataSubjectKeys(Resource):
    """Keys by data subject, cached for a minute.

    Connects at its first use; leaving it closes the connections. While Postgres is unavailable, all calls but one a
    second fail at once.
    """

    def __init__(self, url: str, secrets: JournalSecrets, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._pool = RolePool(url, secrets.passwords, RoleLogin(SUBJECT_KEYS_ROLE, _SETTINGS, sessions=4))
        self._keys = SubjectKeys(secrets, self._clock)
        self._resting_until = 0.0

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.callback(self._pool.forget)

    async def to_write(self, person: DataSubject) -> SubjectKey | None:
        """Key for a record of `accepted_at`; None if the person was erased since. Raises KeyValueStoreUnavailable."""
        accepted_ms = int(person.accepted_at * 1000)
        return (await self._subject(person.tenant, person.subject, accepted_ms)).key_for(accepted_ms)

    async def to_read(self, tenant: str, subject: str, key_id: int) -> SubjectKey | None:
        """The key with this id; None if it was destroyed. Raises KeyValueStoreUnavailable.

        Never cached: an erasure may have happened since the last look-up.
        """
        self._keys.forget(tenant, (subject,))
        key = (await self._subject(tenant, subject, NEVER_MS)).key
        return key if key is not None and key.key_id == key_id else None

    async def _subject(self, tenant: str, name: str, accepted_ms: int) -> Subject:
        if (known := self._keys.remembered(tenant, name)) is not None:
            return known
        if self._clock.monotonic() < self._resting_until:
            raise KeyValueStoreUnavailable("Postgres: no answer a moment ago")
        try:
            return await self._looked_up(tenant, name, accepted_ms)
        except (PostgresUnavailable, ConfigurationError) as error:
            self._resting_until = self._clock.monotonic() + REST_S
            raise KeyValueStoreUnavailable(str(error)) from error

    async def _looked_up(self, tenant: str, name: str, accepted_ms: int) -> Subject:
        async with self._pool.session(WAIT_S) as session, session.transaction():
            await session.execute(AS_WRITER, tenant)
            return (await self._keys.of(session, tenant, {name: accepted_ms}))[name]
