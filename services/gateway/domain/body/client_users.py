"""Users that a client names: data subjects besides the owner of its key, never instead of it."""

from collections.abc import Mapping

import orjson

from libs.core.json_values import text_in

FIELDS = ("user", "safety_identifier")
HEADERS = ("x-openwebui-user-id", "x-openwebui-user-email")
MAX_USERS = 5
_NAMING = frozenset({*FIELDS, "metadata"})


def client_users(body: object, headers: Mapping[str, str]) -> tuple[str, ...]:
    """Users that a request names, in its body or in a header of front ends, at most five.

    All dialects' fields are read: a client may send one that its dialect does not define.
    """
    named = [_text_of(headers[name]) for name in HEADERS if name in headers]
    if isinstance(body, dict) and not _NAMING.isdisjoint(body):
        named += [value for name in FIELDS if isinstance(value := body.get(name), str)]
        metadata = body.get("metadata")
        if isinstance(metadata, dict) and isinstance(user_id := metadata.get("user_id"), str):
            named.append(user_and_session(user_id)[0])
    if not named:
        return ()
    return tuple(dict.fromkeys(filter(None, named)))[:MAX_USERS]


def user_and_session(user_id: str) -> tuple[str, str]:
    """Split a `metadata.user_id` into user and session. Claude Code puts both into one field; the subject is the user
    alone.

    A text that names no user in one of its two forms is a user as a whole: no text is without a subject.
    """
    user, session = _described(user_id) if user_id.startswith("{") else _divided(user_id)
    return user or user_id, session


def _divided(user_id: str) -> tuple[str, str]:
    user, _, session = user_id.partition("_session_")
    return user, session


def _described(user_id: str) -> tuple[str, str]:
    try:
        fields = orjson.loads(user_id)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(fields, dict):
        return "", ""
    return text_in(fields.get("account_uuid")) or text_in(fields.get("device_id")), text_in(fields.get("session_id"))


def _text_of(header: str) -> str:
    """Front ends send UTF-8, which the server reads as Latin-1: `moe erase --user` gets the name itself."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header
