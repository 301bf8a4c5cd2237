"""OpenAI's completions of old."""

from services.gateway.dialects.completions.dialect import COMPLETIONS

__all__ = ["COMPLETIONS"]
