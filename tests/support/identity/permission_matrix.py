"""Permission matrix: the expected result of every route for every kind of key."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from services.gateway.api.routes import ENDPOINTS, Access, Endpoint

REFUSED = ("nobody", "malformed", "mistyped", "unknown", "expired", "revoked", "disabled")
LET_IN = "let in"  # any response but a refusal of the caller; other tests check its content
MODEL = "moe-orchestrator"
_CHAT: Mapping[str, JsonValue] = {"model": MODEL, "messages": [{"role": "user", "content": "Why?"}]}
# Request bodies, where they matter. `{response_id}` is a response of a user in the first tenant.
BODIES: Mapping[str, JsonValue] = {
    "/v1/chat/completions": {**_CHAT},
    "/v1/messages": {**_CHAT, "max_tokens": 100},
    "/v1/completions": {"model": MODEL, "prompt": "Why?"},
    "/v1/responses": {"model": MODEL, "input": "Why?"},
    "/v1/embeddings": {"model": "some-embedder@local", "input": "Why?"},
    "/api/embed": {"model": "some-embedder@local", "input": "Why?"},
    "/v1/messages/count_tokens": {**_CHAT},
    "/v1/responses/input_tokens": {"model": MODEL, "input": "Why?"},
    "/api/chat": {**_CHAT, "stream": False},
    "/api/generate": {"model": MODEL, "prompt": "Why?", "stream": False},
    "/api/show": {"model": MODEL},
    "/v1/memory/ingest": {"session_summary": "We chose Kafka."},
    "/v1/feedback": {"response_id": "{response_id}", "rating": 5},
}
# Routes of the official SDKs that are not there, for any key.
ABSENT = frozenset({("POST", "/v1/responses/compact"), ("GET", "/v1/responses/{response_id}/input_items")})
# A user of the first tenant without any grant, and without a response of their own.
WITHOUT_GRANTS: Mapping[tuple[str, str], int] = {
    ("POST", "/v1/chat/completions"): 403,
    ("POST", "/v1/messages"): 403,
    ("POST", "/v1/completions"): 403,
    ("POST", "/v1/embeddings"): 403,
    ("POST", "/api/embed"): 403,
    ("POST", "/api/chat"): 403,
    ("POST", "/api/generate"): 403,
    ("POST", "/v1/responses"): 403,
    ("GET", "/openapi.json"): 200,
    ("GET", "/docs"): 200,
    ("GET", "/v1/responses/{response_id}"): 404,
    ("DELETE", "/v1/responses/{response_id}"): 404,
    ("POST", "/v1/responses/{response_id}/cancel"): 404,
    ("POST", "/v1/feedback"): 404,
    ("POST", "/v1/memory/ingest"): 403,
    ("GET", "/v1/provider-status"): 200,  # an empty list
    ("GET", "/graph/stats"): 503,  # no fleet has a graph yet
    ("GET", "/graph/search"): 503,
    ("GET", "/v1/models"): 200,  # an empty list
    ("GET", "/api/tags"): 200,
    ("GET", "/api/ps"): 200,
    ("GET", "/api/version"): 200,
    ("POST", "/api/show"): 403,
    ("POST", "/v1/responses/input_tokens"): 200,
    ("POST", "/v1/messages/count_tokens"): 200,  # an estimate, made by no model
    ("GET", "/v1/models/{model_id:path}"): 403,
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the matrix."""

    method: str
    path: str
    body: JsonValue


def call_of(endpoint: Endpoint, response_id: str) -> Call:
    path = endpoint.path.replace("{response_id}", response_id).replace("{model_id:path}", MODEL)
    body = BODIES.get(endpoint.path)
    if isinstance(body, dict) and "response_id" in body:
        body = {**body, "response_id": response_id}
    return Call(endpoint.method, path, body)


def expected(who: str, endpoint: Endpoint) -> int | str:
    """Status that a route answers, or that the caller is let in."""
    if who in REFUSED:
        return 401
    if (endpoint.method, endpoint.path) in ABSENT:
        return 404
    if endpoint.access is Access.ADMIN:
        return LET_IN if who in ("admin", "stranger") else 403
    if who == "low scope":
        return WITHOUT_GRANTS.get((endpoint.method, endpoint.path), LET_IN)
    is_about_a_response = "{response_id}" in endpoint.path or "response_id" in str(BODIES.get(endpoint.path))
    return 404 if who == "stranger" and is_about_a_response else LET_IN


def meets(status: int, wanted: int | str) -> bool:
    """A rejected caller and an internal error never count as admitted."""
    return (
        status == wanted
        if isinstance(wanted, int)
        else status not in (401, 403, 404, 405) and status in (*range(500), 503)
    )


def undeclared() -> list[str]:
    """Routes without a declared expectation for a key without grants."""
    keyed = [endpoint for endpoint in ENDPOINTS if endpoint.access is Access.KEY]
    declared = WITHOUT_GRANTS.keys() | ABSENT
    return [f"{each.method} {each.path}" for each in keyed if (each.method, each.path) not in declared]
