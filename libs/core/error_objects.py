"""Error objects of the chat protocol, as servers send them: bare or under `error`, with an HTTP status or without."""

import re
from collections.abc import Mapping

from libs.core.json_values import JsonObject, is_object

_STATUS = re.compile(r"[45][0-9]{2}")


def is_error(told: JsonObject) -> bool:
    """Return whether a decoded body or event under 200 is an error where an answer was due."""
    return bool(told.get("error")) or told.get("object") == "error"


def error_in(told: JsonObject) -> JsonObject:
    """Return the error that a decoded body tells."""
    error = told.get("error")
    return error if is_object(error) else told


def status_in(error: Mapping[str, object]) -> int | None:
    """Return the HTTP status that stands in an error object, under any of the names that servers use."""
    for name in ("code", "status_code", "status"):
        number = error.get(name)
        if isinstance(number, int | str) and _STATUS.fullmatch(str(number)):
            return int(number)
    return None
