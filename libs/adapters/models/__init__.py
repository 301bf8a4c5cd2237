"""Adapters of model servers."""
