"""What is said about each route beyond its line in the table: bodies, answers, errors, parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from services.gateway.domain.chat_body import ChatBody
from services.gateway.domain.dialects.completions.request import CompletionsBody
from services.gateway.domain.dialects.messages.body import CountBody, MessagesBody
from services.gateway.domain.dialects.ollama.body import ChatBody as OllamaChatBody
from services.gateway.domain.dialects.ollama.body import GenerateBody
from services.gateway.domain.dialects.responses.body import ResponsesBody
from services.gateway.domain.embeddings import EmbeddingsBody, OllamaEmbedBody
from services.gateway.domain.feedback import FeedbackBody
from services.gateway.domain.ingest import IngestBody
from services.gateway.http.facade import ShowBody

SSE, NDJSON, HTML = "text/event-stream", "application/x-ndjson", "text/html"
ALWAYS = (401, 500, 503)
BODY = (400, 408, 413, 415)
MODEL = (403, 404, 422)
ANSWER = (*BODY, *MODEL, 409, 429, 499, 502, 504)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query or a header. `values`: what it may be, empty for any text."""

    name: str
    place: str
    about: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """`answer` is a shape, `streams` the media types of its streamed form; `errors` are beside those of every
    route; `error` the shape of all of them. `answers`: it gives an answer to a question, so it tells its ids."""

    answer: str
    status: int = 200
    body: type[BaseModel] | None = None
    streams: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()
    error: str = "Error"
    parameters: tuple[Parameter, ...] = ()
    answers: bool = False
    media: str = "application/json"


def _question(answer: str, body: type[BaseModel], stream: str = SSE, error: str = "Error") -> Operation:
    errors = (*ANSWER, 529) if error == "AnthropicError" else ANSWER
    parameters = (_ONCE, _FRESH)
    return Operation(answer, 200, body, (stream,), errors, error, parameters, answers=True)


_ONCE = Parameter("idempotency-key", "header", "Requests with one key and one body have one answer, for 24 hours")
_FRESH = Parameter("cache-control", "header", "`no-cache` or `no-store`: an answer that was given before will not do")
_FAMILY = Parameter("anthropic-version", "header", "Sent by Anthropic's clients: the list has their shape then")
_PAGE = (
    Parameter("limit", "query", "Models a page, 1 to 1000, for Anthropic's clients"),
    Parameter("after_id", "query", "The last model of the page before, for Anthropic's clients"),
    Parameter("before_id", "query", "The first model of the page after, for Anthropic's clients"),
)
_STREAMED = (
    Parameter("stream", "query", "Take the stream up instead", ("true", "false")),
    Parameter("starting_after", "query", "The id of the last event that was seen; the header `last-event-id` does too"),
    Parameter("include_usage", "query", "End the stream with its usage", ("true", "false")),
)

UNTOLD = Operation("Anything")
OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", "/v1/chat/completions"): _question("ChatCompletion", ChatBody),
    ("POST", "/v1/messages"): _question("AnthropicMessage", MessagesBody, SSE, "AnthropicError"),
    ("POST", "/v1/messages/count_tokens"): Operation(
        "TokenCount", body=CountBody, errors=(*BODY, *MODEL), error="AnthropicError"
    ),
    ("POST", "/v1/completions"): _question("Completion", CompletionsBody),
    ("POST", "/api/chat"): _question("OllamaChat", OllamaChatBody, NDJSON, "OllamaError"),
    ("POST", "/api/generate"): _question("OllamaGenerated", GenerateBody, NDJSON, "OllamaError"),
    ("POST", "/v1/embeddings"): Operation("Embeddings", body=EmbeddingsBody, errors=ANSWER, answers=True),
    ("POST", "/api/embed"): Operation(
        "OllamaEmbeddings", body=OllamaEmbedBody, errors=ANSWER, error="OllamaError", answers=True
    ),
    ("POST", "/api/show"): Operation("OllamaModel", body=ShowBody, errors=(*BODY, *MODEL), error="OllamaError"),
    ("GET", "/api/tags"): Operation("OllamaModels", error="OllamaError"),
    ("GET", "/api/ps"): Operation("OllamaModels", error="OllamaError"),
    ("GET", "/api/version"): Operation("Version", error="OllamaError"),
    ("POST", "/v1/responses"): _question("Response", ResponsesBody),
    ("GET", "/v1/responses/{response_id}"): Operation(
        "Response", streams=(SSE, NDJSON), errors=(400, 404), parameters=_STREAMED, answers=True
    ),
    ("DELETE", "/v1/responses/{response_id}"): Operation("Response", errors=(404,), answers=True),
    ("POST", "/v1/responses/{response_id}/cancel"): Operation("Response", errors=(404,), answers=True),
    ("POST", "/v1/feedback"): Operation("Feedback", body=FeedbackBody, errors=(*BODY, 404), answers=True),
    ("POST", "/v1/memory/ingest"): Operation("Queued", 202, IngestBody, errors=(*BODY, 403)),
    ("GET", "/v1/provider-status"): Operation("Providers"),
    ("GET", "/graph/stats"): Operation("", 503),
    ("GET", "/graph/search"): Operation("", 503),
    ("GET", "/v1/admin/ontology-gaps"): Operation("", 503, errors=(403,)),
    ("GET", "/v1/admin/planner-patterns"): Operation("", 503, errors=(403,)),
    ("GET", "/v1/models"): Operation("Models", errors=(400,), parameters=(_FAMILY, *_PAGE)),
    ("GET", "/v1/models/{model_id:path}"): Operation("Model", errors=MODEL, parameters=(_FAMILY,)),
    ("GET", "/openapi.json"): Operation("Document"),
    ("GET", "/docs"): Operation("", media=HTML),
}
