"""Answers from the answer cache.

The client has a cached answer before the log has its request, because the broker takes longer than all the rest. Until
then the outbox of this gateway holds both, on disk.
"""

from collections.abc import AsyncIterator

from libs.contracts.answer import AnswerFinished
from libs.http.context import HttpContext
from libs.http.metadata import ResponseMetadata
from libs.ports.deltas import Delta
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.request_limits import RequestLimits
from services.gateway.domain.routing.answer_cache import is_cacheable, question_key
from services.gateway.domain.routing.decide import ToFleet
from services.gateway.pipeline.acceptance import AcceptedRequest, head_of
from services.gateway.pipeline.answer import StreamReply, mark_experts, whole_response
from services.gateway.pipeline.request_context import Admitted
from services.gateway.replies.pending_replies import PendingReply
from services.gateway.telemetry import answer_cache_lookups


def cache_key(decision: ToFleet, request: InferenceRequest, http: HttpContext) -> bytes:
    """Empty for a question that must be answered anew; then the cache status is `bypass`."""
    if is_cacheable(decision, request, http.headers.get("cache-control", "").lower()):
        return question_key(decision)
    set_cache_status(http.metadata, "bypass")
    return b""


def set_cache_status(metadata: ResponseMetadata, status: str) -> None:
    """Record the lookup result: `hit`, `miss`, or `bypass` without a lookup."""
    metadata.cache = status
    answer_cache_lookups(status).inc()


async def send_cached_answer(
    rules: RequestLimits, accepted: AcceptedRequest, end: AnswerFinished, admitted: Admitted
) -> None:
    """Send an end that is in the outbox and not on the log yet."""
    http = admitted.request.http
    pending = PendingReply(
        accepted.pending_reply.response_id, accepted.pending_reply.tenant
    )  # no `record_end`: the outbox holds this end already
    pending.resolve(end)
    admitted.reservation.settle(end.usage)
    head = head_of(accepted.opened, pending, include_usage=accepted.head.include_usage)
    cached = AcceptedRequest(pending, accepted.dialect, head, accepted.opened)
    if admitted.inference.stream:
        await StreamReply(cached, cached.assembler(), http.send, rules).run(http.receive, _no_deltas())
        return
    http.metadata.step("known")
    mark_experts(http.metadata, end)
    if (response := whole_response(cached, end)) is not None:
        await response(http.scope, http.receive, http.send)


async def _no_deltas() -> AsyncIterator[Delta]:
    nothing: tuple[Delta, ...] = ()
    for delta in nothing:
        yield delta
