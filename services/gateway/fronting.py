"""What HTTP requests need, once there is a bus to ask."""

from libs.adapters.journal_answers import JournalAnswers
from libs.adapters.journal_reader import PostgresJournalReader
from libs.ports.deltas import DeltaReader
from libs.runtime.publisher import BusPublisher
from services.gateway.desk import ReplyDesk
from services.gateway.ears import PartitionEars
from services.gateway.http.front import Front, Rules
from services.gateway.log_answers import LogAnswers
from services.gateway.search import Search
from services.gateway.settings import Settings

SETTLES_WITHIN_S = 60.0  # after the deadline, the last end has come and the journal has it


def front_on(line: BusPublisher, deltas: DeltaReader, desk: ReplyDesk, partition: int, settings: Settings) -> Front:
    """Return what HTTP requests need on this bus; `partition` is where the answers to this instance arrive."""
    return Front(
        publisher=line,
        deltas=deltas,
        desk=desk,
        keys=settings.keys,
        reply_partition=partition,
        search=_search(line, desk, settings),
        ears=PartitionEars(line, desk, partition),
        signing_key=settings.signing_key.get_secret_value(),
        rules=settings.rules,
    )


def _search(line: BusPublisher, desk: ReplyDesk, settings: Settings) -> Search:
    rules: Rules = settings.rules
    url = settings.postgres_url.get_secret_value()
    journal = JournalAnswers(PostgresJournalReader(url, settings.secrets), line.read) if url else None
    settled_after_s = rules.request_timeout_s + rules.late_s + SETTLES_WITHIN_S
    return Search(desk, LogAnswers(line, rules.lookup_timeout_s), journal, settled_after_s=settled_after_s)
