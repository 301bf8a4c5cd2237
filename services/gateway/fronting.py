"""What HTTP requests need, once there is a bus to ask."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from libs.adapters.inference_servers import parse_inference_servers
from libs.adapters.journal_answers import JournalAnswers
from libs.adapters.journal_reader import PostgresJournalReader
from libs.adapters.tenant_seal import TenantSeal
from libs.ports.deltas import DeltaReader
from libs.ports.notes import Notes
from libs.runtime.publisher import BusPublisher
from libs.runtime.service import Check, Worker
from services.gateway.desk import ReplyDesk
from services.gateway.direct.line import DirectLine
from services.gateway.directing import direct_of
from services.gateway.doors import Doors, doors_of
from services.gateway.ears import PartitionEars
from services.gateway.embedding import OpenEmbedder, embedder_of
from services.gateway.http.front import Front, Rules
from services.gateway.keeping import Keeping, KeptAnswers, keeping_of
from services.gateway.known_answers import KnownAnswers
from services.gateway.log_answers import LogAnswers
from services.gateway.menus import Menus, menus_of
from services.gateway.metering import Meters, meters_of
from services.gateway.nodes import Nodes
from services.gateway.search import Search
from services.gateway.settings import Settings

SETTLES_WITHIN_S = 60.0  # after the deadline, the last end has come and the journal has it


@dataclass(frozen=True)
class Place:
    """One instance: who waits at its desk, where its answers arrive, what it keeps beside the log, whom it lets in."""

    desk: ReplyDesk
    partition: int
    keeping: Keeping
    notes: Notes
    doors: Doors
    meters: Meters
    direct: DirectLine | None
    menus: Menus
    embedder: "OpenEmbedder | None"

    @property
    def resources(self) -> tuple[AbstractAsyncContextManager[object], ...]:
        """Return what lives as long as it does."""
        direct = (self.direct,) if self.direct is not None else ()
        embedder = (self.embedder,) if self.embedder is not None else ()
        return (self.keeping, *direct, *embedder, *self.doors.resources, *self.meters.resources, *self.menus.resources)

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Return what it does on its own account."""
        return (self.direct.keep_books,) if self.direct is not None else ()

    async def drain(self, grace_s: float) -> None:
        """Admit nobody, and let what is open end."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.desk.drain(grace_s))
            if self.direct is not None:
                group.create_task(self.direct.drain(grace_s))

    @property
    def checks(self) -> tuple[Check, ...]:
        """Return what it depends on."""
        return (*self.doors.checks, *self.meters.checks, *self.menus.checks)


def place_of(settings: Settings, partition: int, notes: Notes) -> Place:
    """Return the instance that hears of its answers on a partition. Raises ConfigurationError."""
    keeping = keeping_of(settings)
    doors, meters = doors_of(settings), meters_of(settings)
    desk = ReplyDesk(settings.admission(doors.one_tenant), keeping.keep)
    return Place(
        desk,
        partition,
        keeping,
        notes,
        doors,
        meters,
        direct_of(settings, partition, doors.one_tenant),
        menus_of(settings),
        embedder_of(settings),
    )


def front_on(line: BusPublisher, deltas: DeltaReader, place: Place, settings: Settings) -> Front:
    """Return what HTTP requests need on this bus."""
    desk, partition = place.desk, place.partition
    log_answers, journal = LogAnswers(line, settings.rules.lookup_timeout_s), _journal(line, settings)
    return Front(
        publisher=line,
        deltas=deltas,
        desk=desk,
        keys=place.doors.keys,
        reply_partition=partition,
        search=_search(log_answers, journal, place, settings.rules),
        records=(log_answers, journal) if journal is not None else (log_answers,),
        ears=PartitionEars(line, desk, partition),
        acceptance=place.keeping.acceptance,
        signing_key=settings.signing_key.get_secret_value(),
        rules=settings.rules,
        notes=place.notes,
        metering=place.meters.metering,
        menu=place.menus.menu,
        known=KnownAnswers(place.notes, TenantSeal(settings.signing_key.get_secret_value()), settings.known_rules),
        cross_origin=settings.cross_origin,
        direct=place.direct,
        embedder=place.embedder,
        nodes=Nodes(parse_inference_servers(settings.inference_servers)),
    )


def _search(log_answers: LogAnswers, journal: JournalAnswers | None, place: Place, rules: Rules) -> Search:
    settled_after_s = rules.request_timeout_s + rules.late_s + SETTLES_WITHIN_S
    return Search(place.desk, KeptAnswers(log_answers, place.keeping.keep), journal, settled_after_s=settled_after_s)


def _journal(line: BusPublisher, settings: Settings) -> JournalAnswers | None:
    url = settings.postgres_url.get_secret_value()
    return JournalAnswers(PostgresJournalReader(url, settings.secrets), line.read) if url else None
