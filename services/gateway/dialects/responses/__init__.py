"""OpenAI's Responses protocol."""

from services.gateway.dialects.responses.dialect import RESPONSES

__all__ = ["RESPONSES"]
