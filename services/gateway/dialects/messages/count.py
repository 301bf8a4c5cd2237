"""Token counts of message requests before dispatch: estimates."""

import orjson

from services.gateway.dialects.messages.body import CountBody
from services.gateway.dialects.messages.request import counted
from services.gateway.domain.body.json import checked, json_object
from services.gateway.domain.question.estimate import length_tokens, request_tokens


def count_body(body: object) -> bytes:
    """Count the tokens of a request. Raises RequestRefused (400) with the name of the field."""
    return orjson.dumps({"input_tokens": request_tokens(counted(checked(CountBody, json_object(body))))})


def count_length(body: bytes) -> bytes:
    """Count the tokens of a body that is too large to parse."""
    return orjson.dumps({"input_tokens": length_tokens(body)})
