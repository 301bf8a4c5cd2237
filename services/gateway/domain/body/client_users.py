"""Users that a client names: data subjects besides the owner of its key, never instead of it."""

from collections.abc import Mapping

import orjson

FIELDS = ("user", "safety_identifier")
HEADERS = ("x-openwebui-user-id", "x-openwebui-user-email")
MAX_USERS = 5
_NAMING = frozenset({*FIELDS, "metadata"})


def client_users(body: object, headers: Mapping[str, str]) -> tuple[str, ...]:
    """Users that a request names, in its body or in a header of front ends, at most five.

    All dialects' fields are read: a client may send one that its dialect does not define.
    """
    named = [headers[name] for name in HEADERS if name in headers]
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
    alone."""
    if user_id.startswith("{"):
        return _described(user_id)
    user, _, session = user_id.partition("_session_")
    return user, session


def _described(user_id: str) -> tuple[str, str]:
    try:
        fields = orjson.loads(user_id)
    except orjson.JSONDecodeError:
        return user_id, ""
    if not isinstance(fields, dict):
        return user_id, ""
    user = fields.get("account_uuid") or fields.get("device_id") or ""
    return str(user), str(fields.get("session_id") or "")
