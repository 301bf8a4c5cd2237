"""Every route as data: the application, its documentation and the matrix of who may do what are made from it."""

from services.gateway.domain.dialects.chat import CHAT
from services.gateway.domain.dialects.completions import COMPLETIONS
from services.gateway.domain.dialects.messages import MESSAGES
from services.gateway.domain.dialects.ollama import OLLAMA_CHAT, OLLAMA_GENERATE
from services.gateway.domain.dialects.responses import RESPONSES
from services.gateway.http.absent import GRAPH, LEARNING, absent
from services.gateway.http.catalogue import Catalogue
from services.gateway.http.counting import Counting
from services.gateway.http.documentation import show_document, show_page
from services.gateway.http.embeddings import Embeddings
from services.gateway.http.endpoint import Access, Endpoint
from services.gateway.http.facade import Facade, running, version
from services.gateway.http.feedback import Feedback
from services.gateway.http.ingest import Ingest
from services.gateway.http.providers import Providers
from services.gateway.http.reception import Reception
from services.gateway.http.responses import Responses

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("POST", "/v1/chat/completions", "Answer a conversation", lambda front: Reception(front, CHAT)),
    Endpoint(
        "POST", "/v1/messages", "Answer a conversation, as Anthropic does", lambda front: Reception(front, MESSAGES)
    ),
    Endpoint("POST", "/v1/messages/count_tokens", "Estimate the tokens of a request", lambda f: Counting(f).count),
    Endpoint("POST", "/v1/completions", "Answer a prompt", lambda front: Reception(front, COMPLETIONS)),
    Endpoint("POST", "/api/chat", "Answer a conversation, as Ollama does", lambda front: Reception(front, OLLAMA_CHAT)),
    Endpoint(
        "POST", "/api/generate", "Answer a prompt, as Ollama does", lambda front: Reception(front, OLLAMA_GENERATE)
    ),
    Endpoint("POST", "/v1/embeddings", "Embed texts", lambda front: Embeddings(front).openai),
    Endpoint("POST", "/api/embed", "Embed texts, as Ollama does", lambda front: Embeddings(front).ollama),
    Endpoint("POST", "/api/show", "Show a model, as Ollama does", lambda front: Facade(front).show),
    Endpoint("GET", "/api/tags", "List the models, as Ollama does", lambda front: Facade(front).tags),
    Endpoint("GET", "/api/ps", "List loaded models, as Ollama does: none", lambda _: running),
    Endpoint("GET", "/api/version", "Show the version of Ollama's API", lambda _: version),
    Endpoint("POST", "/v1/responses", "Answer, as OpenAI's Responses", lambda front: Reception(front, RESPONSES)),
    Endpoint("GET", "/v1/responses/{response_id}", "Show a response", lambda front: Responses(front).show),
    Endpoint("DELETE", "/v1/responses/{response_id}", "Cancel a response", lambda front: Responses(front).cancel),
    Endpoint("POST", "/v1/responses/{response_id}/cancel", "Cancel a response", lambda front: Responses(front).cancel),
    Endpoint("POST", "/v1/feedback", "Rate a response of one's own", lambda front: Feedback(front).give),
    Endpoint("POST", "/v1/memory/ingest", "Have a session remembered", lambda front: Ingest(front).take),
    Endpoint("GET", "/v1/provider-status", "Show how the model servers are", lambda front: Providers(front).show),
    Endpoint("GET", "/graph/stats", "Count what the knowledge graph has", lambda _: absent(GRAPH)),
    Endpoint("GET", "/graph/search", "Search the knowledge graph", lambda _: absent(GRAPH)),
    Endpoint("GET", "/v1/admin/ontology-gaps", "List unknown terms", lambda _: absent(GRAPH), Access.ADMIN),
    Endpoint("GET", "/v1/admin/planner-patterns", "List learned plans", lambda _: absent(LEARNING), Access.ADMIN),
    Endpoint("GET", "/v1/models", "List the models that the key may use", lambda front: Catalogue(front).list_all),
    Endpoint("GET", "/v1/models/{model_id:path}", "Show a model", lambda front: Catalogue(front).show),
    Endpoint("GET", "/openapi.json", "Show this document", lambda _: show_document),
    Endpoint("GET", "/docs", "Show this document as a page", lambda _: show_page),
)

__all__ = ["ENDPOINTS", "Access", "Endpoint"]
