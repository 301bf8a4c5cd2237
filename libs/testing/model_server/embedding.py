"""Embeddings of the scripted server: a vector counts the letters of its text, so similar texts are near."""

import math
from string import ascii_lowercase

import orjson

from libs.testing.model_server.reading import BadRequest


def embeddings_body(body: bytes) -> bytes:
    """Vectors of length 1. Raises BadRequest where a real server responds with 400."""
    try:
        request: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest("the body is not JSON") from error
    texts = request.get("input") if isinstance(request, dict) else None
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not texts:
        raise BadRequest("the input is missing")
    data = [
        {"object": "embedding", "index": index, "embedding": _letters(str(text))} for index, text in enumerate(texts)
    ]
    words = sum(len(str(text).split()) for text in texts)
    return orjson.dumps({"object": "list", "data": data, "usage": {"prompt_tokens": words, "total_tokens": words}})


def _letters(text: str) -> list[float]:
    counts = [text.lower().count(letter) for letter in ascii_lowercase]
    length = math.hypot(*counts) or 1.0
    return [count / length for count in counts]
