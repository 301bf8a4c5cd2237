"""Ollama's chat and generate protocols."""

from services.gateway.dialects.ollama.dialect import OLLAMA_CHAT, OLLAMA_GENERATE

__all__ = ["OLLAMA_CHAT", "OLLAMA_GENERATE"]
