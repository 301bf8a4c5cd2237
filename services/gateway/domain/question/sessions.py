"""Sessions: the conversation of a request, by the client's own name for it or by its first messages."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from itertools import islice

from libs.ports.identity import Caller
from services.gateway.domain.body.chat import ChatMessageBody

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
