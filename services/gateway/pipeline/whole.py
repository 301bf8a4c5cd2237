"""An answer in one piece."""

from starlette.responses import Response
from starlette.types import Receive

from libs.contracts.answer import AnswerFinished
from libs.http.metadata import ResponseMetadata
from services.gateway.domain.streaming.outcomes import erased_error, error_of, late_error, reply_of, stopping_error
from services.gateway.http.responses import identify, json_response, refusal
from services.gateway.pipeline.accepted_request import AcceptedRequest, background_tasks, watch_client
from services.gateway.replies.pending_reply import End, Ending


async def whole_end(ticket: AcceptedRequest, receive: Receive) -> End:
    async with background_tasks(watch_client(receive, ticket.pending_reply)):
        return await ticket.pending_reply.end()


def mark_end(marks: ResponseMetadata, end: End) -> None:
    """Record the time of the fleet and the experts of the answer."""
    marks.step_elsewhere("fleet")
    mark_experts(marks, end)


def mark_experts(marks: ResponseMetadata, end: End) -> None:
    if isinstance(end, AnswerFinished):
        marks.experts = tuple(source for source in end.sources if "::" in source)


def whole_response(ticket: AcceptedRequest, end: End) -> Response | None:
    """None when the client has disconnected."""
    response_id, dialect, public_id = ticket.pending_reply.response_id, ticket.dialect, ticket.head.id
    match end:
        case AnswerFinished(outcome="answered"):
            response = json_response(dialect.whole(ticket.head, reply_of(end)))
        case AnswerFinished():
            response = refusal(error_of(end), dialect, public_id)
        case Ending.TIMED_OUT:
            response = refusal(late_error(response_id), dialect, public_id)
        case Ending.ERASED:
            response = refusal(erased_error(response_id), dialect, public_id)
        case Ending.STOPPING:
            response = refusal(stopping_error(response_id), dialect, public_id)
        case Ending.CLIENT_GONE:
            return None
    return identify(response, public_id)
