"""OpenAI's legacy completions protocol."""

from services.gateway.dialects.completions.dialect import COMPLETIONS

__all__ = ["COMPLETIONS"]
