"""How many tokens a request has before it is asked: an estimate."""

import re

import orjson

from libs.core.token_counts import tokens_of
from services.gateway.domain.checked_body import checked
from services.gateway.domain.dialects.messages.body import CountBody
from services.gateway.domain.dialects.messages.request import counted
from services.gateway.domain.json_body import json_object
from services.gateway.domain.request_tokens import request_tokens
from services.gateway.domain.token_estimate import IMAGE_TOKENS

# An image or document in base64. A run ends at a byte outside its class, so that the search stays linear.
_MEDIA = re.compile(rb'"data"\s*:\s*"[A-Za-z0-9+/=\\]{1000,}"')


def count_body(body: object) -> bytes:
    """Return the count of a request as JSON. Raises RequestRefused (400) naming the field."""
    return orjson.dumps({"input_tokens": request_tokens(counted(checked(CountBody, json_object(body))))})


def count_length(body: bytes) -> bytes:
    """Return the count of a body too large to be parsed, as JSON: bytes / 4, and IMAGE_TOKENS for each file in it."""
    sizes = [found.end() - found.start() for found in _MEDIA.finditer(body)]
    return orjson.dumps({"input_tokens": tokens_of(len(body) - sum(sizes)) + IMAGE_TOKENS * len(sizes)})
