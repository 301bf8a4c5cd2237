"""OpenAI's chat completions."""

from services.gateway.domain.dialects.chat.dialect import CHAT

__all__ = ["CHAT"]
