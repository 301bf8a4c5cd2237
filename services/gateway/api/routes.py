"""The route table. The application, its documentation and the permission matrix derive from it."""

from services.gateway.api import operations as told
from services.gateway.api.absent import COMPACT, GRAPH, INPUT_ITEMS, LEARNING, absent
from services.gateway.api.deleting import Deleting
from services.gateway.api.documentation import show_document, show_page
from services.gateway.api.embeddings import Embeddings
from services.gateway.api.feedback import Feedback
from services.gateway.api.ingest import FEATURE as INGEST
from services.gateway.api.ingest import Ingest
from services.gateway.api.models import Catalogue
from services.gateway.api.ollama import Facade, running, version
from services.gateway.api.providers import Providers
from services.gateway.api.route import Access, Endpoint, Quota
from services.gateway.api.token_counts import Counting
from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.dialects.completions.dialect import COMPLETIONS
from services.gateway.dialects.messages.dialect import MESSAGES
from services.gateway.dialects.ollama.dialect import OLLAMA_CHAT, OLLAMA_GENERATE
from services.gateway.dialects.responses.dialect import RESPONSES
from services.gateway.pipeline.endpoint import InferenceEndpoint
from services.gateway.pipeline.responses import Responses

HANDLER, NONE = Quota.HANDLER, Quota.NONE

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("POST", "/v1/chat/completions", lambda front: InferenceEndpoint(front, CHAT), told.CHAT, quota=HANDLER),
    Endpoint("POST", "/v1/messages", lambda front: InferenceEndpoint(front, MESSAGES), told.MESSAGES, quota=HANDLER),
    Endpoint("POST", "/v1/messages/count_tokens", lambda front: Counting(front).count, told.COUNT),
    Endpoint(
        "POST", "/v1/completions", lambda front: InferenceEndpoint(front, COMPLETIONS), told.COMPLETIONS, quota=HANDLER
    ),
    Endpoint("POST", "/api/chat", lambda front: InferenceEndpoint(front, OLLAMA_CHAT), told.OLLAMA_CHAT, quota=HANDLER),
    Endpoint(
        "POST",
        "/api/generate",
        lambda front: InferenceEndpoint(front, OLLAMA_GENERATE),
        told.OLLAMA_GENERATE,
        quota=HANDLER,
    ),
    Endpoint("POST", "/v1/embeddings", lambda front: Embeddings(front).openai, told.EMBEDDINGS, quota=HANDLER),
    Endpoint("POST", "/api/embed", lambda front: Embeddings(front).ollama, told.OLLAMA_EMBED, quota=HANDLER),
    Endpoint("POST", "/api/show", lambda front: Facade(front).show, told.OLLAMA_SHOW, quota=NONE),
    Endpoint("GET", "/api/tags", lambda front: Facade(front).tags, told.OLLAMA_MODELS, quota=NONE),
    Endpoint("GET", "/api/ps", lambda _: running, told.OLLAMA_LOADED, quota=NONE),
    Endpoint("GET", "/api/version", lambda _: version, told.OLLAMA_VERSION, quota=NONE),
    Endpoint("POST", "/v1/responses", lambda front: InferenceEndpoint(front, RESPONSES), told.RESPONSES, quota=HANDLER),
    Endpoint("POST", "/v1/responses/input_tokens", lambda front: Counting(front).input_tokens, told.INPUT_TOKENS),
    Endpoint("POST", "/v1/responses/compact", lambda _: absent(COMPACT), told.COMPACT, quota=NONE),
    Endpoint("GET", "/v1/responses/{response_id}", lambda front: Responses(front).show, told.RESPONSE, quota=HANDLER),
    Endpoint("DELETE", "/v1/responses/{response_id}", lambda front: Deleting(front).delete, told.DELETE),
    Endpoint("POST", "/v1/responses/{response_id}/cancel", lambda front: Responses(front).cancel, told.CANCEL),
    Endpoint("GET", "/v1/responses/{response_id}/input_items", lambda _: absent(INPUT_ITEMS), told.ITEMS, quota=NONE),
    Endpoint("POST", "/v1/feedback", lambda front: Feedback(front).record, told.FEEDBACK),
    Endpoint("POST", "/v1/memory/ingest", lambda front: Ingest(front).take, told.INGEST, grant=("feature", INGEST)),
    Endpoint("GET", "/v1/provider-status", lambda front: Providers(front).show, told.PROVIDERS),
    Endpoint("GET", "/graph/stats", lambda _: absent(GRAPH), told.GRAPH_STATS, quota=NONE),
    Endpoint("GET", "/graph/search", lambda _: absent(GRAPH), told.GRAPH_SEARCH, quota=NONE),
    Endpoint("GET", "/v1/admin/ontology-gaps", lambda _: absent(GRAPH), told.GAPS, Access.ADMIN, NONE),
    Endpoint("GET", "/v1/admin/planner-patterns", lambda _: absent(LEARNING), told.PATTERNS, Access.ADMIN, NONE),
    Endpoint("GET", "/v1/models", lambda front: Catalogue(front).list_all, told.MODELS, quota=NONE),
    Endpoint("GET", "/v1/models/{model_id:path}", lambda front: Catalogue(front).show, told.ONE_MODEL, quota=NONE),
    Endpoint("GET", "/openapi.json", lambda _: show_document, told.DOCUMENT, quota=NONE),
    Endpoint("GET", "/docs", lambda _: show_page, told.DOCUMENT_PAGE, quota=NONE),
)

__all__ = ["ENDPOINTS", "Access", "Endpoint", "Quota"]
