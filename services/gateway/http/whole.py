"""An answer in one piece."""

from starlette.responses import Response
from starlette.types import Receive

from libs.contracts.answer import AnswerFinished
from services.gateway.desk import End, Ending
from services.gateway.domain.outcomes import completion_body, error_of, late_error, stopping_error
from services.gateway.http.answers import error_response, identify, json_response
from services.gateway.http.ticket import Ticket, beside, watch_client


async def whole_end(ticket: Ticket, receive: Receive) -> End:
    """Wait for the end of a request that is not streamed."""
    async with beside(watch_client(receive, ticket.seat)):
        return await ticket.seat.end()


def whole_response(ticket: Ticket, end: End) -> Response | None:
    """Return the response for an end, or None when nobody is there to read it."""
    response_id = ticket.seat.response_id
    match end:
        case AnswerFinished(outcome="answered"):
            response = json_response(completion_body(end, ticket.request.model, ticket.created))
        case AnswerFinished():
            response = error_response(error_of(end))
        case Ending.TIMED_OUT:
            response = error_response(late_error(response_id))
        case Ending.STOPPING:
            response = error_response(stopping_error(response_id))
        case Ending.CLIENT_GONE:
            return None
    return identify(response, response_id)
