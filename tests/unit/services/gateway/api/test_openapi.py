"""The document names every route, is OpenAPI 3.1, and its page needs nothing from anywhere."""

import json
import re
from collections.abc import Iterator

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # untyped there

from services.gateway.api.openapi.document import openapi_document, openapi_json
from services.gateway.api.openapi.page import page_of
from services.gateway.api.routes import ENDPOINTS

DOCUMENT = json.loads(openapi_json(ENDPOINTS))


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_every_route_is_told_and_nothing_else() -> None:
    told = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert told == {(endpoint.method, endpoint.path.replace(":path}", "}")) for endpoint in ENDPOINTS}


def test_whatever_is_referred_to_is_there() -> None:
    for reference in references(DOCUMENT):
        place = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def test_every_shape_is_a_schema() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_answer_tells_its_errors_and_its_headers() -> None:
    for methods in DOCUMENT["paths"].values():
        for operation in methods.values():
            assert {"401", "500", "503"} <= set(operation["responses"])
            for each in operation["responses"].values():
                name = each.get("$ref", "").rpartition("/")[2]
                reply = DOCUMENT["components"]["responses"][name] if name else each
                assert {"x-request-id", "request-id", "x-moe-overhead-ms", "server-timing"} <= set(reply["headers"])


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for methods in DOCUMENT["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))


def test_a_document_tells_the_routes_that_it_is_made_of_and_no_others() -> None:
    document = openapi_document([*ENDPOINTS[:1]])
    assert list(document["paths"]) == ["/v1/chat/completions"]  # type: ignore[call-overload]  # an object


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    page = page_of(openapi_document(ENDPOINTS))
    assert "/v1/chat/completions" in page
    assert not re.search(r"<script|src=|https?://|@import|url\(", page)
