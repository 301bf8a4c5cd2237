"""Documentation of the routes: bodies, answers, errors, parameters."""

from pydantic import BaseModel

from services.gateway.api.route import HTML, NDJSON, SSE, Operation, Parameter
from services.gateway.dialects.completions.request import CompletionsBody
from services.gateway.dialects.embeddings import EmbeddingsBody, OllamaEmbedBody
from services.gateway.dialects.messages.body import CountBody, MessagesBody
from services.gateway.dialects.ollama.body import ChatBody as OllamaChatBody
from services.gateway.dialects.ollama.body import GenerateBody, ShowBody
from services.gateway.dialects.responses.body import InputTokensBody, ResponsesBody
from services.gateway.domain.body.chat import ChatBody
from services.gateway.domain.body.feedback import FeedbackBody
from services.gateway.domain.body.ingest import IngestBody

_BODY = (400, 408, 413, 415)
_MODEL = (403, 404, 422)
_ANSWER = (*_BODY, *_MODEL, 409, 429, 499, 502, 504)


def _question(summary: str, answer: str, body: type[BaseModel], stream: str = SSE, error: str = "Error") -> Operation:
    errors = (*_ANSWER, 529) if error == "AnthropicError" else _ANSWER
    parameters = (_ONCE, _FRESH)
    return Operation(
        summary=summary,
        answer=answer,
        status=200,
        body=body,
        streams=(stream,),
        errors=errors,
        error=error,
        parameters=parameters,
        answers=True,
    )


_ONCE = Parameter(
    "idempotency-key", "header", "Repeated requests with the same key and body get the same answer for 24 hours"
)
_FRESH = Parameter("cache-control", "header", "`no-cache` or `no-store`: bypass the answer cache")
_FAMILY = Parameter("anthropic-version", "header", "Sent by Anthropic clients: the list then has Anthropic's format")
_PAGE = (
    Parameter("limit", "query", "Models per page, 1 to 1000, for Anthropic clients"),
    Parameter("after_id", "query", "End of the previous page of models, for Anthropic clients"),
    Parameter("before_id", "query", "Start of the next page of models, for Anthropic clients"),
)
_STREAMED = (
    Parameter("stream", "query", "Resume the stream instead", ("true", "false")),
    Parameter("starting_after", "query", "Id of the last received event; the header `last-event-id` is equivalent"),
    Parameter("include_usage", "query", "End the stream with its usage", ("true", "false")),
)

CHAT = _question("Answer a conversation", "ChatCompletion", ChatBody)
MESSAGES = _question(
    "Answer a conversation (Anthropic Messages)", "AnthropicMessage", MessagesBody, SSE, "AnthropicError"
)
COUNT = Operation(
    "Estimate the tokens of a request", "TokenCount", body=CountBody, errors=(*_BODY, 429), error="AnthropicError"
)
COMPLETIONS = _question("Answer a prompt", "Completion", CompletionsBody)
EMBEDDINGS = Operation("Embed texts", "Embeddings", body=EmbeddingsBody, errors=_ANSWER, answers=True)
OLLAMA_CHAT = _question("Answer a conversation (Ollama)", "OllamaChat", OllamaChatBody, NDJSON, "OllamaError")
OLLAMA_GENERATE = _question("Answer a prompt (Ollama)", "OllamaGenerated", GenerateBody, NDJSON, "OllamaError")
OLLAMA_EMBED = Operation(
    "Embed texts (Ollama)",
    "OllamaEmbeddings",
    body=OllamaEmbedBody,
    errors=_ANSWER,
    error="OllamaError",
    answers=True,
)
OLLAMA_SHOW = Operation(
    "Show a model (Ollama)", "OllamaModel", body=ShowBody, errors=(*_BODY, *_MODEL), error="OllamaError"
)
OLLAMA_MODELS = Operation("List the models (Ollama)", "OllamaModels", error="OllamaError")
OLLAMA_LOADED = Operation("List loaded models (Ollama): always empty", "OllamaModels", error="OllamaError")
OLLAMA_VERSION = Operation("Show the version (Ollama)", "Version", error="OllamaError")
RESPONSES = _question("Answer a conversation (OpenAI Responses)", "Response", ResponsesBody)
RESPONSE = Operation(
    "Show a response", "Response", streams=(SSE, NDJSON), errors=(400, 404, 429), parameters=_STREAMED, answers=True
)
CANCEL = Operation("Cancel a response", "Response", errors=(404, 429), answers=True)
DELETE = Operation("Stop and delete a response", "DeletedResponse", errors=(404, 429), answers=True)
INPUT_TOKENS = Operation("Estimate the tokens of a request", "InputTokens", body=InputTokensBody, errors=(*_BODY, 429))
COMPACT = Operation("Compact a conversation: not supported", "", 404, errors=(404,))
ITEMS = Operation("List the input of a response: not supported", "", 404, errors=(404,))
FEEDBACK = Operation(
    "Rate one of your responses", "Feedback", body=FeedbackBody, errors=(*_BODY, 404, 429), answers=True
)
INGEST = Operation("Ingest a session", "Queued", 202, IngestBody, errors=(*_BODY, 403, 429))
PROVIDERS = Operation("Show the state of the model servers", "Providers", errors=(429,))
GRAPH_STATS = Operation("Count what the knowledge graph has", "", 503)
GRAPH_SEARCH = Operation("Search the knowledge graph", "", 503)
GAPS = Operation("List unknown terms", "", 503, errors=(403,))
PATTERNS = Operation("List learned plans", "", 503, errors=(403,))
MODELS = Operation("List the available models", "Models", errors=(400,), parameters=(_FAMILY, *_PAGE))
ONE_MODEL = Operation("Show a model", "Model", errors=_MODEL, parameters=(_FAMILY,))
DOCUMENT = Operation("Show this document", "Document")
DOCUMENT_PAGE = Operation("Show this document as a page", "", media=HTML)
