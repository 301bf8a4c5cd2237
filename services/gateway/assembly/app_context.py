"""What HTTP requests need, once there is a bus to ask."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from libs.adapters.identity.authentication import Doors, doors_of
from libs.adapters.journal.answers import JournalAnswers
from libs.adapters.journal.data_subject_keys import DataSubjectKeys
from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.journal.recorded_erasures import PostgresErasures
from libs.adapters.models.inference_servers import parse_inference_servers
from libs.adapters.valkey.subject_encryption import SubjectEncryption
from libs.adapters.valkey.tenant_encryption import TenantEncryption
from libs.ports.deltas import DeltaReader
from libs.ports.erasures import NoErasures
from libs.ports.key_values import KeyValueStore
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.process.authentication_guard import AuthenticationGuard
from libs.runtime.process.security_audit import SecurityAudit
from libs.runtime.service import Check, Worker
from services.gateway.assembly.direct import direct_of
from services.gateway.assembly.embedding import OpenEmbedder, embedder_of
from services.gateway.assembly.models import Menus, menus_of
from services.gateway.assembly.quota import Meters, meters_of
from services.gateway.assembly.stores import Keeping, KeptAnswers, keeping_of
from services.gateway.direct.proxy import BOOKS_S, DirectLine
from services.gateway.domain.cached_answer_record import KnownRecord, read_known_record
from services.gateway.erasure import ErasureFollower, RequestsHere
from services.gateway.lookup.erasure_check import ErasureCheck
from services.gateway.lookup.log import LogAnswers
from services.gateway.lookup.outbox import RecordedAnswers
from services.gateway.lookup.responses import Search
from services.gateway.nodes import Nodes
from services.gateway.outbox import Books
from services.gateway.pipeline.app_context import Front, Rules
from services.gateway.replies.pending_replies import ReplyDesk
from services.gateway.replies.subscriber import PartitionEars
from services.gateway.settings import Settings
from services.gateway.state.answer_cache import KnownAnswers
from services.gateway.state.personal import PersonalNotes

SETTLES_WITHIN_S = 60.0  # after the deadline, the last end has come and the journal has it


@dataclass(frozen=True)
class Place:
    """One instance: who waits at its desk, where its answers arrive, what it keeps beside the log, whom it lets in."""

    desk: ReplyDesk
    partition: int
    keeping: Keeping
    notes: KeyValueStore
    persons: DataSubjectKeys | None
    erasures: PostgresErasures | None
    doors: Doors
    meters: Meters
    direct: DirectLine | None
    known: Books[KnownRecord]
    menus: Menus
    embedder: "OpenEmbedder | None"
    guard: AuthenticationGuard

    @property
    def resources(self) -> tuple[AbstractAsyncContextManager[object], ...]:
        """Return what lives as long as it does."""
        direct = (self.direct,) if self.direct is not None else ()
        embedder = (self.embedder,) if self.embedder is not None else ()
        persons = tuple(each for each in (self.persons, self.erasures) if each is not None)
        shared = (*self.doors.resources, *self.meters.resources, *self.menus.resources)
        return (self.keeping, *persons, *direct, self.known.spool, *embedder, *shared)

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Return what it does on its own account."""
        direct = (self.direct.keep_books,) if self.direct is not None else ()
        always = (*direct, self.known.keep, self.guard.audit.publish)
        if self.erasures is None:
            return always
        here = RequestsHere(self.desk, self.direct, self.known)
        follower = ErasureFollower(here, self.erasures, self.erasures.open_session, self.notes)
        return (*always, follower.work)

    async def drain(self, grace_s: float) -> None:
        """Admit nobody, and let what is open end."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.desk.drain(grace_s))
            if self.direct is not None:
                group.create_task(self.direct.drain(grace_s))
        await self.known.spool.emptied(BOOKS_S)

    @property
    def erasure_check(self) -> ErasureCheck:
        """Return what refuses erased responses."""
        return ErasureCheck(self.erasures) if self.erasures is not None else ErasureCheck()

    @property
    def checks(self) -> tuple[Check, ...]:
        """Return what it depends on."""
        return (*self.doors.checks, *self.meters.checks, *self.menus.checks)


def place_of(settings: Settings, partition: int, notes: KeyValueStore) -> Place:
    """Return the instance that hears of its answers on a partition. Raises ConfigurationError."""
    keeping = keeping_of(settings)
    doors, meters = doors_of(settings), meters_of(settings)
    admission = settings.admission(doors.one_tenant)
    waiting = settings.waiting(admission)
    desk = ReplyDesk(admission, keeping.keep, waiting)
    return Place(
        desk,
        partition,
        keeping,
        notes,
        _persons(settings),
        _erasures(settings),
        doors,
        meters,
        direct_of(settings, partition, doors.one_tenant, waiting),
        Books(settings.data_dir / "known" / f"gateway-{partition}", settings.spool_bytes, read_known_record),
        menus_of(settings),
        embedder_of(settings),
        AuthenticationGuard(SecurityAudit("gateway"), settings.failures_per_minute),
    )


def _persons(settings: Settings) -> DataSubjectKeys | None:
    url = settings.postgres_url.get_secret_value()
    return DataSubjectKeys(url, settings.secrets) if url else None


def _erasures(settings: Settings) -> PostgresErasures | None:
    url = settings.postgres_url.get_secret_value()
    return PostgresErasures(url, settings.secrets.passwords) if url else None


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
        erasure_check=place.erasure_check,
        deletions=place.erasures if place.erasures is not None else NoErasures(),
        records=(log_answers, journal) if journal is not None else (log_answers,),
        ears=PartitionEars(line, desk, partition),
        acceptance=place.keeping.acceptance,
        pseudonym_keys=settings.pseudonym_keys,
        rules=settings.rules,
        notes=place.notes,
        metering=place.meters.metering,
        menu=place.menus.menu,
        known=KnownAnswers(_personal(place, settings), settings.known_rules, place.known),
        cross_origin=settings.cross_origin,
        direct=place.direct,
        embedder=place.embedder,
        guard=place.guard,
        nodes=Nodes(parse_inference_servers(settings.inference_servers)),
    )


def _search(log_answers: LogAnswers, journal: JournalAnswers | None, place: Place, rules: Rules) -> Search:
    settled_after_s = rules.request_timeout_s + rules.late_s + SETTLES_WITHIN_S
    answers = RecordedAnswers(place.known, KeptAnswers(log_answers, place.keeping.keep))
    return Search(place.desk, answers, journal, settled_after_s=settled_after_s, check=place.erasure_check)


def _personal(place: Place, settings: Settings) -> PersonalNotes:
    seal = SubjectEncryption(TenantEncryption(settings.notes_keys.current), place.persons)
    return PersonalNotes(place.notes, seal)


def _journal(line: BusPublisher, settings: Settings) -> JournalAnswers | None:
    url = settings.postgres_url.get_secret_value()
    return JournalAnswers(PostgresJournalReader(url, settings.secrets), line.read) if url else None
