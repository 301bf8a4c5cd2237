"""Anthropic's messages."""

from services.gateway.domain.dialects.messages.dialect import MESSAGES

__all__ = ["MESSAGES"]
