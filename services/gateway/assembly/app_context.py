"""Assembly of one gateway instance: its components, and the context of its HTTP requests."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from libs.adapters.identity.authentication import Authentication, authentication_of
from libs.adapters.journal.answers import JournalAnswers
from libs.adapters.journal.data_subject_keys import DataSubjectKeys
from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.journal.recorded_erasures import PostgresErasures
from libs.adapters.valkey.subject_encryption import SubjectEncryption
from libs.adapters.valkey.tenant_encryption import TenantEncryption
from libs.ports.deltas import DeltaReader
from libs.ports.key_values import KeyValueStore
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.process.authentication_guard import AuthenticationGuard
from libs.runtime.process.security_audit import SecurityAudit
from libs.runtime.service import Check, Worker
from libs.runtime.settings.inference_servers import parse_inference_servers
from services.gateway.assembly.direct import direct_proxy_of
from services.gateway.assembly.embedding import OpenEmbedder, embedder_of
from services.gateway.assembly.erasures import erasure_follower
from services.gateway.assembly.models import ModelResolverComponent, model_resolver_of
from services.gateway.assembly.quota import QuotaComponent, quota_of
from services.gateway.assembly.stores import RecordingLookup, WriteAhead, write_ahead_of
from services.gateway.direct.proxy import OUTBOX_DRAIN_S, DirectProxy
from services.gateway.domain.cached_answer_record import CachedAnswerRecord, read_cached_answer_record
from services.gateway.domain.request_limits import RequestLimits
from services.gateway.erasure import RequestsHere
from services.gateway.key_values.answer_cache import AnswerCache
from services.gateway.key_values.personal import EncryptedValues
from services.gateway.lookup.erasure_check import ErasureCheck
from services.gateway.lookup.log import LogLookup
from services.gateway.lookup.outbox import OutboxLookup
from services.gateway.lookup.responses import ResponseLookup
from services.gateway.nodes import Nodes
from services.gateway.outbox import Outbox
from services.gateway.pipeline.app_context import AppContext
from services.gateway.replies.pending_replies import PendingReplies
from services.gateway.replies.subscriber import ReplySubscriber
from services.gateway.settings import Settings

SETTLES_WITHIN_S = 60.0  # after the deadline, until the journal has the last end


@dataclass(frozen=True)
class GatewayComponents:
    """The components of one instance: pending replies, stores, authentication, quota, direct proxy, models."""

    pending_replies: PendingReplies
    partition: int
    write_ahead: WriteAhead
    key_values: KeyValueStore
    subject_keys: DataSubjectKeys | None
    erasures: PostgresErasures | None
    authentication: Authentication
    quota: QuotaComponent
    direct: DirectProxy | None
    cached_answers: Outbox[CachedAnswerRecord]
    models: ModelResolverComponent
    embedder: "OpenEmbedder | None"
    guard: AuthenticationGuard

    @property
    def resources(self) -> tuple[AbstractAsyncContextManager[object], ...]:
        """The context managers of the components."""
        direct = (self.direct,) if self.direct is not None else ()
        embedder = (self.embedder,) if self.embedder is not None else ()
        persons = tuple(each for each in (self.subject_keys, self.erasures) if each is not None)
        shared = (*self.authentication.resources, *self.quota.resources, *self.models.resources)
        return (self.write_ahead, *persons, *direct, self.cached_answers.spool, *embedder, *shared)

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The background tasks of the instance."""
        direct = (self.direct.deliver_outbox,) if self.direct is not None else ()
        outboxes: tuple[Worker, ...] = (*direct, self.cached_answers.deliver)
        if self.erasures is None:
            return (*outboxes, self.guard.audit.publish)
        here = RequestsHere(self.pending_replies, self.direct, self.cached_answers)
        follower = erasure_follower(here, self.erasures, self.key_values)
        checked = map(follower.after_first_check, outboxes)
        return (*checked, self.guard.audit.publish, follower.work)

    async def drain(self, grace_s: float) -> None:
        """Reject new requests and wait up to `grace_s` seconds for open ones."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.pending_replies.drain(grace_s))
            if self.direct is not None:
                group.create_task(self.direct.drain(grace_s))
        await self.cached_answers.spool.emptied(OUTBOX_DRAIN_S)

    @property
    def erasure_check(self) -> ErasureCheck:
        """The check that rejects erased responses."""
        return ErasureCheck(self.erasures) if self.erasures is not None else ErasureCheck()

    @property
    def checks(self) -> tuple[Check, ...]:
        """The readiness checks of its dependencies."""
        return (*self.authentication.checks, *self.quota.checks, *self.models.checks)


def components_of(settings: Settings, partition: int, notes: KeyValueStore) -> GatewayComponents:
    """Build the components of the instance whose replies arrive on `partition`. Raises ConfigurationError."""
    keeping = write_ahead_of(settings)
    authentication, meters = authentication_of(settings), quota_of(settings)
    admission = settings.admission(authentication.one_tenant)
    waiting = settings.waiting(admission)
    replies = PendingReplies(admission, keeping.record_end, waiting)
    return GatewayComponents(
        pending_replies=replies,
        partition=partition,
        write_ahead=keeping,
        key_values=notes,
        subject_keys=_subject_keys(settings),
        erasures=_erasures(settings),
        authentication=authentication,
        quota=meters,
        direct=direct_proxy_of(settings, partition, authentication.one_tenant, waiting),
        cached_answers=Outbox(
            settings.data_dir / "known" / f"gateway-{partition}", settings.spool_bytes, read_cached_answer_record
        ),
        models=model_resolver_of(settings),
        embedder=embedder_of(settings),
        guard=AuthenticationGuard(SecurityAudit("gateway"), settings.failures_per_minute),
    )


def _subject_keys(settings: Settings) -> DataSubjectKeys | None:
    url = settings.postgres_url.get_secret_value()
    return DataSubjectKeys(url, settings.secrets) if url else None


def _erasures(settings: Settings) -> PostgresErasures | None:
    url = settings.postgres_url.get_secret_value()
    return PostgresErasures(url, settings.secrets.passwords) if url else None


def app_context_of(
    line: BusPublisher, deltas: DeltaReader, components: GatewayComponents, settings: Settings
) -> AppContext:
    replies, partition = components.pending_replies, components.partition
    log_answers, journal = LogLookup(line, settings.rules.lookup_timeout_s), _journal(line, settings)
    return AppContext(
        publisher=line,
        deltas=deltas,
        pending_replies=replies,
        authenticator=components.authentication.keys,
        reply_partition=partition,
        lookup=_response_lookup(log_answers, journal, components, settings.rules),
        erasure_check=components.erasure_check,
        deletions=components.erasures,
        records=(log_answers, journal) if journal is not None else (log_answers,),
        reply_source=ReplySubscriber(line, replies, partition),
        write_ahead=components.write_ahead.store,
        pseudonym_keys=settings.pseudonym_keys,
        limits=settings.rules,
        key_values=components.key_values,
        quota=components.quota.service,
        models=components.models.resolver,
        answer_cache=AnswerCache(
            _personal(components, settings), settings.answer_cache_policy, components.cached_answers
        ),
        cross_origin=settings.cross_origin,
        direct=components.direct,
        embedder=components.embedder,
        guard=components.guard,
        nodes=Nodes(parse_inference_servers(settings.inference_servers)),
    )


def _response_lookup(
    log_answers: LogLookup, journal: JournalAnswers | None, components: GatewayComponents, rules: RequestLimits
) -> ResponseLookup:
    settled_after_s = rules.request_timeout_s + rules.late_s + SETTLES_WITHIN_S
    answers = OutboxLookup(components.cached_answers, RecordingLookup(log_answers, components.write_ahead.record_end))
    return ResponseLookup(
        components.pending_replies, answers, journal, settled_after_s=settled_after_s, check=components.erasure_check
    )


def _personal(place: GatewayComponents, settings: Settings) -> EncryptedValues:
    seal = SubjectEncryption(TenantEncryption(settings.notes_keys.current), place.subject_keys)
    return EncryptedValues(place.key_values, seal)


def _journal(line: BusPublisher, settings: Settings) -> JournalAnswers | None:
    url = settings.postgres_url.get_secret_value()
    return JournalAnswers(PostgresJournalReader(url, settings.secrets), line.read) if url else None
