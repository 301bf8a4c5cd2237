"""Composition of the tool server from its settings."""
