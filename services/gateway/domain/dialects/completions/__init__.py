"""OpenAI's completions of old."""

from services.gateway.domain.dialects.completions.dialect import COMPLETIONS

__all__ = ["COMPLETIONS"]
