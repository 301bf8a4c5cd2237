"""Anthropic's messages."""

from services.gateway.dialects.messages.dialect import MESSAGES

__all__ = ["MESSAGES"]
