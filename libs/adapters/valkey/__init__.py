"""Valkey: client, key-value store, deltas."""
