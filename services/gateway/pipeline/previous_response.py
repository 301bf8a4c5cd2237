"""Finding the response that a request goes on from."""

from libs.contracts.direct import DirectOpened
from libs.ports.answers import ResponseState
from libs.ports.identity import Caller
from libs.ports.key_values import KeyValueStoreUnavailable
from services.gateway.domain.errors import RequestRefused, invalid, is_not_found, not_found, unknown_now
from services.gateway.domain.question.ask import Ask
from services.gateway.domain.question.previous_response import after, gone_on
from services.gateway.domain.question.turns_kept import Turn
from services.gateway.pipeline.app_context import Front
from services.gateway.state.conversations import Conversations

_FIELD = "previous_response_id"


async def continued(front: Front, ask: Ask, caller: Caller) -> Ask:
    """Return the request with the conversation that it goes on with.

    Raises RequestRefused: 404 for a response that is unknown, erased or another user's, 400 for one without an answer,
    503 when that cannot be determined now.
    """
    if not ask.previous:
        return ask
    await front.erasure_check.require_not_erased(caller.tenant, ask.previous)
    kept, told = await _kept(front, ask.previous, caller)
    if kept is not None:
        return after(ask, kept)
    try:
        known = await front.search.find(caller, ask.previous)
    except RequestRefused as refusal:
        if not is_not_found(refusal):
            raise
        if not told:
            raise unknown_now() from refusal
        raise await _refusal_of(front, ask.previous, caller) from refusal
    return _gone_on(ask, known, caller)


async def _kept(front: Front, response_id: str, caller: Caller) -> tuple[tuple[Turn, ...] | None, bool]:
    """Return the conversation with one model that ended with this response, and whether anybody could tell."""
    try:
        return await conversations_of(front).find(caller, response_id), True
    except KeyValueStoreUnavailable:
        return None, False


def conversations_of(front: Front) -> Conversations:
    """Return the conversations in the notes that all gateways share."""
    return Conversations(front.known.personal)


async def _refusal_of(front: Front, response_id: str, caller: Caller) -> RequestRefused:
    """Return why nobody can go on from what one model answers: what it answered would have been kept."""
    known = await front.straight.find(caller, response_id)
    if known.account.user != caller.user:
        return not_found()
    if isinstance(known, DirectOpened):
        return _not_ended()
    return not_found() if known.outcome == "answered" else _not_answered()


def _gone_on(ask: Ask, known: ResponseState, caller: Caller) -> Ask:
    if known.opened is None or known.opened.account.user != caller.user:
        raise not_found()
    if known.end is None:
        raise _not_ended()
    if known.end.outcome != "answered":
        raise _not_answered()
    return gone_on(ask, known.opened.question, known.end.text)


def _not_ended() -> RequestRefused:
    return invalid("The previous response has not ended yet.", param=_FIELD, code="response_not_ended")


def _not_answered() -> RequestRefused:
    return invalid("The previous response has no answer.", param=_FIELD, code="response_without_answer")
