"""OpenAI's Responses."""

from services.gateway.dialects.responses.dialect import RESPONSES

__all__ = ["RESPONSES"]
