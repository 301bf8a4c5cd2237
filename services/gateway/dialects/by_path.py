"""All dialects, and the one of each protocol and of each path."""

from libs.contracts.progress import Protocol as ProtocolName
from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.dialects.completions.dialect import COMPLETIONS
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.messages.dialect import MESSAGES
from services.gateway.dialects.ollama.dialect import OLLAMA_CHAT, OLLAMA_GENERATE
from services.gateway.dialects.responses.dialect import RESPONSES

DIALECTS: tuple[Dialect, ...] = (CHAT, MESSAGES, RESPONSES, COMPLETIONS, OLLAMA_CHAT, OLLAMA_GENERATE)

_BY_NAME: dict[ProtocolName, Dialect] = {dialect.name: dialect for dialect in DIALECTS}

# The first match counts; other paths use OpenAI's dialect.
_BY_PREFIX: tuple[tuple[str, Dialect], ...] = (("/v1/messages", MESSAGES), ("/api/", OLLAMA_CHAT))


def dialect_at(path: str) -> Dialect:
    """The dialect also shapes the errors of the path."""
    return next((dialect for prefix, dialect in _BY_PREFIX if path.startswith(prefix)), CHAT)


def dialect_named(name: ProtocolName) -> Dialect:
    """OpenAI's dialect for a protocol that is no longer served."""
    return _BY_NAME.get(name, CHAT)
