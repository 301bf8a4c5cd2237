"""The answer cache, in the key-value store that all gateways share."""

import logging
from dataclasses import dataclass

from libs.adapters.valkey.subject_encryption import SubjectEncryption
from libs.adapters.valkey.tenant_encryption import TenantEncryption
from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.ports.key_values import DataSubject, KeyValueStore, KeyValueStoreUnavailable
from libs.ports.no_key_values import NoKeyValues
from services.gateway.domain.cached_answer_record import CachedAnswerRecord
from services.gateway.domain.routing.answer_cache import AnswerCachePolicy, CachedAnswer, is_worth_caching
from services.gateway.key_values.personal import EncryptedValues
from services.gateway.outbox import Outbox

BAD = b"bad"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnswerCache:
    """A cache over one store. No method raises while the store is unavailable; lookups then miss.

    An answer is stored under its question, for the data subject of the first request. The question is stored under each
    response that used the answer, so that a negative rating of any of them evicts it. A response that is rated while
    its answer is being stored is marked; the later of the two operations evicts it.

    `outbox` takes the record of each hit; without it, and while it is full, every lookup misses.
    """

    values: EncryptedValues
    policy: AnswerCachePolicy
    outbox: Outbox[CachedAnswerRecord] | None = None

    @property
    def notes(self) -> KeyValueStore:
        """The plain store: marks contain no personal data."""
        return self.values.store

    async def find(self, tenant: str, question: bytes) -> CachedAnswer | None:
        """None for a miss."""
        if not self.policy.life_s or self.outbox is None or not self.outbox.can_record():
            return None
        try:
            packed = await self.values.get(tenant, self.values.name(tenant, "answer", question))
        except KeyValueStoreUnavailable:
            return None
        return CachedAnswer.read(packed) if packed is not None else None

    def record(self, opened: RequestOpened, end: AnswerFinished) -> None:
        """Record a request and the cached answer before the answer is sent."""
        assert self.outbox is not None  # nothing was found otherwise
        self.outbox.write(CachedAnswerRecord(opened, end))

    async def store(self, tenant: str, question: bytes, end: AnswerFinished) -> None:
        """Store an answer unless the policy excludes it or it has a negative rating already."""
        if not (self.policy.life_s and is_worth_caching(end, self.policy)):
            return
        known = CachedAnswer(end.envelope.response_id, end.text, end.sources)
        name = self.values.name(tenant, "answer", question)
        try:
            if await self._is_bad(tenant, known.origin, name):
                return
            await self.values.put(DataSubject.of_request(end.envelope), name, known.packed(), self.policy.life_s)
            if await self._is_bad(tenant, known.origin, name):  # rated in between: that eviction did not find it
                await self.notes.delete(name)
        except KeyValueStoreUnavailable as error:
            log.info("could not cache the answer of %s: %s", known.origin, error)

    async def record_hit(self, tenant: str, question: bytes, response_id: str) -> None:
        """Record that a response used the cached answer; evict the answer if the response is already rated badly."""
        name = self.values.name(tenant, "answer", question)
        try:
            if await self._is_bad(tenant, response_id, name):
                await self.notes.delete(name)
        except KeyValueStoreUnavailable as error:
            log.info("%s: a negative rating cannot be matched with its cached answer: %s", response_id, error)

    async def evict(self, tenant: str, response_id: str) -> None:
        """Evict the answer of a response on all gateways and never store it again."""
        mark = self._hits_key(tenant, response_id)
        try:
            name = await self.notes.put_if_absent(mark, BAD, self.policy.life_s)
            if name is not None and name != BAD:
                await self.notes.put(mark, BAD, self.policy.life_s)
                await self.notes.delete(name.decode())
        except KeyValueStoreUnavailable as error:
            log.warning("%s has a negative rating, but its cached answer could not be removed: %s", response_id, error)

    async def _is_bad(self, tenant: str, response_id: str, name: str) -> bool:
        """Also records the cache entry of the response, unless it is recorded."""
        return (
            await self.notes.put_if_absent(self._hits_key(tenant, response_id), name.encode(), self.policy.life_s)
            == BAD
        )

    def _hits_key(self, tenant: str, response_id: str) -> str:
        return self.values.name(tenant, "given", response_id.encode())


def no_answer_cache() -> AnswerCache:
    """An AnswerCache without a store: every lookup misses."""
    return AnswerCache(EncryptedValues(NoKeyValues(), SubjectEncryption(TenantEncryption(""))), AnswerCachePolicy())
