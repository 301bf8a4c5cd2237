"""Ollama's chat and generate protocols."""
