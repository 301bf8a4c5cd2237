"""Which conversation a request belongs to: the client's own name for it, else what was said first.

What stands on the log is an HMAC for the tenant: the same name at two tenants is two sessions, and nobody without the
signing key can tell a name from it. `x-request-id` names a request, not a conversation, so it is not looked at.
"""

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
    """Return what the client calls the conversation: the first header that says something usable, else the body."""
    names = (*(headers.get(header, "") for header in SESSION_HEADERS), body_session)
    return next((name.strip() for name in names if _is_usable(name.strip())), "")


def session_of(named: str, messages: Iterable[ChatMessageBody], caller: Caller, pseudonym_key: str) -> str:
    """Return the session: 32 hex digits, empty without a name and without a word of a user.

    Without a name the first three messages of the user count, so the session is settled with the third of them; two
    people of a tenant who begin with the same words have two sessions.
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
    said = list(islice(filter(None, texts), FIRST_MESSAGES))
    if not said:
        return ""
    digest = hashlib.sha256()
    for text in said:
        encoded = text.encode(errors="surrogatepass")
        digest.update(b"%d:" % len(encoded) + encoded)
    return f"said by {caller.user} {digest.hexdigest()}"


def _text(message: ChatMessageBody) -> str:
    if message.content is None or isinstance(message.content, str):
        return (message.content or "").strip()
    return "\n".join(part.text for part in message.content if part.text).strip()
