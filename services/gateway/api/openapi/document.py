"""The OpenAPI 3.1 document of a route table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus

import orjson
from pydantic import BaseModel

from services.gateway.api.openapi.shapes import SHAPES, TEXT, Schema, reference
from services.gateway.api.route import ALWAYS, NDJSON, SSE, Access, Endpoint, Operation, Parameter

_PATH_PARAMETER = re.compile(r"\{([a-z_]+)(?::path)?\}")
_REFERENCE = "#/components/schemas/{model}"
_ABOUT = """One address for every client: OpenAI's, Anthropic's and Ollama's. Each route needs a key, as
`Authorization: Bearer`, `x-api-key` or `anthropic-api-key`. Streams are Server-Sent Events, or lines of JSON for
Ollama's clients; an error in the middle of a stream is an event of the protocol."""
_HEADERS: Mapping[str, str] = {
    "x-request-id": "Id of the response, or of this request if there is no response",
    "request-id": "The same, for Anthropic clients",
    "x-moe-overhead-ms": "Milliseconds spent in the gateway up to the first byte",
    "server-timing": "Duration of the steps up to the first byte",
}
_HEADERS_OF_ANSWERS: Mapping[str, str] = {
    "x-moe-response-id": "The response, for GET /v1/responses/{id} and feedback",
    "x-moe-cache": "`hit`: from the answer cache; `miss`: stored in the cache; `bypass`: not looked up",
    "x-moe-experts": "Models of a complete answer, `model@server::category`, comma-separated",
    "idempotent-replayed": "`true` if the answer is that of an earlier request with this Idempotency-Key",
    "x-ratelimit-limit-requests": "Requests per minute of the key",
    "x-ratelimit-remaining-requests": "Remaining requests",
    "x-ratelimit-reset-requests": "Time until the limit is fully restored",
    "x-ratelimit-limit-tokens": "Tokens per minute of the key",
    "x-ratelimit-remaining-tokens": "Remaining tokens",
    "x-ratelimit-reset-tokens": "Time until the limit is fully restored",
}
_HEADERS_OF_ERRORS: Mapping[str, str] = {
    "retry-after": "Seconds to wait before a retry",
    "x-should-retry": "`false`: do not retry automatically",
}
_PIECES: Mapping[str, str] = {SSE: "Event", NDJSON: "Line"}
_ID = "$response.header.x-moe-response-id"
# Operations on an answer.
_LINKS: Mapping[str, object] = {
    "show": {"operationId": "get_v1_responses_response_id", "parameters": {"response_id": _ID}},
    "cancel": {"operationId": "post_v1_responses_response_id_cancel", "parameters": {"response_id": _ID}},
    "rate": {"operationId": "post_v1_feedback", "requestBody": {"response_id": _ID, "rating": 5}},
}


@lru_cache(maxsize=8)
def openapi_json(endpoints: tuple[Endpoint, ...]) -> bytes:
    return orjson.dumps(openapi_document(endpoints), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def openapi_document(endpoints: Sequence[Endpoint]) -> dict[str, object]:
    paths: dict[str, dict[str, object]] = {}
    schemas: dict[str, object] = dict(SHAPES)
    for endpoint in endpoints:
        path = _PATH_PARAMETER.sub(r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint)
        if endpoint.operation.body is not None:
            schemas |= _body_schemas(endpoint.operation.body)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sovereign Fleet", "version": "1", "description": _ABOUT},
        "paths": paths,
        "security": [{"bearer": []}, {"x-api-key": []}],
        "components": {
            "schemas": schemas,
            "headers": _all_headers(),
            "responses": _all_errors(endpoints),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, object]:
    operation = endpoint.operation
    admins = " Requires an admin's API key." if endpoint.access is Access.ADMIN else ""
    described: dict[str, object] = {
        "operationId": _name_of(endpoint),
        "summary": operation.summary,
        "description": f"{operation.summary}.{admins}",
        "parameters": [*_path_parameters(endpoint.path), *map(_parameter, operation.parameters)],
        "responses": dict(sorted(_responses(operation))),
    }
    if operation.body is not None:
        schema = reference(_component(operation.body))
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


def _name_of(endpoint: Endpoint) -> str:
    words = re.findall(r"[a-z0-9]+", _PATH_PARAMETER.sub(r"\1", endpoint.path))
    return "_".join((endpoint.method.lower(), *words))


def _path_parameters(path: str) -> Iterator[dict[str, object]]:
    for name in _PATH_PARAMETER.findall(path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _parameter(parameter: Parameter) -> dict[str, object]:
    schema = {"type": "string", "enum": list(parameter.values)} if parameter.values else TEXT
    return {"name": parameter.name, "in": parameter.place, "description": parameter.about, "schema": schema}


def _responses(operation: Operation) -> Iterator[tuple[str, dict[str, object]]]:
    if operation.status < HTTPStatus.BAD_REQUEST:
        yield str(operation.status), _reply(operation)
    for status in {*ALWAYS, *operation.errors}:
        yield str(status), {"$ref": f"#/components/responses/{operation.error}{status}"}


def _reply(operation: Operation) -> dict[str, object]:
    schema = reference(operation.answer) if operation.answer else TEXT
    content: dict[str, object] = {operation.media: {"schema": schema}}
    content |= {media: {"schema": reference(_PIECES[media])} for media in operation.streams}
    more = _HEADERS_OF_ANSWERS if operation.answers else {}
    described: dict[str, object] = {"description": HTTPStatus(operation.status).phrase}
    described |= {"headers": _headers(more), "content": content}
    return {**described, "links": _LINKS} if operation.opens else described


def _all_errors(endpoints: Sequence[Endpoint]) -> dict[str, object]:
    operations = [endpoint.operation for endpoint in endpoints]
    described = {(each.error, status) for each in operations for status in (*ALWAYS, *each.errors)}
    return {f"{shape}{status}": _error(shape, status) for shape, status in sorted(described)}


def _error(shape: str, status: int) -> dict[str, object]:
    more = {**_HEADERS_OF_ANSWERS, **_HEADERS_OF_ERRORS}
    content = {"application/json": {"schema": reference(shape)}}
    return {"description": _phrase(status), "headers": _headers(more), "content": content}


def _phrase(status: int) -> str:
    names = {499: "Cancelled", 529: "Overloaded"}
    return names.get(status) or HTTPStatus(status).phrase


def _headers(more: Mapping[str, str]) -> dict[str, object]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*_HEADERS, *more)}


def _all_headers() -> dict[str, object]:
    always = {name: {"description": about, "required": True, "schema": TEXT} for name, about in _HEADERS.items()}
    more = {**_HEADERS_OF_ANSWERS, **_HEADERS_OF_ERRORS}
    return {**always, **{name: {"description": about, "schema": TEXT} for name, about in more.items()}}


def _body_schemas(body: type[BaseModel]) -> dict[str, Schema]:
    """The schemas of a body and of its parts, under names unique among all bodies."""
    prefix = _component(body)
    schema = body.model_json_schema(ref_template=_REFERENCE.replace("{model}", f"{prefix}.{{model}}"))
    inner = schema.pop("$defs", {})
    return {prefix: schema, **{f"{prefix}.{name}": each for name, each in inner.items()}}


def _component(body: type[BaseModel]) -> str:
    *_, folder, family, _ = body.__module__.split(".")
    name = body.__name__
    return name if folder != "dialects" or name.lower().startswith(family) else f"{family.capitalize()}{name}"
