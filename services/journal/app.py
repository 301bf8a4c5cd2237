"""Opens the ports of the journal."""

from functools import partial

from libs.adapters.journal.checkpoints import CheckpointRule
from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.journal.sealer import Sealer, SealingLimits
from libs.adapters.journal.signing import CheckpointSigner
from libs.adapters.journal.writer import PostgresJournal
from libs.adapters.postgres.address import VARIABLE, PostgresAddress
from libs.adapters.postgres.sessions import PostgresCheck, checked_address
from libs.adapters.quota.budgets.usage_store import PostgresUsageStore
from libs.adapters.write_ahead.recovery_store import open_recovery_store
from libs.core.errors import ConfigurationError
from libs.runtime.assembly import Assembly
from libs.runtime.messaging.signing import Signer
from services.journal.handlers import Deps
from services.journal.restoring import Restorer
from services.journal.settings import Settings


def open_ports(settings: Settings, assembly: Assembly) -> Deps:
    """Raises ConfigurationError."""
    url = checked_address(settings.postgres_url.get_secret_value())
    signer = Signer.of(settings.envelope_keys)
    journal = assembly.open(PostgresJournal(url, settings.secrets))
    books = assembly.open(PostgresUsageStore(url, settings.passwords))
    _ = settings.retention  # an invalid value must stop the start, not the first prune
    due = CheckpointRule(settings.checkpoint_rows, settings.checkpoint_seconds)
    checkpoint_signer = CheckpointSigner(settings.audit_keys.current)
    sealer = Sealer(url, settings.secrets, checkpoint_signer, SealingLimits(checkpoints=due))
    restorers = _restorers(url, settings, signer)
    postgres = (PostgresCheck(journal.problem), PostgresCheck(sealer.problem, name="sealer", required=False))
    assembly.add(checks=(*postgres, *restorers), workers=(sealer, *(restorer.work for restorer in restorers)))
    return Deps(journal, settings.log_incarnation, signer, books)


def _restorers(url: str, settings: Settings, signer: Signer) -> tuple[Restorer, ...]:
    """Only an in-memory broker needs a restorer: its log ends with the broker."""
    if not settings.log_ends_with_broker:
        return ()
    if not PostgresAddress.parse(url).has_sessions:
        raise ConfigurationError(
            f"{VARIABLE}: with a broker in memory the journal holds a lock for as long as it runs, which pool_mode="
            "transaction cannot; give it Postgres itself or pool_mode=session, or set KAFKA_URL to a durable broker"
        )
    reader = PostgresJournalReader(url, settings.secrets)
    return (Restorer(partial(open_recovery_store, url, settings.secrets, settings.log_incarnation), reader, signer),)
