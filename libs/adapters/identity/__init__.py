"""Authentication of callers: API keys, the directory, OpenID."""
