"""OpenAI's chat completions protocol."""

from services.gateway.dialects.chat.dialect import CHAT

__all__ = ["CHAT"]
