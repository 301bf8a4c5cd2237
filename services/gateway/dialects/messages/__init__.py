"""Anthropic's messages protocol."""

from services.gateway.dialects.messages.dialect import MESSAGES

__all__ = ["MESSAGES"]
