"""Assembles the journal."""

from functools import partial

from libs.adapters.postgres import PostgresCheck, checked_address
from libs.adapters.postgres_journal import PostgresJournal
from libs.runtime.service import Service, Sink
from libs.runtime.signing import Signer
from services.journal.handlers import Deps, keep
from services.journal.settings import Settings


def build(settings: Settings | None = None) -> Service:
    """Return the service. Raises ConfigurationError."""
    settings = settings or Settings.read()
    url = checked_address(settings.postgres_url.get_secret_value())
    signer = Signer.of(settings.signing_key.get_secret_value())
    journal = PostgresJournal(url, settings.secrets)
    return Service(
        "journal",
        sinks=(Sink(partial(keep, deps=Deps(journal, settings.log_incarnation, signer))),),
        resources=(journal,),
        checks=(PostgresCheck(journal.problem),),
        concurrency=200,
    )
