"""Deltas over Valkey: a capped stream for each response and one channel for each gateway instance."""

from libs.adapters.valkey.deltas.reader import ValkeyDeltaReader
from libs.adapters.valkey.deltas.writer import ValkeyDeltaWriter

__all__ = ["ValkeyDeltaReader", "ValkeyDeltaWriter"]
