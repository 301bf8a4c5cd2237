"""OpenAI's Responses."""

from services.gateway.domain.dialects.responses.dialect import RESPONSES

__all__ = ["RESPONSES"]
