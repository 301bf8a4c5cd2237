"""Names of fields in the client's protocol, for errors."""

from collections.abc import Mapping
from dataclasses import replace

from services.gateway.domain.errors import ApiError, RequestRefused

_SHORTENED = "context_length_exceeded"  # coding agents shorten a conversation when they recognise the message's start


def in_words(refused: RequestRefused, names: Mapping[str, str]) -> RequestRefused:
    """Translate the field of an error from a chat into a protocol. `names` maps chat fields to those of the protocol.
    An error inside of such a field names only the field, because paths differ from those in a chat.

    Most fields are checked after the translation into a chat, so errors name the chat's fields first.
    """
    error = error_in(refused.error, names)
    return refused if error is refused.error else RequestRefused(error)


def error_in(error: ApiError, names: Mapping[str, str]) -> ApiError:
    """Translate an error as `in_words` does."""
    param = error.param or ""
    own = names.get(param.partition(".")[0].partition("[")[0])
    if own is None or error.own_name:
        return error
    return replace(error, param=own, message=error.message.replace(f"`{param}`", f"`{own}`"))


def naming_message(error: ApiError) -> str:
    """Name the field in the message, for protocols whose errors have no field for it."""
    param = error.param or ""
    if error.status != 400 or error.code == _SHORTENED or param in error.message:
        return error.message
    return f"{param}: {error.message}"
