"""Dependencies and limits of every HTTP request."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from libs.core.clock import Clock, SystemClock
from libs.core.key_roots import RootKeys
from libs.http.cross_origin import CrossOrigin
from libs.ports.answers import RecordLookup
from libs.ports.bus import Publisher
from libs.ports.deltas import DeltaReader
from libs.ports.embeddings import Embedder
from libs.ports.erasures import ResponseDeletions
from libs.ports.identity import Authenticator
from libs.ports.key_values import KeyValueStore
from libs.ports.no_key_values import NoKeyValues
from libs.ports.no_write_ahead import NoWriteAhead
from libs.ports.quota import QuotaService
from libs.ports.unlimited_quota import UnlimitedQuota
from libs.ports.write_ahead import WriteAheadStore
from libs.runtime.process.authentication_guard import AuthenticationGuard
from libs.runtime.process.security_audit import SecurityAudit
from services.gateway.direct.proxy import DirectProxy
from services.gateway.domain.request_limits import RequestLimits
from services.gateway.domain.routing.model_resolver import ModelResolver
from services.gateway.key_values.answer_cache import AnswerCache, no_answer_cache
from services.gateway.lookup.direct_lookup import DirectLookup
from services.gateway.lookup.erasure_check import ErasureCheck
from services.gateway.lookup.responses import ResponseLookup
from services.gateway.nodes import Nodes
from services.gateway.pipeline.route_permits import RoutePermits
from services.gateway.replies.pending_replies import PendingReplies


class ReplySource(Protocol):
    """Subscribes to the ends of responses of any instance."""

    def subscribed(self, response_id: str) -> AbstractAsyncContextManager[None]:
        """Deliver the end of a response to `PendingReplies` while the block runs. Raises RequestRefused (404, 503)."""
        ...


@dataclass(frozen=True)
class AppContext:
    """Answers to this instance arrive at `reply_partition`; `pseudonym_keys` derive the pseudonyms of persons. `direct`
    is None without a configured model server, `embedder` None without an embedding model, `deletions` None without
    Postgres."""

    publisher: Publisher
    deltas: DeltaReader
    pending_replies: PendingReplies
    authenticator: Authenticator
    reply_partition: int
    lookup: ResponseLookup
    reply_source: ReplySource
    pseudonym_keys: RootKeys = field(default_factory=lambda: RootKeys(""))
    write_ahead: WriteAheadStore = field(default_factory=NoWriteAhead)
    limits: RequestLimits = field(default_factory=RequestLimits)
    models: ModelResolver = field(default_factory=ModelResolver)
    clock: Clock = field(default_factory=SystemClock)
    key_values: KeyValueStore = field(default_factory=NoKeyValues)
    quota: QuotaService = field(default_factory=UnlimitedQuota)
    answer_cache: AnswerCache = field(default_factory=no_answer_cache)
    cross_origin: CrossOrigin = field(default_factory=CrossOrigin)
    direct: DirectProxy | None = None
    embedder: Embedder | None = None
    nodes: Nodes = field(default_factory=Nodes)
    permits: RoutePermits = field(default_factory=RoutePermits)
    guard: AuthenticationGuard = field(default_factory=lambda: AuthenticationGuard(SecurityAudit("gateway")))
    records: Sequence[RecordLookup] = ()
    erasure_check: ErasureCheck = field(default_factory=ErasureCheck)
    deletions: ResponseDeletions | None = None

    @cached_property
    def straight(self) -> DirectLookup:
        """Look-up of responses to direct requests."""
        return DirectLookup(self.direct, self.reply_partition, self.records, self.clock, check=self.erasure_check)

    def including_deleted(self) -> "AppContext":
        """A copy that also finds responses deleted by their clients, so that a deletion can be repeated."""
        check = replace(self.erasure_check, finds_deleted=True)
        return replace(self, erasure_check=check, lookup=replace(self.lookup, check=check))
