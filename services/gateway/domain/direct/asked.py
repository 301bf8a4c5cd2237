"""What a model server is sent."""

from collections.abc import Mapping

import orjson

from services.gateway.domain.ask import Ask
from services.gateway.domain.manner import PLAIN, Manner, in_manner

_OURS = ("no_cache", "session_id")  # fields of this gateway: some servers refuse what they do not know


def model_body(ask: Ask, model: str, manner: Manner = PLAIN, *, count: bool = True) -> bytes:
    """Return the JSON body for a model: what the client sent, for that model; fields that we do not know unchanged.

    `count`: a stream ends with its usage, whether the client wants it or not.
    """
    body = {**in_manner(ask.raw, manner), "model": model}
    for name in _OURS:
        body.pop(name, None)
    if ask.stream and count:
        body["stream_options"] = {**_options(ask.raw), "include_usage": True}
    elif not ask.stream or not ask.include_usage:
        body.pop("stream_options", None)
    return orjson.dumps(body)


def _options(raw: Mapping[str, object]) -> dict[str, object]:
    options = raw.get("stream_options")
    return options if isinstance(options, dict) else {}
