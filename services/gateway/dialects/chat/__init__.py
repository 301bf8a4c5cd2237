"""OpenAI's chat completions."""

from services.gateway.dialects.chat.dialect import CHAT

__all__ = ["CHAT"]
