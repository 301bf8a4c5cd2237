"""Latency of a cached answer, beside one call of the bare model server in the same run.

A store that does not answer within a quarter of a second has no answer, and no other part here has one: such a
request ends without, and is sent again.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from libs.adapters.valkey.key_value_store import ValkeyKeyValues
from libs.adapters.valkey.subject_encryption import SubjectEncryption
from libs.adapters.valkey.tenant_encryption import TenantEncryption
from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.core.clock import SystemClock
from libs.core.ids import new_response_id
from libs.core.key_roots import NOTES
from libs.runtime.settings.static_keys import owner_of
from libs.testing.keys import SIGNING_KEY, roots_beside
from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.domain.question.fleet_question import Limits
from services.gateway.domain.routing.answer_cache import AnswerCachePolicy, question_key
from services.gateway.domain.routing.decide import ToFleet, decide
from services.gateway.key_values.answer_cache import AnswerCache
from services.gateway.key_values.personal import EncryptedValues
from tests.bench.figures import Figures
from tests.support.gateway_process import BOOTSTRAP, Ways, median, quantile, two_ways
from tests.support.measured_path import WITHIN_S, latencies_ms
from tests.support.raw_client import RawClient, connected, request_of

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="session")]
MODEL = "moe-orchestrator"
ROUNDS = 5
EXPIRES_S = "2"
HIT = b"x-moe-cache: hit"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ways(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ways]:
    async with two_ways(tmp_path_factory.mktemp("known"), {"MOE_REQUEST_TIMEOUT": EXPIRES_S}) as both:
        yield both


async def test_an_answer_that_is_known(ways: Ways, figures: Figures) -> None:
    request = request_of(MODEL, BOOTSTRAP)
    bare, known = await connected(ways.model.port), await connected(ways.gateway.port)
    await _until_known(ways, known, request)
    calls: list[list[float]] = []
    hits: list[list[float]] = []
    for _ in range(ROUNDS + 1):
        calls.append(await latencies_ms(bare, ways.straight.request("whole"), 200))
        hits.append(await _hits_ms(known, request, 200))
    for part in (0.5, 0.99):
        took = median([quantile(one, part) for one in hits[1:]])
        floor = median([quantile(one, part) for one in calls[1:]])
        print(f"\nbare server, p{part * 100:.0f}: {floor:.2f} ms", end="")
        figures.add(
            f"known answer, p{part * 100:.0f} at c=1", took, "ms", "<= 3" if part == 0.5 else "", judged=part == 0.5
        )


async def _until_known(ways: Ways, client: RawClient, request: bytes) -> None:
    """Note an answer until the gateway finds it."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            await _learn(ways, request)
            if HIT in (await client.ask(request)).data:
                return


async def _hits_ms(client: RawClient, request: bytes, count: int) -> list[float]:
    """Milliseconds for a number of cached answers."""
    took: list[float] = []
    async with asyncio.timeout(WITHIN_S):
        while len(took) < count:
            began = time.perf_counter()
            told = await client.ask(request)
            if HIT in told.data:
                took.append((time.perf_counter() - began) * 1000)
    return took


async def _learn(ways: Ways, request: bytes) -> None:
    """Store an answer as a gateway does after its reply from the fleet."""
    body = json.loads(request.partition(b"\r\n\r\n")[2])
    decision = decide(CHAT.read(body), owner_of("default"), Limits())
    assert isinstance(decision, ToFleet)
    now = SystemClock().now()
    origin = Origin(new_response_id(0, now), "default", deadline_at=now + 60)
    end = AnswerFinished(outcome="answered", text="A pool of ten is plenty. " * 40, sources=("m@s::general",))
    async with ValkeyKeyValues(ways.redis_url) as notes:
        encryption = SubjectEncryption(TenantEncryption(roots_beside(SIGNING_KEY)[NOTES.variable]))
        answers = AnswerCache(EncryptedValues(notes, encryption), AnswerCachePolicy())
        await answers.store("default", question_key(decision), end.opening(origin))
