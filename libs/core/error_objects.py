"""Error objects of the chat protocol: bare or under `error`, with or without an HTTP status."""

import re
from collections.abc import Mapping

from libs.core.json_values import JsonObject, is_object

_STATUS = re.compile(r"[45][0-9]{2}")


def is_error(reply: JsonObject) -> bool:
    """True if a decoded body or event with status 200 is an error instead of an answer."""
    return bool(reply.get("error")) or reply.get("object") == "error"


def error_in(reply: JsonObject) -> JsonObject:
    """The error object of a decoded body: the value of `error`, else the body itself."""
    error = reply.get("error")
    return error if is_object(error) else reply


def status_in(error: Mapping[str, object]) -> int | None:
    """The HTTP status in an error object, under any name that servers use; None if there is none."""
    for name in ("code", "status_code", "status"):
        number = error.get(name)
        if isinstance(number, int | str) and _STATUS.fullmatch(str(number)):
            return int(number)
    return None
