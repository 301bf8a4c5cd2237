"""Users and sessions that a client names: data subjects besides the owner of its key, never instead of it."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from itertools import islice

import orjson

from libs.core import subjects
from libs.core.json_values import text_in
from libs.core.key_roots import RootKeys
from libs.ports.identity import Caller
from services.gateway.domain.body.chat import ChatMessageBody

FIELDS = ("user", "safety_identifier")

HEADERS = ("x-openwebui-user-id", "x-openwebui-user-email")

MAX_USERS = 5

_NAMING = frozenset({*FIELDS, "metadata"})


def subject_of(pseudonym_keys: RootKeys, caller: Caller, client_users: Iterable[str] = ()) -> str:
    """The subject covers the owner of the key and the users that the client names."""
    return subjects.subject_of(pseudonym_keys.all, caller.tenant, (caller.user, *client_users))


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


SESSION_HEADERS = (
    "x-claude-code-session-id",
    "x-openwebui-chat-id",
    "x-stainless-session-id",
    "x-session-id",
    "x-conversation-id",
)

MAX_NAME_CHARS = 256

FIRST_MESSAGES = 3

SESSION_CHARS = 32


def named_session(headers: Mapping[str, str], body_session: str) -> str:
    """The client's name of the conversation: the first usable header, else the body's. `x-request-id` is not
    used, because it names a request, not a conversation."""
    names = (*(headers.get(header, "") for header in SESSION_HEADERS), body_session)
    return next((name.strip() for name in names if _is_usable(name.strip())), "")


def session_of(named: str, messages: Iterable[ChatMessageBody], caller: Caller, pseudonym_key: str) -> str:
    """32 hex digits, empty without a name and without a user message.

    The session is an HMAC for the tenant: one name at two tenants is two sessions, and a name cannot be derived from it
    without the signing key. Without a name the first three messages of the user count, so the session is final with the
    third of them. Two users of a tenant with the same first messages have two sessions.
    """
    name = f"name {named}" if named else _beginning(messages, caller)
    if not name:
        return ""
    of_tenant = hmac.digest(pseudonym_key.encode(), f"sessions of {caller.tenant}".encode(), "sha256")
    return hmac.digest(of_tenant, name.encode(errors="surrogatepass"), "sha256").hex()[:SESSION_CHARS]


def _is_usable(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME_CHARS and name.isprintable()


def _beginning(messages: Iterable[ChatMessageBody], caller: Caller) -> str:
    texts = (_text(message) for message in messages if message.role == "user")
    first_texts = list(islice(filter(None, texts), FIRST_MESSAGES))
    if not first_texts:
        return ""
    digest = hashlib.sha256()
    for text in first_texts:
        encoded = text.encode(errors="surrogatepass")
        digest.update(b"%d:" % len(encoded) + encoded)
    return f"said by {caller.user} {digest.hexdigest()}"


def _text(message: ChatMessageBody) -> str:
    if message.content is None or isinstance(message.content, str):
        return (message.content or "").strip()
    return "\n".join(part.text for part in message.content if part.text).strip()
