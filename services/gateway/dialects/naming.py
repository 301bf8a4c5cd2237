"""Parsing of requests that are translated into a chat, with errors that name the fields of the client's protocol."""

from collections.abc import Mapping
from dataclasses import replace

from services.gateway.domain.body.chat import read_chat_body
from services.gateway.domain.body.chat_parameters import check_parameters
from services.gateway.domain.body.chat_tools import passed_tools
from services.gateway.domain.errors import ApiError, RequestRefused
from services.gateway.domain.question.fleet_question import InferenceRequest

_SHORTENED = "context_length_exceeded"  # coding agents shorten a conversation when they recognise the message's start


def parse_request(raw: Mapping[str, object], names: Mapping[str, str]) -> InferenceRequest:
    """Parse a request that is translated into OpenAI's chat shape. Raises RequestRefused (400) with the protocol's name
    of the field; `names` maps chat fields to those of the protocol."""
    try:
        chat = read_chat_body(raw)
        check_parameters(raw)
        return InferenceRequest(chat, {**raw, **passed_tools(raw)})
    except RequestRefused as refused:
        raise in_words(refused, names) from refused


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
