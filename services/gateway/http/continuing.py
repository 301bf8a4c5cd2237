"""Finding the response that a request goes on from."""

from libs.ports.identity import Caller
from services.gateway.domain.ask import Ask
from services.gateway.domain.continuing import gone_on
from services.gateway.domain.errors import invalid, not_found
from services.gateway.http.front import Front

_FIELD = "previous_response_id"


async def continued(front: Front, ask: Ask, caller: Caller) -> Ask:
    """Return the request with the conversation that it goes on with.

    Raises RequestRefused: 404 for a response that is unknown or another user's, 400 for one without an answer, 503 when
    nobody can tell now.
    """
    if not ask.previous:
        return ask
    known = await front.search.find(caller, ask.previous)
    if known.opened is None or known.opened.account.user != caller.user:
        raise not_found()
    if known.end is None:
        raise invalid("The response before has not ended yet.", param=_FIELD, code="response_not_ended")
    if known.end.outcome != "answered":
        raise invalid("The response before has no answer.", param=_FIELD, code="response_without_answer")
    return gone_on(ask, known.opened.question, known.end.text)
