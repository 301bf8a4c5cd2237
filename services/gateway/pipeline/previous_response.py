"""Look-up of the conversation of `previous_response_id`."""

from libs.contracts.direct import DirectOpened
from libs.core.ids import is_response_id
from libs.ports.answers import ResponseState
from libs.ports.identity import Caller
from libs.ports.key_values import KeyValueStoreUnavailable
from services.gateway.domain.errors import RequestRefused, invalid, is_not_found, not_found, temporarily_unavailable
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.question.previous_response import prepend_response, prepend_turns
from services.gateway.domain.question.stored_turns import Turn
from services.gateway.key_values.conversations import Conversations
from services.gateway.pipeline.app_context import AppContext

_FIELD = "previous_response_id"


async def with_previous_response(context: AppContext, request: InferenceRequest, caller: Caller) -> InferenceRequest:
    """Prepend the conversation of the previous response. Returns `request` unchanged without one.

    Raises RequestRefused: 404 for a response that is unknown, erased or another user's, 400 for one without an answer,
    503 when its state is unavailable.
    """
    if not request.previous:
        return request
    if not is_response_id(request.previous):
        raise not_found()
    await context.erasure_check.require_not_erased(caller.tenant, request.previous)
    stored, reachable = await _stored_turns(context, request.previous, caller)
    if stored is not None:
        return prepend_turns(request, stored)
    try:
        known = await context.lookup.find(caller, request.previous)
    except RequestRefused as refusal:
        if not is_not_found(refusal):
            raise
        if not reachable:
            raise temporarily_unavailable() from refusal
        raise await _refusal_of(context, request.previous, caller) from refusal
    return _after_response(request, known, caller)


async def _stored_turns(context: AppContext, response_id: str, caller: Caller) -> tuple[tuple[Turn, ...] | None, bool]:
    """Turns of a direct conversation, None if unknown, and whether the store was available."""
    try:
        return await conversations_of(context).find(caller, response_id), True
    except KeyValueStoreUnavailable:
        return None, False


def conversations_of(context: AppContext) -> Conversations:
    """Conversations in the key-value store that all gateways share."""
    return Conversations(context.answer_cache.values)


async def _refusal_of(context: AppContext, response_id: str, caller: Caller) -> RequestRefused:
    """The error for a direct response without stored turns: an answer would have been stored."""
    known = await context.straight.find(caller, response_id)
    if known.account.user != caller.user:
        return not_found()
    if isinstance(known, DirectOpened):
        return _not_ended()
    return not_found() if known.outcome == "answered" else _not_answered()


def _after_response(request: InferenceRequest, known: ResponseState, caller: Caller) -> InferenceRequest:
    if known.opened is None or known.opened.account.user != caller.user:
        raise not_found()
    if known.end is None:
        raise _not_ended()
    if known.end.outcome != "answered":
        raise _not_answered()
    return prepend_response(request, known.opened.question, known.end.text)


def _not_ended() -> RequestRefused:
    return invalid("The previous response has not ended yet.", param=_FIELD, code="response_not_ended")


def _not_answered() -> RequestRefused:
    return invalid("The previous response has no answer.", param=_FIELD, code="response_without_answer")
