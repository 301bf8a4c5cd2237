"""Processes that run tools: pool, fork server, protocol, isolation."""
