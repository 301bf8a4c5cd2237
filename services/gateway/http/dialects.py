"""Which protocol is spoken where."""

from libs.contracts.progress import Protocol as ProtocolName
from services.gateway.dialects.chat import CHAT
from services.gateway.dialects.completions import COMPLETIONS
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.messages import MESSAGES
from services.gateway.dialects.ollama import OLLAMA_CHAT, OLLAMA_GENERATE
from services.gateway.dialects.responses import RESPONSES

DIALECTS: tuple[Dialect, ...] = (CHAT, MESSAGES, RESPONSES, COMPLETIONS, OLLAMA_CHAT, OLLAMA_GENERATE)
_BY_NAME: dict[ProtocolName, Dialect] = {dialect.name: dialect for dialect in DIALECTS}
# The first that fits; OpenAI's for whatever is none of them.
_BY_PREFIX: tuple[tuple[str, Dialect], ...] = (("/v1/messages", MESSAGES), ("/api/", OLLAMA_CHAT))


def dialect_at(path: str) -> Dialect:
    """Return the protocol of a path, in whose words its errors are told."""
    return next((dialect for prefix, dialect in _BY_PREFIX if path.startswith(prefix)), CHAT)


def dialect_named(name: ProtocolName) -> Dialect:
    """Return the protocol in which a request was asked; OpenAI's for one that is not served any more."""
    return _BY_NAME.get(name, CHAT)
