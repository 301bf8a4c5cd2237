"""What a field is called in the protocol that a client speaks. Requests are translated before most of their fields are
checked, so that it is a chat's field that is at fault."""

from collections.abc import Mapping
from dataclasses import replace

from services.gateway.domain.errors import ApiError, RequestRefused

_SHORTENED = "context_length_exceeded"  # coding agents shorten a conversation when a message begins as they know it


def in_words(refused: RequestRefused, names: Mapping[str, str]) -> RequestRefused:
    """Return the refusal of a chat in the words of a protocol. `names` are its own ones by a chat's; whatever is inside
    of a field that has one is told by the field alone, because places are others in a chat."""
    error = error_in(refused.error, names)
    return refused if error is refused.error else RequestRefused(error)


def error_in(error: ApiError, names: Mapping[str, str]) -> ApiError:
    """Return the error about a chat in the words of a protocol, as `in_words` does."""
    param = error.param or ""
    own = names.get(param.partition(".")[0].partition("[")[0])
    if own is None or error.own_name:
        return error
    return replace(error, param=own, message=error.message.replace(f"`{param}`", f"`{own}`"))


def naming_message(error: ApiError) -> str:
    """Return what is wrong with which field, for protocols whose errors have no other place for the field."""
    param = error.param or ""
    if error.status != 400 or error.code == _SHORTENED or param in error.message:
        return error.message
    return f"{param}: {error.message}"
