"""Token counts of Responses requests before dispatch: estimates."""

import orjson

from services.gateway.dialects.responses.request import counted
from services.gateway.domain.body.json import json_object
from services.gateway.domain.question.estimate import length_tokens, request_tokens


def count_body(body: object) -> bytes:
    """Count the tokens of a request. Raises RequestRefused (400) with the name of the field."""
    return _count(request_tokens(counted(json_object(body))))


def count_length(body: bytes) -> bytes:
    """Count the tokens of a body that is too large to parse."""
    return _count(length_tokens(body))


def _count(tokens: int) -> bytes:
    return orjson.dumps({"object": "response.input_tokens", "input_tokens": tokens})
