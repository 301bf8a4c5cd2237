"""How many tokens a request of Responses has before it is asked: an estimate."""

import orjson

from services.gateway.dialects.responses.request import counted
from services.gateway.domain.body.json import json_object
from services.gateway.domain.question.request_tokens import length_tokens, request_tokens


def count_body(body: object) -> bytes:
    """Return the count of a request as JSON. Raises RequestRefused (400) naming the field."""
    return _count(request_tokens(counted(json_object(body))))


def count_length(body: bytes) -> bytes:
    """Return the count of a body too large to be parsed, as JSON."""
    return _count(length_tokens(body))


def _count(tokens: int) -> bytes:
    return orjson.dumps({"object": "response.input_tokens", "input_tokens": tokens})
