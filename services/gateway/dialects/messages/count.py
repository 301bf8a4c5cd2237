"""How many tokens a request has before it is asked: an estimate."""

import orjson

from services.gateway.dialects.messages.body import CountBody
from services.gateway.dialects.messages.request import counted
from services.gateway.domain.body.checked import checked
from services.gateway.domain.body.json import json_object
from services.gateway.domain.question.request_tokens import length_tokens, request_tokens


def count_body(body: object) -> bytes:
    """Return the count of a request as JSON. Raises RequestRefused (400) naming the field."""
    return orjson.dumps({"input_tokens": request_tokens(counted(checked(CountBody, json_object(body))))})


def count_length(body: bytes) -> bytes:
    """Return the count of a body too large to be parsed, as JSON."""
    return orjson.dumps({"input_tokens": length_tokens(body)})
