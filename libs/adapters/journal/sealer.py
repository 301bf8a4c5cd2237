"""The sealer runs in every journal process; the lock holder of a shard chains its rows, the others skip it."""

import asyncio
import logging
from dataclasses import dataclass, field

from libs.adapters.journal.checkpoints import ANSWER_S, CheckpointRule, publish_all, sign_due
from libs.adapters.journal.restored import is_restored
from libs.adapters.journal.sealing import pending_shards, seal_shard
from libs.adapters.journal.signing import CheckpointSigner
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import Connection, Session, answered_within
from libs.core.clock import Clock, SystemClock
from libs.core.database_roles import SEALER_ROLE
from libs.core.errors import ConfigurationError, Retryable, Unstorable
from libs.ports.bus import Publisher
from libs.runtime.settings.journal_secrets import JournalSecrets

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SealingLimits:
    """Seconds between rounds (`pause_s`) and after a failed round (`again_s`).

    A transaction seals at most `rows` rows and takes at most `answer_s` seconds.
    """

    pause_s: float = 1.0
    again_s: float = 5.0
    answer_s: float = ANSWER_S
    rows: int = 1000
    checkpoints: CheckpointRule = field(default_factory=CheckpointRule)


class Sealer:
    """Call it with a publisher; it runs until cancelled and reconnects to an unavailable database."""

    def __init__(
        self,
        url: str,
        secrets: JournalSecrets,
        signer: CheckpointSigner,
        limits: SealingLimits | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._url = url
        self._secrets = secrets
        self._signer = signer
        self._limits = limits or SealingLimits()
        self._clock = clock or SystemClock()
        self._problem: str | None = None

    async def __call__(self, publisher: Publisher) -> None:
        while True:
            try:
                async with logged_in(self._url, self._secrets.passwords, SEALER_ROLE) as connection:
                    await require_sealable(connection)
                    while True:
                        await self.round(connection, publisher)
                        self._problem = None
                        await asyncio.sleep(self._limits.pause_s)
            except (Retryable, ConfigurationError, Unstorable) as error:
                self._problem = str(error)
                log.warning("the sealer waits: %s", error)
            await asyncio.sleep(self._limits.again_s)

    async def problem(self) -> str | None:
        """The reason, in one line, why sealing is stopped; None if it runs."""
        return self._problem

    async def round(self, connection: Connection, publisher: Publisher) -> None:
        """Seal all pending rows, sign due checkpoints, publish unpublished ones."""
        async with answered_within(self._limits.answer_s, connection):
            shards = await pending_shards(connection)
        for shard in shards:
            while await self._seal(connection, shard):
                pass
        async with answered_within(self._limits.answer_s, connection):
            await sign_due(connection, self._signer, self._limits.checkpoints, self._now_ms())
        await publish_all(connection, publisher)

    async def _seal(self, connection: Connection, shard: int) -> int:
        async with answered_within(self._limits.answer_s, connection):
            return await seal_shard(connection, shard, self._limits.rows, self._now_ms())

    def _now_ms(self) -> int:
        return int(self._clock.now() * 1000)


async def require_sealable(session: Session) -> None:
    """Raise ConfigurationError for a restored journal that `moe migrate` has not repaired."""
    if await is_restored(session):
        raise ConfigurationError("POSTGRES_CHECKPOINT_URL: the journal was restored; run `moe migrate` as the owner")
