"""Callers: API keys, the directory, OpenID."""
